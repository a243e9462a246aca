//! The certificates behind a leaf: in order, each signed by the next, and each next one allowed to.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use hermetic_keys::SignatureAlgorithm;
use hermetic_tls::Certificate;
use jiff::Timestamp;
use x509_cert::ext::pkix::SubjectAltName;

use super::ChainError;
use super::link::Link;
use super::order;
use crate::certificate::AuthorityCertificate;
use crate::material::called;
use crate::weaknesses::weak_algorithm;

/// What AWS takes of a certificate and of a chain at most, as PEM, in bytes.
pub(super) const MOST_CERTIFICATE: usize = 32_768;
pub(super) const MOST_CHAIN: usize = 2 << 20;
/// How many certificates a chain has at most. Real ones have up to five; to find the right order of a long one
/// takes a signature to verify for each pair.
pub(super) const MOST_LINKS: usize = 100;

/// Checks a leaf, which may be an authority, and those behind it.
pub(super) fn check(leaf: &Certificate, chain: &[Certificate], now: Timestamp) -> Result<(), ChainError> {
    sizes(leaf, chain)?;
    if chain.contains(leaf) {
        return Err(ChainError::LeafInChain(called(leaf)));
    }
    let leaf = Link::read(leaf)?;
    let chain = chain.iter().map(Link::read).collect::<Result<Vec<_>, _>>()?;
    for link in std::iter::once(&leaf).chain(&chain) {
        alone(link, now)?;
    }
    order::check(&leaf, &chain)?;
    let authorities = authorities(&leaf, &chain)?;
    for (link, (_, authority)) in std::iter::once(&leaf).chain(&chain).zip(&authorities) {
        signature(link, authority)?;
    }
    // Whoever claims to have signed themselves did.
    if let Some(last) = chain.last().or(Some(&leaf)).filter(|last| last.is_forged()) {
        return Err(ChainError::Signature { certificate: last.name(), issuer: last.name() });
    }
    reach(&leaf, &authorities)
}

fn sizes(leaf: &Certificate, chain: &[Certificate]) -> Result<(), ChainError> {
    if chain.len() > MOST_LINKS {
        return Err(ChainError::ManyLinks(chain.len()));
    }
    let mut whole = 0;
    for certificate in std::iter::once(leaf).chain(chain) {
        let size = certificate.to_pem().len();
        if size > MOST_CERTIFICATE {
            return Err(ChainError::LongCertificate { certificate: called(certificate), size });
        }
        whole += size;
    }
    let whole = whole - leaf.to_pem().len();
    if whole > MOST_CHAIN { Err(ChainError::LongChain(whole)) } else { Ok(()) }
}

/// What each certificate must be by itself.
fn alone(link: &Link<'_>, now: Timestamp) -> Result<(), ChainError> {
    let certificate = link.name();
    let version = link.details.version;
    if version != 3 {
        return Err(ChainError::Version { certificate, version });
    }
    let (from, at) = (link.details.validity.begin(), link.details.validity.end());
    if now < from {
        return Err(ChainError::NotYetValid { certificate, from });
    }
    if at < now {
        return Err(ChainError::Expired { certificate, at });
    }
    Ok(())
}

/// Those behind the leaf, as authorities.
fn authorities<'a>(
    leaf: &Link<'_>,
    chain: &'a [Link<'a>],
) -> Result<Vec<(&'a Link<'a>, AuthorityCertificate)>, ChainError> {
    let signed = std::iter::once(leaf).chain(chain);
    signed
        .zip(chain)
        .map(|(signed, link)| {
            let authority = AuthorityCertificate::from_der(&link.certificate.der);
            let why = |why| ChainError::Authority { certificate: signed.name(), why };
            Ok((link, authority.map_err(why)?))
        })
        .collect()
}

fn signature(link: &Link<'_>, issuer: &AuthorityCertificate) -> Result<(), ChainError> {
    let signed = &link.details.signed;
    let certificate = link.name();
    let Some(algorithm) = SignatureAlgorithm::of_identifier(&signed.algorithm) else {
        return Err(match weak_algorithm(&signed.algorithm) {
            Some(algorithm) => ChainError::WeakSignature { certificate, algorithm },
            None => ChainError::UnknownSignature { certificate, algorithm: signed.algorithm.oid.to_string() },
        });
    };
    if issuer.key().verifies(algorithm, &signed.to_be_signed, &signed.signature) {
        Ok(())
    } else {
        Err(ChainError::Signature { certificate, issuer: issuer.subject().to_string() })
    }
}

/// How far each authority reaches: down how many authorities, and to which names (RFC 5280 sections 4.2.1.9
/// and 4.2.1.10).
fn reach(leaf: &Link<'_>, authorities: &[(&Link<'_>, AuthorityCertificate)]) -> Result<(), ChainError> {
    let mut below = vec![leaf];
    for (link, authority) in authorities {
        let count = below
            .iter()
            .filter(|link| link.certificate.is_authority && !link.details.is_self_issued())
            .count();
        if let Some(most) = authority.path_length().filter(|most| count > usize::from(*most)) {
            return Err(ChainError::PathLength { authority: link.name(), most, count });
        }
        for link_below in &below {
            names(link_below, link, authority)?;
        }
        below.push(link);
    }
    Ok(())
}

fn names(below: &Link<'_>, link: &Link<'_>, authority: &AuthorityCertificate) -> Result<(), ChainError> {
    let Some(constraints) = authority.name_constraints() else { return Ok(()) };
    let certificate = below.name();
    let alternative = below.details.extension::<SubjectAltName>();
    let alternative = alternative.map_err(|error| ChainError::Unreadable {
        certificate: certificate.clone(),
        why: error.to_string(),
    })?;
    let alternative = alternative.map(|(_, SubjectAltName(names))| names).unwrap_or_default();
    match constraints.breaches(&below.details.subject, &alternative).into_iter().next() {
        Some(breach) => Err(ChainError::Names { authority: link.name(), certificate, breach }),
        None => Ok(()),
    }
}
