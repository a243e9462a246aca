//! The data plane. One direction, a file for each stage:
//! accept → hello → select → handshake → identify → guard → route → upstream → relay → record.
//!
//! Each worker thread runs a single-threaded runtime with its own listening sockets and its own
//! upstream pools; nothing is shared on the hot path but an immutable [`Snapshot`].

mod accept;
mod activity;
mod answer;
mod body;
mod connection;
mod crl;
mod deadline;
mod door;
mod drain;
mod entry;
mod error;
mod expectation;
pub mod framing;
mod gateway;
mod guard;
mod handshake;
mod headers;
mod hello;
mod identify;
mod inbound;
mod introduction;
mod leg;
mod limits;
mod live;
mod orders;
mod pages;
pub mod path;
mod policy;
pub mod postgres;
mod prelude;
mod proxied;
pub mod proxy_protocol;
mod record;
mod redirect;
mod relay;
mod request;
mod revoking;
mod route;
mod secure;
mod serve;
mod sightings;
mod snapshot;
mod sockets;
mod steer;
mod stream;
mod tenure;
mod upgrade;
mod upstream;
mod way;
mod wire;
mod worker;

pub use error::GatewayError;
pub use gateway::Gateway;
pub use handshake::seen_by_client;
pub use limits::{Occupancy, Refusals};
pub use pages::{Answer, Pages};
pub use record::{AccessLog, GuardCount, LogFile, PolicyCount, PolicyDecision};
pub use snapshot::{Changes, Credentials, MockSecret, Snapshot};
pub use sockets::{Bind, Holder, Sockets};
