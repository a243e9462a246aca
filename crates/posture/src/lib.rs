//! Posture: infrastructure code judged for encryption in transit.
//!
//! Readers fill one [`Graph`] of resources in CloudFormation's terms. Controls judge its resources, in every scenario
//! that conditions tell apart, with three values: what is unknown neither passes nor fails.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

// First, for its macro is seen only by what comes after it.
#[macro_use]
mod path;

mod aspect;
mod audit;
pub mod baseline;
pub mod cloudformation;
mod control;
pub mod controls;
#[cfg(test)]
mod estates;
pub mod exception;
pub mod flow;
pub mod framework;
mod graph;
mod json;
mod plain;
mod policy;
mod read_error;
mod recognise;
pub mod report;
pub mod requirement;
mod rule;
mod scan;
mod scenario;
pub mod schema;
mod settled;
mod side_by_side;
mod span;
mod subject;
pub mod terraform;
mod test;
mod value;
mod verdict;
mod version;
mod when;
mod yaml;

pub use aspect::Aspect;
pub use audit::{Finding, audit, audit_telling, judge};
pub use control::{Control, ControlError, Ids, Judge, ParameterError, Parameters, RemedyText};
pub use graph::{Graph, Origin, Part, Resource, ResourceId};
pub use path::{Path, PathError, Step};
pub use read_error::ReadError;
pub use recognise::{Kind, recognise};
pub use rule::{Absent, Rule, Weight};
pub use scenario::{MOST_SCENARIOS, Scenario, Taken, TooManyScenarios};
pub use span::{FileId, Files, Span};
pub use subject::{Seen, Subject, bool_of, number_of, text_of};
pub use test::{Allowed, Held, Test, TlsFloor};
pub use value::{Choice, Key, Map, Node, PartId, Reference, Switch, Unknown, Value};
pub use verdict::{Ground, Judgement, Standing};
pub use version::Version;
pub use when::When;
