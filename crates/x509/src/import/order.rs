//! The order of a chain: each certificate signed by the next.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use super::ChainError;
use super::link::Link;

/// Checks the order of the certificates behind a leaf; the error has the right one, if there is one.
pub(super) fn check(leaf: &Link<'_>, chain: &[Link<'_>]) -> Result<(), ChainError> {
    let ahead = std::iter::once(leaf).chain(chain);
    if ahead.zip(chain).all(|(signed, signer)| signer.is_named_by(signed)) {
        return Ok(());
    }
    let mut left: Vec<&Link<'_>> = chain.iter().collect();
    let mut right = Vec::new();
    let mut last = leaf;
    while let Some(place) = place_of_signer(last, &left) {
        last = left.remove(place);
        right.push(last.certificate.clone());
    }
    match left.first() {
        None => Err(ChainError::Order { right }),
        Some(stranger) => Err(ChainError::Stranger {
            stranger: stranger.name(),
            last: last.name(),
            needed: last.details.issuer.to_string(),
        }),
    }
}

/// Where the signer of a certificate stands. An authority that changed its key has several certificates of
/// one name; only one of them has the key.
fn place_of_signer(signed: &Link<'_>, candidates: &[&Link<'_>]) -> Option<usize> {
    if signed.details.is_self_issued() && signed.signed(signed) {
        return None;
    }
    let by_key =
        candidates.iter().position(|candidate| candidate.is_named_by(signed) && candidate.signed(signed));
    by_key.or_else(|| candidates.iter().position(|candidate| candidate.is_named_by(signed)))
}
