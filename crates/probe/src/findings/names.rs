//! What DNS says beside it, and does not.

use std::time::Duration;

use hermetic_hop::Severity;

use super::Findings;
use crate::dns::{Answered, Dns};
use crate::judge::{Bound, Permission, bound, permission};
use crate::mail_policy::{Fetched, Mode};

pub(super) fn judge(findings: &mut Findings<'_>) {
    let Some(beside) = &findings.case.scanned.beside else { return };
    let Some(Dns { authorizations, bindings, mail, .. }) = &beside.dns else { return };
    if let Ok(Answered { records, .. }) = authorizations {
        let chains = beside.certificates.for_the_name();
        let denied =
            chains.filter_map(|chain| permission(records, chain)).find_map(|permission| match permission {
                Permission::Denied(allowed) => Some(allowed),
                _ => None,
            });
        if records.records.is_empty() {
            findings.tell("no-caa", "any public authority may issue for its name");
        } else if let Some(allowed) = denied {
            let who = if allowed.is_empty() {
                "nobody may".to_owned()
            } else {
                format!("{} may", allowed.join(", "))
            };
            findings.tell("caa-forbids", format!("who issued its certificate may not issue today: {who}"));
        }
    }
    if let Ok(records) = bindings {
        match bound(records, &beside.certificates) {
            Bound::Mismatch(chain) => findings.tell(
                "dane-mismatch",
                format!("its TLSA records are of another certificate than that with {chain}: mail that heeds them does not come"),
            ),
            Bound::NotAuthenticated => findings.tell(
                "dane-not-authenticated",
                "it has TLSA records that DNSSEC does not authenticate: they mean nothing",
            ),
            Bound::No | Bound::Unusable | Bound::Verified(_) => {}
        }
    }
    let Some(mail) = mail else { return };
    if let Ok(Answered { records: None, .. }) = mail.strict_transport {
        findings.tell(
            "no-mta-sts",
            "other mail servers are not told to insist on TLS: whoever is in between can take it away",
        );
    }
    if let Some(policy) = &mail.policy {
        mail_policy(findings, policy);
    }
    if let Ok(Answered { records: None, .. }) = mail.reports {
        findings.tell("no-tls-rpt", "nobody is told when mail can't be brought over TLS");
    }
}

/// Senders that heed a policy for less than a week ask for it too often, and forget it while it can't be had.
const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// What is wrong with the policy that other mail servers fetch.
fn mail_policy(findings: &mut Findings<'_>, fetched: &Fetched) {
    let (policy, uncovered) = match fetched {
        Fetched::Had { policy, uncovered } => (policy, uncovered),
        Fetched::Wrong(reason) => {
            return findings.tell("mta-sts-no-policy", format!("{reason}: senders go on without a policy"));
        }
        Fetched::CouldNotTell(_) => return,
    };
    match policy.mode {
        Mode::Enforce => {}
        Mode::Testing => {
            findings.tell("mta-sts-not-enforced", "its mode is `testing`: mail is brought all the same")
        }
        Mode::None => {
            findings.tell("mta-sts-not-enforced", "its mode is `none`: there is no policy any more")
        }
    }
    if policy.max_age < WEEK && policy.mode != Mode::None {
        let reason = format!("senders keep it for {} s, less than a week", policy.max_age.as_secs());
        findings.tell("mta-sts-short-lived", reason);
    }
    if let Ok(uncovered) = uncovered
        && !uncovered.is_empty()
    {
        let what = if policy.mode == Mode::Enforce { "is not brought" } else { "would not be brought" };
        let reason = format!("mail {what} to {}, which the policy does not name", super::named(uncovered));
        let severity = (policy.mode != Mode::Enforce).then_some(Severity::Low);
        findings.tell_of("mta-sts-uncovered", reason, uncovered.clone(), severity);
    }
}
