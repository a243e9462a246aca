//! How far a scan looks beside the handshakes, from what was typed.

use std::time::Duration;

use hermetic_probe::dns::Resolver;
use hermetic_probe::{Extent, Store};
use hermetic_tls::TrustAnchors;

use crate::arguments::{Resolver as Asked, Scan};

/// How long the resolver may take for an answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// The extent of a scan. The roots that are believed come first.
pub fn of(arguments: &Scan, trust: &TrustAnchors) -> Extent {
    let first = if arguments.trust.is_some() { "given" } else { "system" };
    let mut stores = vec![Store { name: first, anchors: trust.clone() }];
    if arguments.trust.is_some() {
        stores.extend(TrustAnchors::system().ok().map(|anchors| Store { name: "system", anchors }));
    }
    stores.extend(TrustAnchors::mozilla().ok().map(|anchors| Store { name: "mozilla", anchors }));
    Extent {
        revocation: arguments.revocation,
        repairs: arguments.aia,
        within: arguments.timeout.max(Duration::from_secs(1)),
        plain_port: arguments.http_port,
        resolver: match arguments.dns {
            Some(Asked::Off) => None,
            Some(Asked::At(address)) => Some(Resolver::new(address, PATIENCE)),
            // A system without a resolver has no DNS to ask.
            None => Resolver::system(PATIENCE).ok(),
        },
        ..Extent::of(stores)
    }
}
