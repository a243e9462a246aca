//! The admin interface of a running instance.

mod admin_socket;
pub mod client;
mod metrics;
mod metrics_socket;
mod renewal_metrics;
pub mod server;
