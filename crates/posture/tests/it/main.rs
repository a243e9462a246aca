//! The auditor beside others of its kind.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a scenario that breaks off has failed"
)]

mod agreement;
