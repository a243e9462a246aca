//! The admin interface of a running instance.

mod admin_socket;
mod authorities;
pub mod client;
mod metrics;
mod renewal_metrics;
mod revocation_metrics;
pub mod server;
