//! Databases that refuse clients without TLS, by one parameter of their group.

use std::sync::Arc;

use super::database::{CLUSTERS, INSTANCES, Source, engine, source, version};
use crate::control::Control;
use crate::controls::parameter_group::{Attachment, Group};
use crate::controls::setting;
use crate::span::Span;
use crate::subject::{Seen, Subject};
use crate::value::Unknown;
use crate::verdict::Judgement;
use crate::version::Version;

/// What a family of engines needs.
struct Requirement {
    /// Instances or clusters.
    attachment: &'static Attachment,
    /// Whether an engine belongs to it.
    engine: fn(&str) -> bool,
    /// Whether the family of a parameter group does.
    family: fn(&str) -> bool,
    /// The parameter.
    parameter: &'static str,
    /// What the parameter must be; the first is what remedies write.
    wanted: &'static [&'static str],
    /// From which version on it holds where nothing is written; none where it never does.
    default_from: fn(&str) -> Option<Version>,
    /// The first version that has the parameter at all.
    capable_from: Option<Version>,
}

/// How RDS shows that a boolean parameter is on.
const ON: &[&str] = &["1", "true", "on"];

static POSTGRES: Requirement = Requirement {
    attachment: &INSTANCES,
    engine: |engine| engine == "postgres",
    family: |family| family.starts_with("postgres"),
    parameter: "rds.force_ssl",
    wanted: ON,
    default_from: |_| Some(Version(15, 0, 0)),
    capable_from: None,
};

static MYSQL: Requirement = Requirement {
    attachment: &INSTANCES,
    engine: |engine| engine == "mysql",
    family: |family| family.starts_with("mysql"),
    parameter: "require_secure_transport",
    wanted: ON,
    default_from: |_| None,
    capable_from: None,
};

static MARIADB: Requirement = Requirement {
    attachment: &INSTANCES,
    engine: |engine| engine == "mariadb",
    family: |family| family.starts_with("mariadb"),
    parameter: "require_secure_transport",
    wanted: ON,
    default_from: |_| Some(Version(11, 8, 0)),
    capable_from: Some(Version(10, 5, 0)),
};

static SQLSERVER: Requirement = Requirement {
    attachment: &INSTANCES,
    engine: |engine| engine.starts_with("sqlserver-"),
    family: |family| family.starts_with("sqlserver-"),
    parameter: "rds.force_ssl",
    wanted: ON,
    default_from: |_| None,
    capable_from: None,
};

static DB2: Requirement = Requirement {
    attachment: &INSTANCES,
    engine: |engine| engine.starts_with("db2-"),
    family: |family| family.starts_with("db2-"),
    parameter: "db2comm",
    wanted: &["ssl"],
    default_from: |_| None,
    capable_from: None,
};

static POSTGRES_CLUSTERS: Requirement = Requirement {
    attachment: &CLUSTERS,
    engine: |engine| engine == "aurora-postgresql" || engine == "postgres",
    family: |family| family.starts_with("aurora-postgresql") || family.starts_with("postgres"),
    parameter: "rds.force_ssl",
    wanted: ON,
    // Aurora turned it on two versions later than RDS.
    default_from: |engine| Some(Version(if engine.starts_with("aurora") { 17 } else { 15 }, 0, 0)),
    capable_from: None,
};

static MYSQL_CLUSTERS: Requirement = Requirement {
    attachment: &CLUSTERS,
    engine: |engine| matches!(engine, "aurora-mysql" | "aurora" | "mysql"),
    family: |family| ["aurora-mysql", "aurora5", "mysql"].iter().any(|begin| family.starts_with(begin)),
    parameter: "require_secure_transport",
    wanted: ON,
    default_from: |_| None,
    capable_from: None,
};

pub(super) fn postgres(_: &Control, subject: &Subject<'_>) -> Judgement {
    POSTGRES.judge(subject)
}

pub(super) fn mysql(_: &Control, subject: &Subject<'_>) -> Judgement {
    MYSQL.judge(subject)
}

pub(super) fn mariadb(_: &Control, subject: &Subject<'_>) -> Judgement {
    MARIADB.judge(subject)
}

pub(super) fn sqlserver(_: &Control, subject: &Subject<'_>) -> Judgement {
    SQLSERVER.judge(subject)
}

pub(super) fn db2(_: &Control, subject: &Subject<'_>) -> Judgement {
    DB2.judge(subject)
}

pub(super) fn postgres_clusters(_: &Control, subject: &Subject<'_>) -> Judgement {
    POSTGRES_CLUSTERS.judge(subject)
}

