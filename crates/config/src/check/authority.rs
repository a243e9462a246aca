//! What is asked of the authority, and where others learn what became of its certificates.

use std::net::SocketAddr;

use hermetic_x509::publication::Site;

use super::Check;
use crate::model::Authority;
use crate::period::Period;
use crate::written;
use crate::written::authority::RenewAt;
use crate::written::table::Optional;

impl Check<'_, '_> {
    /// `[authority]`, whole.
    pub(super) fn authority(&mut self, written: &written::File) -> Option<Authority> {
        let at = match &written.authority {
            Optional::Absent => return Some(Authority::default()),
            Optional::Wrong => return None,
            Optional::Written(at) => &at.value,
        };
        let usual = Authority::default();
        let url = self.url(at);
        Some(Authority {
            trust_domain: at.trust_domain.or(usual.trust_domain)?,
            lifetime: at.lifetime.or(Period(usual.lifetime))?.0,
            issuer: at.issuer.or(usual.issuer)?,
            publish: at.publish.if_any()?,
            url: url?,
            crl_lifetime: at.crl_lifetime.or(Period(usual.crl_lifetime))?.0,
            ocsp_lifetime: at.ocsp_lifetime.or(Period(usual.ocsp_lifetime))?.0,
            renew_at: at.renew_at.or(RenewAt(usual.renew_at))?.0,
            expiry_warning: at.expiry_warning.or(Period(usual.expiry_warning))?.0,
        })
    }

    /// Where certificates say that CRLs and OCSP are: as written, or the address itself. What is published
    /// and stands nowhere is found by nobody.
    fn url(&mut self, at: &written::Authority) -> Option<Option<Site>> {
        let publish = match (&at.url, &at.publish) {
            (Optional::Wrong, _) | (_, Optional::Wrong) => return None,
            (Optional::Written(url), _) => return Some(Some(url.value.clone())),
            (Optional::Absent, Optional::Absent) => return Some(None),
            (Optional::Absent, Optional::Written(publish)) => publish,
        };
        let url = site_at(publish.value);
        if url.is_none() {
            let message = format!("under which URL others reach `{}` can't be told from it", publish.value);
            let hint = format!("add `url = \"http://pki.example.com:{}\"`", publish.value.port());
            self.problems.tell(publish.at, message, hint);
        }
        url.map(Some)
    }
}

/// The site at this address, where it is one that others can take as it stands.
fn site_at(address: SocketAddr) -> Option<Site> {
    let known = !address.ip().is_unspecified() && address.port() != 0;
    known.then(|| format!("http://{address}").parse().ok()).flatten()
}
