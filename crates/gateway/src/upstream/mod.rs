//! Upstream: connections to where data goes out to, kept for reuse in a pool for each hop and worker.

mod connect;
mod error;
mod pool;

pub(crate) use error::UpstreamError;
pub(crate) use pool::{Checkout, Lease, Pool, Sender, UpstreamConnection, Wanted};
