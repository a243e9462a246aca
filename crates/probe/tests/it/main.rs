//! What the probe sees of real servers.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a scenario that breaks off has failed")]

mod brief;
mod faults;
mod faulty;
mod observing;
mod server;
