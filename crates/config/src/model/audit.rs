//! What a configuration says to an audit of infrastructure code.

use hermetic_hop::{Exception, FailOn, Requirement, Severity};

/// What holds for an audit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AuditTerms {
    /// What it may find without falling short. Those that have ended are here, too.
    pub accepted: Vec<Accepted>,
    /// Which controls count, and how much.
    pub requirements: Vec<ControlRequirement>,
    /// What is demanded of flows, those that an audit follows too.
    pub of_flows: Vec<Requirement>,
}

/// An accepted departure from a control.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The control, by its id there or in another tool.
    pub control: NamedAt,
    /// The resource; `*` stands for any run of characters.
    pub resource: String,
    /// Why, by whose leave, and until when.
    pub exception: Exception,
}

/// Controls that are required, and how much they weigh.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ControlRequirement {
    /// All that these frameworks ask for.
    pub frameworks: Vec<NamedAt>,
    /// These, too.
    pub controls: Vec<NamedAt>,
    /// What these are judged by, by the names of their parameters.
    pub parameters: Vec<(NamedAt, toml::Value)>,
    /// How bad it is where one of them does not hold; `None`: each says so itself.
    pub severity: Option<Severity>,
    /// From which severity on one of them falls short; `None`: from the least.
    pub fail_on: Option<FailOn>,
}

/// A name, and where it is written: an audit tells what nothing is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedAt {
    /// The name.
    pub name: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
}
