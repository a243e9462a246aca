//! Routes: which way requests and connections go.

use std::sync::Arc;

use hermetic_hop::PartyName;
use hermetic_permit::{Enforcement, PolicyDocument};

/// Which way requests go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The hosts that it takes; `None`: any.
    pub host: Option<HostPattern>,
    /// The path prefix that it takes; `/` takes all. `/api` takes `/api` and `/api/…`, not `/apis`.
    pub path: String,
    /// Where to.
    pub to: Destination,
    /// The policy document that is written at it.
    pub policy_document: Option<Arc<PolicyDocument>>,
    /// What the policy documents on its way deny: the listener's, its own and the upstream's. `None` where there
    /// are none.
    pub enforcement: Option<Arc<Enforcement>>,
}

impl Route {
    /// The upstream that it leads to, if it leads to one.
    pub fn upstream(&self) -> Option<&PartyName> {
        match &self.to {
            Destination::Upstream(name) => Some(name),
            Destination::Path => None,
        }
    }
}

/// An exact host, or `*.` and a parent domain. Lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPattern(pub String);

/// Where a route leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// To an upstream.
    Upstream(PartyName),
    /// To the page that shows the path which the request took, hop by hop (`show = "path"`).
    Path,
}

/// Which way the connections of a stream listener go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamRoute {
    /// The server names that it takes; `None`: any, and hellos without one.
    pub server_name: Option<HostPattern>,
    /// The application protocols that it takes, of which a client must offer one; empty: whatever is
    /// offered, and hellos without any.
    pub alpn: Vec<String>,
    /// Whether TLS passes through to the upstream instead of ending at the listener.
    pub passthrough: bool,
    /// The upstream that it leads to.
    pub to: PartyName,
}
