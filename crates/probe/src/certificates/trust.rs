//! Who trusts a chain.

use hermetic_tls::PeerCertificateProblem;
use jiff::Timestamp;

use super::{Extent, Link};

/// Whether a store of roots leads to a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trusted {
    /// The name of the store.
    pub store: &'static str,
    /// Whether it does; if not, the first thing that speaks against it.
    pub verdict: Result<(), PeerCertificateProblem>,
}

/// All stores' trust in a leaf over these intermediates.
pub(super) fn of(links: &[Link], extent: &Extent, at: Timestamp) -> Vec<Trusted> {
    let Some((leaf, others)) = links.split_first() else { return Vec::new() };
    let others: Vec<&[u8]> = others.iter().map(|link| link.der.as_ref()).collect();
    let trusted = |store: &super::Store| Trusted {
        store: store.name,
        verdict: store.anchors.vouch_for(&leaf.der, &others, at),
    };
    extent.stores.iter().map(trusted).collect()
}
