//! Domains of one's own in front of APIs.

use std::sync::Arc;

use crate::control::Control;
use crate::controls::tls_policy;
use crate::subject::{Seen, Subject};
use crate::test::TlsFloor;
use crate::verdict::Judgement;

use super::endpoint;

/// Whether a domain has a policy that is listed; where none is, one that allows nothing below TLS 1.2.
pub(super) fn judge_policy(control: &Control, subject: &Subject<'_>) -> Judgement {
    let listed = control.listed("allowed_security_policies");
    let judged = |policy: &str, property: &str, at| {
        tls_policy::judge(&endpoint::floor(policy), &listed, policy, property, at)
    };
    subject.text(path!("SecurityPolicy")).judge(
        "SecurityPolicy",
        |policy, at| judged(&policy, "SecurityPolicy", at),
        |at| judged("TLS_1_2", "SecurityPolicy where nothing is written", at),
    )
}

/// Whether clients may agree on keys by a post-quantum group.
pub(super) fn judge_post_quantum(_: &Control, subject: &Subject<'_>) -> Judgement {
    match subject.resource.kind.ends_with("Api") {
        true => endpoint::where_on(subject, Judgement::not_applicable(), || offers_post_quantum(subject)),
        false => offers_post_quantum(subject),
    }
}

fn offers_post_quantum(subject: &Subject<'_>) -> Judgement {
    subject.text(path!("SecurityPolicy")).judge(
        "SecurityPolicy",
        |policy, at| {
            let floor = TlsFloor { post_quantum: true, ..endpoint::floor(&policy) };
            tls_policy::judge(&floor, &[], &policy, "SecurityPolicy", at)
        },
        |at| {
            Judgement::fail(
                "SecurityPolicy is not set, and the default offers no post-quantum key exchange",
                at,
            )
        },
    )
}

/// Whether a domain that has to asks for client certificates, and cannot be walked around.
pub(super) fn judge_mutual_tls(control: &Control, subject: &Subject<'_>) -> Judgement {
    let listed = control.listed("domains_requiring_mtls");
    let uri = match subject.value(path!("MutualTlsAuthentication.TruststoreUri")) {
        Seen::Absent(_) if listed.is_empty() => return Judgement::not_applicable(),
        Seen::Absent(at) => {
            let asks = |name: Option<Arc<str>>| name.is_some_and(|name| listed.contains(&&*name));
            let none = || Judgement::fail("it asks clients for no certificate", at);
            return subject.text(path!("DomainName")).judge_if("DomainName", asks, none);
        }
        set => Judgement::pass("it asks clients for a certificate", set.at()),
    };
    let version = match subject.value(path!("MutualTlsAuthentication.TruststoreVersion")) {
        Seen::Absent(at) => {
            Judgement::fail("TruststoreVersion is not set: whoever writes the file chooses whom to trust", at)
        }
        set => Judgement::pass("TruststoreVersion is set", set.at()),
    };
    uri.and(version)
        .and(endpoint::mapped_apis(subject).into_iter().map(|api| endpoint::is_closed(&api)).collect())
}
