//! What DNS says beside it, and does not.

use super::Findings;
use crate::dns::{Answered, Dns};
use crate::judge::{Bound, Permission, bound, permission};

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
    if let Ok(Answered { records: None, .. }) = mail.reports {
        findings.tell("no-tls-rpt", "nobody is told when mail can't be brought over TLS");
    }
}
