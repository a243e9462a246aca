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
mod drain;
mod error;
mod expectation;
pub mod framing;
mod guard;
mod handshake;
mod headers;
mod hello;
mod identify;
mod live;
mod pages;
pub mod path;
mod prelude;
mod record;
mod redirect;
mod relay;
mod request;
mod route;
mod serve;
mod sightings;
mod snapshot;
mod sockets;
mod upgrade;
mod upstream;
mod wire;
mod worker;

pub use error::GatewayError;
pub use handshake::seen_by_client;
pub use pages::{Answer, Pages};
pub use record::AccessLog;
pub use snapshot::{Credentials, Snapshot};
pub use sockets::{Holder, Sockets};
pub use worker::Gateway;
