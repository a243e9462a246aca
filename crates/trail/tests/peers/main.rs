//! What real peers write, read as evidence. A peer that can't be had is an error, never a skip.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a scenario that breaks off has failed"
)]

mod envoy;
mod haproxy;
mod harness;
mod nginx;
mod postgres;
