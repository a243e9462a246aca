//! The scanner: looks from here at a far end that is not ours, with nothing in the data path, and
//! brings evidence of what it speaks.
//!
//! A probe is a verified handshake after the protocol's prelude. It has no password, and says nothing
//! behind the handshake but goodbye in the words of the protocol.

mod beside;
pub mod certificates;
mod cleartext;
pub mod dns;
mod estate;
mod evidence;
pub mod findings;
mod greeting;
mod heard;
pub mod http;
pub mod judge;
pub mod mail_policy;
pub mod observe;
pub mod prelude;
mod probe;
mod reach;
#[cfg(test)]
mod samples;
mod spoken;
pub mod way;
pub mod weaknesses;
pub mod web;

pub use beside::Beside;
pub use certificates::{Extent, Store};
pub use estate::{Plan, scan_all};
pub use greeting::Greeting;
pub use probe::{Depth, Outcome, Scanned, Target, probe, scan};
pub use reach::resolve;
pub use spoken::Spoken;
