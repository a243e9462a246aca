//! Permit: whether a request to a service of AWS's kind may pass, by the policy documents of what is behind.
//!
//! One direction: a request's [`Head`] becomes [`Call`]s (which actions on which resources), who makes it is told by
//! its signature or its certificate ([`Callers`]), what is known of its way are [`Facts`], and an [`Enforcement`]
//! finds the statement that denies it. Nothing here does I/O or reads a clock.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod answer;
mod call;
mod callers;
mod enforcement;
mod facts;
mod fields;
mod head;
mod headers;
mod home;
mod operations;
mod reference;
mod s3;
mod service;
mod sigv4;
mod text;

pub use answer::Answer;
pub use call::{Call, Resource, Unmapped};
pub use callers::{Callers, CallersError};
pub use enforcement::{Denied, Enforcement, EnforcementError, Passed, PolicyDocument, Refused};
pub use facts::{Facts, Key, Way};
pub use head::Head;
pub use hermetic_iam::compiled::Who;
pub use home::{Home, HomeError, Stated};
pub use reference::reference;
pub use s3::Buckets;
pub use service::{Service, UnknownService};
pub use sigv4::Unproven;
