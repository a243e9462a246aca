//! What stands beside the handshakes of real servers.

mod budget;
mod chains;
mod dns;
mod faults;
mod mail_policy;
mod odd;
mod revocation;
mod staple;
mod timestamps;
mod web;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hermetic_probe::observe::Manners;
use hermetic_probe::{Beside, Depth, Extent, Scanned, Store, Target, scan};
use hermetic_tls::{RevokedCertificates, SecurityPolicy, SystemClock, SystemRandomness, TrustAnchors};

/// Scans an endpoint that must be `expected`, as far as the changed extent says.
pub fn scanned(
    endpoint: &str,
    trust: TrustAnchors,
    expected: &str,
    change: impl FnOnce(&mut Extent),
) -> Scanned {
    scanned_by(patient(), endpoint, trust, expected, change)
}

/// With far more time for an answer than a server here ever needs.
pub fn patient() -> Manners {
    Manners { answer: Duration::from_secs(20), ..Manners::default() }
}

/// The same, asked so.
pub fn scanned_by(
    manners: Manners,
    endpoint: &str,
    trust: TrustAnchors,
    expected: &str,
    change: impl FnOnce(&mut Extent),
) -> Scanned {
    let mut extent = Extent::of(vec![Store { name: "given", anchors: trust.clone() }]);
    change(&mut extent);
    let target = Target {
        endpoint: endpoint.parse().unwrap(),
        trust,
        expected: expected.parse().unwrap(),
        policy: SecurityPolicy::default_policy(),
        credential: None,
        revoked: RevokedCertificates::default(),
        extent: Some(Arc::new(extent)),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let randomness = SystemRandomness::default();
    // Wherever its name would lead to.
    let addresses = [SocketAddr::from(([127, 0, 0, 1], target.endpoint.port)).into()];
    let clock = Arc::new(SystemClock);
    runtime.block_on(scan(&target, &addresses, Depth::Full, &manners, clock, &randomness))
}

fn beside(endpoint: &str, trust: TrustAnchors, expected: &str) -> Beside {
    scanned(endpoint, trust, expected, |_| ()).beside.unwrap()
}
