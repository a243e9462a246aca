//! Security policies of servers and connectors. They rule SSH above all, and of that AWS publishes names: so these
//! are lists, but a name that is in no list is not known rather than bad.

use hermetic_tls::SecurityPolicy;

use crate::control::Control;
use crate::subject::{Seen, Subject};
use crate::verdict::Judgement;

/// Policies of connectors that are known and in no list of good ones.
const OLD_OF_CONNECTORS: &[&str] = &["TransferSFTPConnectorSecurityPolicy-2023-07"];

/// Policies of servers that are known and in no list of good ones: experiments with drafts of Kyber.
const OLD_OF_SERVERS: &[&str] = &[
    "TransferSecurityPolicy-PQ-SSH-Experimental-2023-04",
    "TransferSecurityPolicy-PQ-SSH-FIPS-Experimental-2023-04",
];

/// Judges whether the policy is in `allowed_policies`.
pub(super) fn current(control: &Control, subject: &Subject<'_>) -> Judgement {
    judge(control, subject, "allowed_policies")
}

/// Judges whether the policy is in `pqc_policies`.
pub(super) fn post_quantum(control: &Control, subject: &Subject<'_>) -> Judgement {
    judge(control, subject, "pqc_policies")
}

fn judge(control: &Control, subject: &Subject<'_>, list: &str) -> Judgement {
    let is_server = &*subject.resource.kind == "AWS::Transfer::Server";
    if !is_server && matches!(subject.value(path!("SftpConfig")), Seen::Absent(_)) {
        return Judgement::not_applicable();
    }
    match subject.text(path!("SecurityPolicyName")) {
        Seen::Known(name, at) if is_listed(control, list, &name) => {
            Judgement::pass(format!("SecurityPolicyName is {name}"), at)
        }
        Seen::Known(name, at) if is_known(&name) => {
            Judgement::fail(format!("SecurityPolicyName is {name}"), at)
        }
        Seen::Known(name, at) => Judgement::unknown(format!("`{name}` is no policy that is known"), at),
        Seen::Absent(at) if is_server => {
            Judgement::fail("SecurityPolicyName is not set, which is TransferSecurityPolicy-2018-11", at)
        }
        Seen::Absent(at) => {
            Judgement::unknown("SecurityPolicyName is not set, and its default is not published", at)
        }
        Seen::Unknown(why, at) => Judgement::unknown(format!("SecurityPolicyName: {why}"), at),
    }
}

fn is_listed(control: &Control, list: &str, name: &str) -> bool {
    let listed = control.parameters.get(list).and_then(toml::Value::as_array);
    listed.into_iter().flatten().filter_map(toml::Value::as_str).any(|listed| listed == name)
}

fn is_known(name: &str) -> bool {
    let of_servers = |policy: &SecurityPolicy| policy.service == "transfer" && policy.name == name;
    SecurityPolicy::all().iter().any(of_servers)
        || [OLD_OF_CONNECTORS, OLD_OF_SERVERS].concat().contains(&name)
}
