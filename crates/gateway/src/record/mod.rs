//! Record: every connection leaves evidence, on both hops, and failed handshakes their true reason.

mod access;
mod ledger;

pub use access::AccessLog;
pub(crate) use access::{AccessRecord, HopLine, RequestFacts};
pub(crate) use ledger::Ledger;
