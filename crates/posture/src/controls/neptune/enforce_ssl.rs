//! Neptune: `neptune_enforce_ssl` in the cluster's parameter group, on by default.

use hermetic_hop::Severity;

use crate::control::Control;
use crate::controls::parameter_group::{Attachment, Group};
use crate::controls::setting;
use crate::subject::{Seen, Subject};
use crate::verdict::Judgement;
use crate::version::Version;

static CLUSTERS: Attachment = Attachment {
    database: "AWS::Neptune::DBCluster",
    property: || path!("DBClusterParameterGroupName"),
    group: "AWS::Neptune::DBClusterParameterGroup",
    name: || path!("Name"),
};

/// From here on the engine requires TLS whatever the parameter says (1.0.4.0).
const ALWAYS: Version = Version(1, 0, 4);

/// Judges a cluster by its group, and a group that no cluster here uses by itself.
pub(super) fn judge(_: &Control, subject: &Subject<'_>) -> Judgement {
    if *subject.resource.kind == *CLUSTERS.group {
        let used = CLUSTERS.is_used(subject);
        return if used { Judgement::not_applicable() } else { judge_group(subject, None) };
    }
    let version = subject.text(path!("EngineVersion")).known();
    match CLUSTERS.of(subject) {
        Group::Declared(group) => judge_group(&group, version.and_then(|version| Version::read(&version))),
        Group::Default(_, at) => Judgement::pass("neptune_enforce_ssl is 1 by default", at),
        Group::Unknown(why, at) => Judgement::unknown(format!("neptune_enforce_ssl is not known: {why}"), at),
    }
}

fn judge_group(group: &Subject<'_>, version: Option<Version>) -> Judgement {
    match setting::in_map(group, path!("Parameters"), "neptune_enforce_ssl") {
        Seen::Known(value, at) if matches!(&*value, "1" | "true") => {
            Judgement::pass(format!("neptune_enforce_ssl is {value}"), at)
        }
        Seen::Known(value, at) => {
            let fail =
                |effect: &str| Judgement::fail(format!("neptune_enforce_ssl is {value}; {effect}"), at);
            match version {
                Some(version) if version < ALWAYS => {
                    fail("this engine takes clients in clear text then").weighing(Severity::Critical)
                }
                Some(_) => fail(
                    "this engine requires TLS all the same, but an older one restored with this group would not",
                ),
                None => fail("an engine before 1.0.4.0 takes clients in clear text then"),
            }
        }
        Seen::Absent(at) => Judgement::pass("neptune_enforce_ssl is not set, which is 1", at),
        Seen::Unknown(why, at) => Judgement::unknown(format!("neptune_enforce_ssl: {why}"), at),
    }
}
