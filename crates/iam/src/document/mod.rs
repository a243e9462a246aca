//! A policy document that can't be wrong: statements with their elements, each with its place.

mod condition;
mod operator;
mod principal;
mod read;
mod resource;
#[cfg(test)]
mod tests;

pub use condition::{Block, Key, Number, Operand, Quantifier, Test, boolean, date};
pub use operator::{Comparison, OPERATORS, Operator, Order};
pub use principal::{AccountId, Principal, Principals};
pub use resource::{ArnPattern, ResourcePattern};

use crate::error::ReadError;
use crate::json::{Place, Span};
use crate::pattern::Pattern;

/// A policy document, of any kind: what kind it is, is said where it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The version of the language.
    pub version: Version,
    /// Its id.
    pub id: Option<String>,
    /// Its statements, in their order.
    pub statements: Vec<Statement>,
}

/// A version of the policy language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// 2008-10-17, also where a document says nothing: without policy variables.
    V2008,
    /// 2012-10-17.
    V2012,
}

/// A statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Its id.
    pub sid: Option<String>,
    /// What it does.
    pub effect: Effect,
    /// Whom it concerns; `None` in documents that are attached to a principal.
    pub principals: Option<Principals>,
    /// Which actions.
    pub actions: Actions,
    /// Which resources; `None` in trust policies, that are about the role they belong to.
    pub resources: Option<Resources>,
    /// The tests of its conditions: all must hold.
    pub tests: Vec<Test>,
    /// Where it stands.
    pub span: Span,
    /// Where it begins.
    pub place: Place,
}

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It allows.
    Allow,
    /// It denies, whatever allows.
    Deny,
}

/// `Action` or `NotAction`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actions {
    /// Whether it is all but these.
    pub all_but: bool,
    /// Patterns in lower case.
    pub patterns: Vec<Pattern>,
}

/// `Resource` or `NotResource`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resources {
    /// Whether it is all but these.
    pub all_but: bool,
    /// The patterns.
    pub patterns: Vec<ResourcePattern>,
}

impl Document {
    /// Reads a document. An error has the place and the remedy.
    pub fn read(text: &str) -> Result<Self, ReadError> {
        read::document(text)
    }
}

impl Statement {
    /// What it is called: by its id, or by its place.
    pub fn name(&self) -> String {
        match &self.sid {
            Some(sid) => format!("statement {sid:?} (line {})", self.place.line),
            None => format!("the statement at line {}", self.place.line),
        }
    }
}
