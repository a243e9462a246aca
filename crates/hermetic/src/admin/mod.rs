//! The admin interface of a running instance.

pub mod client;
mod metrics;
pub mod server;
