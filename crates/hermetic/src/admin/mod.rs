//! The admin interface of a running instance.

pub mod client;
