//! Route 53 Resolver: questions to name servers.

mod protocol;

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[control!("route53resolver-endpoint-doh", protocol::judge)];
