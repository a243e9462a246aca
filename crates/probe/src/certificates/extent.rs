//! How far the look at what stands beside the handshakes goes.

use std::sync::Arc;
use std::time::Duration;

use hermetic_tls::TrustAnchors;

use crate::dns::Resolver;

/// Somebody's roots, by a name.
#[derive(Clone, Debug)]
pub struct Store {
    /// Such as `system` or `mozilla`.
    pub name: &'static str,
    /// The roots.
    pub anchors: TrustAnchors,
}

/// How far the look goes. Nothing but the endpoint itself is asked unless it says so here.
#[derive(Clone, Debug)]
pub struct Extent {
    /// Whose trust is told of. The first counts.
    pub stores: Arc<[Store]>,
    /// Whether lists and responders are asked what is revoked.
    pub revocation: bool,
    /// Whether missing issuers are fetched from where certificates say that they are.
    pub repairs: bool,
    /// How long one fetch of these may take.
    pub within: Duration,
    /// Where cleartext HTTP is asked for, where that is not port 80 beside port 443.
    pub plain_port: Option<u16>,
    /// Where the policies of mail are, by HTTPS.
    pub policy_port: u16,
    /// Who is asked for DNS records; nobody where there is none.
    pub resolver: Option<Resolver>,
}

impl Extent {
    /// The endpoint alone, with the trust of these.
    pub fn of(stores: Vec<Store>) -> Self {
        Self {
            stores: stores.into(),
            revocation: false,
            repairs: false,
            within: Duration::from_secs(10),
            plain_port: None,
            policy_port: 443,
            resolver: None,
        }
    }

    /// The same where these roots count: as they are the first, or come before all others as the target's `own`.
    pub(crate) fn believing(&self, trust: &TrustAnchors) -> Self {
        if self.stores.first().is_some_and(|store| store.anchors == *trust) {
            return self.clone();
        }
        let own = Store { name: "own", anchors: trust.clone() };
        Self { stores: std::iter::once(own).chain(self.stores.iter().cloned()).collect(), ..self.clone() }
    }
}
