//! The forms in which others take findings.

pub mod csv;
pub mod github;
pub mod junit;
mod standard;

pub use standard::{asff, ocsf, sarif};
