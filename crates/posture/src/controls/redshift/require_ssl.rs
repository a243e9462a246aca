//! Redshift: `require_ssl` in the cluster's parameter group.

use crate::control::Control;
use crate::controls::parameter_group::{Attachment, Group};
use crate::controls::setting;
use crate::subject::{Seen, Subject};
use crate::verdict::Judgement;

static CLUSTERS: Attachment = Attachment {
    database: "AWS::Redshift::Cluster",
    property: || path!("ClusterParameterGroupName"),
    group: "AWS::Redshift::ClusterParameterGroup",
    name: || path!("ParameterGroupName"),
};

/// The family of which it is known that TLS is not required by default.
const OLD_FAMILY: &str = "redshift-1.0";

/// Judges a cluster by its group, and a group that no cluster here uses by itself.
pub(super) fn judge(_: &Control, subject: &Subject<'_>) -> Judgement {
    if *subject.resource.kind == *CLUSTERS.group {
        return if CLUSTERS.is_used(subject) { Judgement::not_applicable() } else { judge_group(subject) };
    }
    match CLUSTERS.of(subject) {
        Group::Declared(group) => judge_group(&group),
        Group::Default(Some(name), at) if name.eq_ignore_ascii_case("default.redshift-1.0") => {
            Judgement::fail(format!("{name} does not require TLS"), at)
        }
        Group::Default(Some(name), at) => {
            Judgement::unknown(format!("whether {name} requires TLS is not published"), at)
        }
        Group::Default(None, at) => Judgement::unknown(
            "no parameter group is named, and the default one hangs on when the cluster is made",
            at,
        ),
        Group::Unknown(why, at) => Judgement::unknown(format!("require_ssl is not known: {why}"), at),
    }
}

fn judge_group(group: &Subject<'_>) -> Judgement {
    let keys = (path!("ParameterName"), path!("ParameterValue"));
    match setting::in_list(group, path!("Parameters[]"), keys, "require_ssl") {
        Seen::Known(value, at) if value.eq_ignore_ascii_case("true") => {
            Judgement::pass("require_ssl is true", at)
        }
        Seen::Known(value, at) => Judgement::fail(format!("require_ssl is {value}"), at),
        Seen::Unknown(why, at) => Judgement::unknown(format!("require_ssl: {why}"), at),
        Seen::Absent(at) => match group.text(path!("ParameterGroupFamily")).known() {
            Some(family) if &*family == OLD_FAMILY => {
                Judgement::fail(format!("require_ssl is not set, which is false in {family}"), at)
            }
            _ => Judgement::unknown("require_ssl is not set, and the default of the family is not known", at),
        },
    }
}
