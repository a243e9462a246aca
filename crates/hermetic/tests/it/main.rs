//! Hermetic as its users meet it: the real binary, real sockets, and real clients and servers from
//! other hands. A peer that can't be had is an error, never a skip.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a scenario that breaks off has failed"
)]

mod browser;
mod configuration;
mod durability;
mod external;
mod harness;
mod http;
mod init;
mod refusals;
mod tickets;
mod tour;
mod tour_break;
mod tour_database;
mod tour_wire;
mod upstreams;
