//! The certificate authority, and what is asked of it.

use std::net::SocketAddr;
use std::time::Duration;

use hermetic_hop::PartyName;
use hermetic_tls::TrustDomain;
use hermetic_x509::publication::{AuthorityName, Site};

use super::{Fraction, Name};

/// `[authority]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    /// The trust domain of SPIFFE IDs.
    pub trust_domain: TrustDomain,
    /// The lifetime of leaf certificates where a profile says nothing else.
    pub lifetime: Duration,
    /// Who signs what is issued here where nothing else is said.
    pub issuer: AuthorityName,
    /// Where CRLs, OCSP answers and certificates of authorities are served; `None`: not by this node.
    pub publish: Option<SocketAddr>,
    /// Where certificates say that these are; always there with `publish`. `None`: they say nothing of it.
    pub url: Option<Site>,
    /// From one CRL's date to the date by which the next one comes.
    pub crl_lifetime: Duration,
    /// The same of OCSP answers.
    pub ocsp_lifetime: Duration,
    /// The part of its life after which a certificate is renewed.
    pub renew_at: Fraction,
    /// How long before its end a certificate is told of.
    pub expiry_warning: Duration,
}

/// By whom a certificate is issued, and as what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuance {
    /// The authority's name.
    pub issuer: AuthorityName,
    /// The profile; always one of the configuration's.
    pub profile: Name,
}

/// As whom we present ourselves to an upstream: `spiffe://<trust domain>/<party>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presented {
    /// The last part of the SPIFFE ID.
    pub party: PartyName,
    /// Where the certificate for it comes from.
    pub issuance: Issuance,
}

impl Default for Authority {
    /// What holds where nothing is written.
    fn default() -> Self {
        const HOUR: u64 = 3600;
        Self {
            trust_domain: TrustDomain::default(),
            lifetime: Duration::from_secs(24 * HOUR),
            issuer: AuthorityName::intermediate(),
            publish: None,
            url: None,
            // AWS Private CA's.
            crl_lifetime: Duration::from_secs(7 * 24 * HOUR),
            ocsp_lifetime: Duration::from_secs(24 * HOUR),
            renew_at: Fraction::TWO_THIRDS,
            // `daysToExpiration` of AWS Config's acm-certificate-expiration-check.
            expiry_warning: Duration::from_secs(14 * 24 * HOUR),
        }
    }
}
