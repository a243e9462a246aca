//! The forms in which others take findings.

pub mod csv;
pub mod github;
pub mod html;
pub mod junit;
mod standard;

pub use standard::{asff, ocsf, sarif};
