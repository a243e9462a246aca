//! Which of several certificates is the leaf, and whose key the key is.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use hermetic_keys::{PrivateKey, PublicKey};
use hermetic_tls::Certificate;

use super::{Certified, Contents, Material, MaterialError};
use crate::details::CertificateDetails;

/// The leaf and those behind it, in the order in which they were found.
pub(super) fn certified(mut certificates: Vec<Certificate>) -> Result<Certified, MaterialError> {
    let leaf = match places_of_leaves(&certificates).as_slice() {
        [] => return Err(MaterialError::NoCertificate),
        [place] => *place,
        several => {
            let names = several.iter().filter_map(|place| certificates.get(*place)).map(called).collect();
            return Err(MaterialError::SeveralLeaves(names));
        }
    };
    let leaf = certificates.remove(leaf);
    Ok(Certified { leaf, chain: certificates })
}

/// The leaf with its key.
pub(super) fn material(contents: Contents) -> Result<Material, MaterialError> {
    let certified = certified(contents.certificates)?;
    let mut keys = contents.keys;
    match (keys.pop(), keys.len()) {
        (None, _) => Err(MaterialError::NoKey),
        (Some(key), 0) => joined(certified, key),
        (Some(_), others) => Err(MaterialError::SeveralKeys(others + 1)),
    }
}

/// The leaf and a key, which must be its.
pub(super) fn joined(certified: Certified, key: PrivateKey) -> Result<Material, MaterialError> {
    let is_its = |certificate: &&Certificate| is_of(key.public_key(), certificate);
    if is_its(&&certified.leaf) {
        return Ok(Material { certified, key });
    }
    let owner = certified.chain.iter().find(is_its).map(called);
    Err(MaterialError::KeyOfAnother { leaf: called(&certified.leaf), owner })
}

/// What a certificate goes by: its subject, or its first name, or its serial number.
pub(crate) fn called(certificate: &Certificate) -> String {
    if !certificate.subject.is_empty() {
        return certificate.subject.clone();
    }
    match certificate.identities.first() {
        Some(identity) => identity.to_string(),
        None => format!("serial {}", certificate.serial),
    }
}

/// Those that issued no other. Among them, parties come before authorities: some root that nothing here needs
/// lies in many a bundle.
fn places_of_leaves(certificates: &[Certificate]) -> Vec<usize> {
    let issued_another = |certificate: &Certificate| {
        !certificate.subject.is_empty()
            && certificates.iter().any(|other| other != certificate && other.issuer == certificate.subject)
    };
    let places = |wanted: &dyn Fn(&Certificate) -> bool| -> Vec<usize> {
        let numbered = certificates.iter().enumerate();
        numbered.filter(|(_, one)| !issued_another(one) && wanted(one)).map(|(place, _)| place).collect()
    };
    let parties = places(&|certificate| !certificate.is_authority);
    if parties.is_empty() { places(&|_| true) } else { parties }
}

/// However it is marked there: some authorities leave out the empty parameters of RSA.
fn is_of(key: &PublicKey, certificate: &Certificate) -> bool {
    let details = CertificateDetails::read(&certificate.der).ok();
    details.and_then(|details| PublicKey::new(details.key_info).ok()).as_ref() == Some(key)
}
