//! Hermetic as its users meet it: the real binary, real sockets, and real clients and servers from
//! other hands. A peer that can't be had is an error, never a skip.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a scenario that breaks off has failed"
)]

mod configuration;
mod durability;
mod harness;
mod http;
mod refusals;
mod tickets;
mod tour;
mod tour_database;
mod upstreams;
