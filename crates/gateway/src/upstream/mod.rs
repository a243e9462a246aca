//! Upstream: connections to where data goes out to, kept for reuse in a pool for each hop and worker.

mod connect;
mod error;
mod lease;
mod place;
mod pool;
mod streams;

pub(crate) use error::UpstreamError;
pub(crate) use lease::Lease;
pub(crate) use place::{Checkout, Freshness, Sender, UpstreamConnection, Wanted};
pub(crate) use pool::Pool;
