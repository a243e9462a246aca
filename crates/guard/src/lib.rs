//! The guard's rules: what a gateway refuses, mends or counts, so that nothing on a hop can be talked
//! down to cleartext or past a check.
//!
//! A rule is a typed value in a file of its own: its id, when it judges, what it does unless told
//! otherwise, what else it may be told to do, and the function that judges. The rules that live in a
//! parser or in a handshake are on the same list, so that one table tells the whole truth.
//!
//! Nothing here does I/O or reads a clock: a gateway hands in what it sees and does what comes back.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod fired;
mod forwarded;
mod hello;
mod origin;
mod reference;
mod request;
mod response;
mod rule;
pub mod rules;
mod settings;

#[cfg(test)]
mod samples;

pub use fired::{Fired, Tally};
pub use forwarded::tells_of_cleartext as earlier_hop_in_cleartext;
pub use hello::Hello;
pub use reference::reference;
pub use request::{Denial, Request};
pub use response::Response;
pub use rule::{Action, Phase, Rule, UnknownWord};
pub use rules::RuleId;
pub use settings::{Fingerprints, HstsAge, Kind, Settings};
