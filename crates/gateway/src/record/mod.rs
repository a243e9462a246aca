//! Record: every connection leaves evidence, on both hops, and failed handshakes their true reason.

mod access;
mod guarded;
mod ledger;
mod policy;
mod told;

pub use access::{AccessLog, LogFile};
pub(crate) use access::{AccessRecord, HopLine, PostgresFacts, RequestFacts, StreamFacts};
pub use guarded::GuardCount;
pub(crate) use guarded::Guarded;
pub(crate) use ledger::{Lapse, Ledger};
pub(crate) use policy::PolicyFacts;
pub use policy::{PolicyCount, PolicyDecision};
pub(crate) use told::ToldRecord;
