//! The scanner: looks from here at a far end that is not ours, with nothing in the data path, and
//! brings evidence of what it speaks.
//!
//! A probe is a verified handshake after the protocol's prelude. It never sends data behind the
//! handshake, and never logs in.

mod cleartext;
mod evidence;
mod heard;
pub mod prelude;
mod probe;
mod reach;

pub use probe::{Outcome, Target, probe};