pub(super) fn mysql_clusters(_: &Control, subject: &Subject<'_>) -> Judgement {
    MYSQL_CLUSTERS.judge(subject)
}

impl Requirement {
    fn judge(&self, subject: &Subject<'_>) -> Judgement {
        if *subject.resource.kind == *self.attachment.group {
            self.judge_group(subject)
        } else {
            self.judge_database(subject)
        }
    }

    fn judge_database(&self, database: &Subject<'_>) -> Judgement {
        // The members of a cluster have its parameters.
        if *database.resource.kind == *"AWS::RDS::DBInstance"
            && !matches!(database.value(path!("DBClusterIdentifier")), Seen::Absent(_))
        {
            return Judgement::not_applicable();
        }
        let engine = match engine(database) {
            Seen::Known(engine, _) if (self.engine)(&engine) => engine,
            Seen::Known(..) | Seen::Absent(_) => return Judgement::not_applicable(),
            Seen::Unknown(why, at) => {
                return Judgement::unknown(format!("the engine is not known: {why}"), at);
            }
        };
        let version = version(database);
        match self.group(database) {
            Group::Declared(group) => {
                let version = version.or_else(|| Version::at_end(&group.text(path!("Family")).known()?));
                self.judge_setting(&engine, version, self.setting(&group))
            }
            Group::Default(name, at) => {
                let version = version.or_else(|| Version::at_end(&name?));
                self.judge_setting(&engine, version, Seen::Absent(at))
            }
            Group::Unknown(why, at) => {
                Judgement::unknown(format!("{} is not known: {why}", self.parameter), at)
            }
        }
    }

    /// A replica in its source's Region has its source's group where it names none.
    fn group<'g>(&self, database: &Subject<'g>) -> Group<'g> {
        match (self.attachment.of(database), source(database)) {
            (Group::Default(None, _), Source::Declared(source)) => self.attachment.of(&source),
            (Group::Default(None, at), Source::Elsewhere) => {
                let why = "it is that of the database that this one replicates, which is not declared here";
                Group::Unknown(Arc::new(Unknown::Because(why.into())), at)
            }
            (group, _) => group,
        }
    }

    /// A group that no database in the code uses is judged by what it would do to one of its family.
    fn judge_group(&self, group: &Subject<'_>) -> Judgement {
        if self.attachment.is_used(group) {
            return Judgement::not_applicable();
        }
        match group.text(path!("Family")) {
            Seen::Known(family, _) if (self.family)(&family) => {
                self.judge_setting(&family, Version::at_end(&family), self.setting(group))
            }
            Seen::Known(..) | Seen::Absent(_) => Judgement::not_applicable(),
            Seen::Unknown(why, at) => Judgement::unknown(format!("the family is not known: {why}"), at),
        }
    }

    fn setting(&self, group: &Subject<'_>) -> Seen<Arc<str>> {
        setting::in_map(group, path!("Parameters"), self.parameter)
    }

    fn judge_setting(&self, engine: &str, version: Option<Version>, set: Seen<Arc<str>>) -> Judgement {
        let parameter = self.parameter;
        if let (Some(version), Some(first)) = (version, self.capable_from)
            && version < first
        {
            return Judgement::fail(format!("this version of {engine} has no {parameter}"), set.at());
        }
        match set {
            Seen::Known(value, at) if self.wanted.iter().any(|on| value.trim().eq_ignore_ascii_case(on)) => {
                Judgement::pass(format!("{parameter} is {value}"), at)
            }
            Seen::Known(value, at) => Judgement::fail(format!("{parameter} is {value}"), at),
            Seen::Unknown(why, at) => Judgement::unknown(format!("{parameter}: {why}"), at),
            Seen::Absent(at) => self.judge_default(engine, version, at),
        }
    }

    fn judge_default(&self, engine: &str, version: Option<Version>, at: Span) -> Judgement {
        let parameter = self.parameter;
        match ((self.default_from)(engine), version) {
            (None, _) => Judgement::fail(
                format!("{parameter} is not set, and {engine} takes clients without TLS then"),
                at,
            ),
            (Some(first), Some(version)) if version >= first => {
                Judgement::pass(format!("{parameter} is on by default from version {} on", first.0), at)
            }
            (Some(_), Some(_)) => Judgement::fail(
                format!(
                    "{parameter} is not set, and this version of {engine} takes clients without TLS then"
                ),
                at,
            ),
            (Some(_), None) => Judgement::unknown(
                format!("{parameter} is not set, and its default hangs on the version, which is not known"),
                at,
            ),
        }
    }
}
