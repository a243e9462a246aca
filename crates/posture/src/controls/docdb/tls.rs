//! DocumentDB: `tls` in the cluster's parameter group, on by default.

use std::sync::Arc;

use crate::control::Control;
use crate::controls::parameter_group::{Attachment, Group};
use crate::controls::setting;
use crate::subject::{Seen, Subject};
use crate::verdict::Judgement;

static CLUSTERS: Attachment = Attachment {
    database: "AWS::DocDB::DBCluster",
    property: || path!("DBClusterParameterGroupName"),
    group: "AWS::DocDB::DBClusterParameterGroup",
    name: || path!("Name"),
};

/// The values with which clients need TLS.
const REQUIRED: &[&str] = &["enabled", "fips-140-3", "tls1.2+", "tls1.3+"];

/// Judges a cluster by its group, and a group that no cluster here uses by itself.
pub(super) fn judge(control: &Control, subject: &Subject<'_>) -> Judgement {
    if *subject.resource.kind == *CLUSTERS.group {
        let used = CLUSTERS.is_used(subject);
        return if used { Judgement::not_applicable() } else { judge_group(control, subject) };
    }
    match CLUSTERS.of(subject) {
        Group::Declared(group) => judge_group(control, &group),
        Group::Default(_, at) => Judgement::pass("tls is enabled by default", at),
        Group::Unknown(why, at) => Judgement::unknown(format!("tls is not known: {why}"), at),
    }
}

/// The parameter `tls` of a cluster, as its group sets it; absent where the default holds.
pub(crate) fn tls(cluster: &Subject<'_>) -> Seen<Arc<str>> {
    match CLUSTERS.of(cluster) {
        Group::Declared(group) => setting::in_map(&group, path!("Parameters"), "tls"),
        Group::Default(_, at) => Seen::Absent(at),
        Group::Unknown(why, at) => Seen::Unknown(why, at),
    }
}

fn judge_group(control: &Control, group: &Subject<'_>) -> Judgement {
    let excluded = control.parameters.get("exclude_tls_parameters").and_then(toml::Value::as_array);
    let is_excluded = |value: &str| {
        let mut excluded = excluded.into_iter().flatten().filter_map(toml::Value::as_str);
        excluded.any(|excluded| excluded.eq_ignore_ascii_case(value))
    };
    match setting::in_map(group, path!("Parameters"), "tls") {
        Seen::Known(value, at) => {
            let required = REQUIRED.iter().any(|required| required.eq_ignore_ascii_case(&value));
            if required && !is_excluded(&value) {
                Judgement::pass(format!("tls is {value}"), at)
            } else {
                Judgement::fail(format!("tls is {value}"), at)
            }
        }
        Seen::Absent(at) => Judgement::pass("tls is not set, which is enabled", at),
        Seen::Unknown(why, at) => Judgement::unknown(format!("tls: {why}"), at),
    }
}
