//! One hop as infrastructure code configures it.

use hermetic_hop::{ExternalEndpoint, Verdict};

use super::party::Party;
use super::way::Way;
use crate::span::Span;
use crate::subject::Subject;
use crate::when::When;

/// One hop, as the code configures it.
#[derive(Clone, Debug, PartialEq)]
pub struct Hop {
    /// Who connects, or whose data it is that goes on.
    pub from: Party,
    /// Where it goes.
    pub to: Party,
    /// How the bytes travel.
    pub way: Way,
    /// Where in the code.
    pub at: Span,
    /// Where a probe finds the far end, where this hop's own setting says so.
    pub address: Option<ExternalEndpoint>,
    /// In which scenarios it is so; none where in all.
    pub when: Option<When>,
}

impl Hop {
    /// A hop that is so in all scenarios.
    pub fn new(from: Party, to: Party, way: Way, at: Span) -> Self {
        Self { from, to, way, at, address: None, when: None }
    }

    /// From clients to a resource, who verify it or not.
    pub fn entrance(to: &Subject<'_>, way: Way, at: Span) -> Self {
        Self::new(Party::Client, Party::Resource(to.id), way.theirs(), at)
    }

    /// What it is worth.
    pub fn verdict(&self) -> Verdict {
        self.way.verdict()
    }

    /// Why it is worth that, in a sentence for people.
    pub fn told(&self) -> String {
        match &self.when {
            Some(when) => format!("{}; when {when}", self.way.told()),
            None => self.way.told(),
        }
    }
}
