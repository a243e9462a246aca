//! The lowest TLS version that a database engine takes, by its parameter group.

use std::sync::Arc;

use crate::control::Control;
use crate::controls::setting;
use crate::span::Span;
use crate::subject::{Seen, Subject};
use crate::verdict::Judgement;
use crate::version::Version;

/// Versions of TLS as engines name them, lowest first.
const VERSIONS: &[&str] = &["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];

/// Judges a parameter group by the parameters that its family has.
pub(super) fn judge(control: &Control, group: &Subject<'_>) -> Judgement {
    let least = control.parameters.get("minimum").and_then(toml::Value::as_str);
    let least = least.and_then(rank).unwrap_or(2);
    let set = |name: &str| setting::in_map(group, path!("Parameters"), name);
    match group.text(path!("Family")) {
        Seen::Known(family, at) => match family.to_ascii_lowercase() {
            family if family.contains("postgres") => {
                at_least(&family, set("ssl_min_protocol_version"), least)
            }
            family if family.starts_with("sqlserver") => {
                disabled("rds.tls10", set("rds.tls10")).and(disabled("rds.tls11", set("rds.tls11")))
            }
            family if ["mysql", "mariadb", "aurora"].iter().any(|begin| family.starts_with(begin)) => {
                contains_none_below(&family, at, set("tls_version"), least)
            }
            _ => Judgement::not_applicable(),
        },
        Seen::Absent(_) => Judgement::not_applicable(),
        Seen::Unknown(why, at) => Judgement::unknown(format!("the family is not known: {why}"), at),
    }
}

/// PostgreSQL has one floor, whose default is TLS 1.2 from version 13 on (PostgreSQL 13 release notes).
fn at_least(family: &str, set: Seen<Arc<str>>, least: usize) -> Judgement {
    let has_default = Version::at_end(family).is_some_and(|version| version >= Version(13, 0, 0));
    match set {
        Seen::Known(version, at) => match rank(&version) {
            Some(rank) if rank >= least => {
                Judgement::pass(format!("ssl_min_protocol_version is {version}"), at)
            }
            _ => Judgement::fail(format!("ssl_min_protocol_version is {version}"), at),
        },
        Seen::Absent(at) if !has_default => Judgement::unknown(
            format!("ssl_min_protocol_version is not set, and what {family} takes then is not known"),
            at,
        ),
        Seen::Absent(at) if least <= 2 => {
            Judgement::pass("ssl_min_protocol_version is not set, which is TLSv1.2", at)
        }
        Seen::Absent(at) => Judgement::fail("ssl_min_protocol_version is not set, which is TLSv1.2", at),
        Seen::Unknown(why, at) => Judgement::unknown(format!("ssl_min_protocol_version: {why}"), at),
    }
}

/// MySQL and its kin list all versions that they take.
fn contains_none_below(family: &str, group: Span, set: Seen<Arc<str>>, least: usize) -> Judgement {
    match set {
        Seen::Known(versions, at) => {
            let below = |version: &&str| rank(version).is_none_or(|rank| rank < least);
            match versions.split(',').map(str::trim).find(below) {
                Some(version) => Judgement::fail(format!("tls_version allows {version}"), at),
                None => Judgement::pass(format!("tls_version is {versions}"), at),
            }
        }
        // MySQL 8.0.28 and Aurora MySQL 3 have neither TLS 1.0 nor 1.1; 5.7 has both.
        Seen::Absent(_) if family.contains("mysql8") && least <= 2 => {
            Judgement::pass("tls_version is not set, and MySQL 8 has nothing below TLS 1.2", group)
        }
        Seen::Absent(at) if family.contains("mysql5") || family.starts_with("aurora5") => {
            Judgement::fail(format!("tls_version is not set, and {family} takes TLS 1.0 and 1.1 then"), at)
        }
        Seen::Absent(at) => Judgement::unknown(
            format!("tls_version is not set, and what {family} takes then hangs on its minor version"),
            at,
        ),
        Seen::Unknown(why, at) => Judgement::unknown(format!("tls_version: {why}"), at),
    }
}

/// SQL Server has a switch for each old version, and leaves it to the operating system by default.
fn disabled(parameter: &str, set: Seen<Arc<str>>) -> Judgement {
    match set {
        Seen::Known(state, at) if state.eq_ignore_ascii_case("disabled") => {
            Judgement::pass(format!("{parameter} is disabled"), at)
        }
        Seen::Known(state, at) => Judgement::fail(format!("{parameter} is {state}"), at),
        Seen::Absent(at) => Judgement::fail(format!("{parameter} is not set to disabled"), at),
        Seen::Unknown(why, at) => Judgement::unknown(format!("{parameter}: {why}"), at),
    }
}

fn rank(version: &str) -> Option<usize> {
    VERSIONS.iter().position(|known| known.eq_ignore_ascii_case(version.trim()))
}
