//! IAM policy documents: read whole, evaluated in AWS's order, and proved.
//!
//! Other tools match patterns in a document. Here a document is a function from requests to decisions: the
//! evaluator says what it decides of one request, and the prover asks whether there is any request at all that
//! gets through without TLS. Facts about operators, missing keys and the order of evaluation are those of the IAM
//! user guide.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

pub mod compiled;
pub mod document;
mod error;
mod evaluate;
pub mod json;
pub mod lint;
mod matching;
mod pattern;
mod prove;
mod reference;
pub mod request;
pub mod services;
mod write;

pub use document::Document;
pub use error::{Problem, ReadError};
pub use evaluate::{Attached, Decided, Decision, Decisive, Kind, decide};
pub use prove::{Counterexample, Floor, Proof, Question, prove, prove_by, prove_of_every_action};
pub use reference::reference;
pub use services::ResourceError;
pub use write::{FixError, Fixed, fix, generate};
