//! What certificates are worth to a grade.

use hermetic_x509::ocsp::Status;
use hermetic_x509::{KeyKind, KeyStrength, Revocation, Weakness};

use super::CertificateStanding;
use super::grade::of_rsa_as_strong;
use crate::certificates::{Certificates, Completion, Offered, Staple};

impl CertificateStanding {
    /// That of the chains that clients are shown who ask for the right name, the worst of each kind of fault; `None`
    /// where no leaf was to be read.
    pub fn of(certificates: &Certificates) -> Option<Self> {
        let all: Vec<&Offered> = certificates.for_the_name().collect();
        let bits = all.iter().filter_map(|chain| chain.leaf()).map(|leaf| rsa_bits(leaf.strength));
        Some(Self {
            key_bits: bits.min()?,
            is_for_name: all.iter().all(|chain| chain.is_for_name),
            distrust: all.iter().find_map(|chain| distrust(chain)),
            is_broken: all
                .iter()
                .any(|chain| weak_signature(chain).any(|algorithm| algorithm.starts_with("md"))),
            is_incomplete: all.iter().any(|chain| is_incomplete(chain)),
        })
    }
}

/// Why the first store, or anybody, does not trust it.
fn distrust(chain: &Offered) -> Option<String> {
    if let Some(Revocation { at, reason }) = revocation(chain) {
        return Some(format!("the certificate is revoked since {at}: {reason}"));
    }
    if let Some(algorithm) = weak_signature(chain).next() {
        return Some(format!("the certificate rests on a signature with {algorithm}"));
    }
    let problem = chain.trust.first()?.verdict.as_ref().err()?;
    if is_incomplete(chain) {
        return None;
    }
    let unsure = match (chain.lacks_an_issuer(), &chain.completion) {
        (true, None) => "; the certificate of an issuer is missing, and might lead to one",
        _ => "",
    };
    Some(format!("the certificate is not trusted: {problem}{unsure}"))
}

/// Whether nothing speaks against it but that issuers were not sent.
fn is_incomplete(chain: &Offered) -> bool {
    matches!(chain.completion, Some(Completion::Whole { .. }))
}

/// That its leaf or an authority on its way is revoked.
pub(super) fn revocation(chain: &Offered) -> Option<Revocation> {
    let stapled = match &chain.staple {
        Staple::Said(said) => Some(said.status),
        _ => None,
    };
    let checked = chain.revocation.iter().filter_map(|checked| checked.status.as_ref().ok().copied());
    checked.chain(stapled).find_map(|status| match status {
        Status::Revoked(revocation) => Some(revocation),
        Status::Good | Status::Unknown => None,
    })
}

fn weak_signature(chain: &Offered) -> impl Iterator<Item = &'static str> {
    let weaknesses = chain.on_the_way().flat_map(|reading| &reading.weaknesses);
    weaknesses.filter_map(|weakness| match weakness {
        Weakness::Signature(algorithm) => Some(*algorithm),
        _ => None,
    })
}

/// As of an RSA key of the same strength.
fn rsa_bits(strength: KeyStrength) -> u32 {
    match strength {
        KeyStrength { kind: KeyKind::Rsa | KeyKind::Dsa, size: Some(size), .. } => size,
        KeyStrength { security, .. } => {
            of_rsa_as_strong(security.and_then(|bits| u16::try_from(bits).ok()).unwrap_or_default())
        }
    }
}
