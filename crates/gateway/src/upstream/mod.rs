//! Upstream: connections to where data goes out to, kept for reuse in a pool for each hop and worker.

mod connect;
mod error;
mod lease;
mod place;
mod pool;
mod reach;
mod speech;
mod spoken;
mod streams;
mod trial;

pub(crate) use error::UpstreamError;
pub(crate) use lease::Lease;
pub(crate) use place::{Checkout, Freshness, Sender, UpstreamConnection, Wanted};
pub(crate) use pool::{Kept, Pool};
pub(crate) use reach::Reached;
pub(crate) use spoken::Spoken;
