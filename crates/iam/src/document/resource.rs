//! ARNs with wildcards, and what a statement says of resources.

use crate::error::Problem;
use crate::pattern::{Folding, Pattern, Reading, Variable};

/// An ARN with wildcards: six parts, each a pattern of its own. A wildcard of one part never reaches over the
/// colon into the next; the sixth has all the rest, colons too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArnPattern(pub [Pattern; 6]);

/// What a statement says of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResourcePattern {
    /// `*`.
    All,
    /// An ARN.
    Arn(ArnPattern),
    /// It begins like an ARN, and has fewer than six parts: it matches nothing.
    Nothing(String),
}

impl ArnPattern {
    /// Reads an ARN. `None` of a text that is none. Variables stand only behind the fifth colon.
    pub fn read(text: &str, reading: Reading) -> Result<Option<Self>, Problem> {
        let mut parts = text.splitn(6, ':');
        let mut patterns: [Pattern; 6] = Default::default();
        for (place, pattern) in patterns.iter_mut().enumerate() {
            let Some(part) = parts.next() else { return Ok(None) };
            *pattern =
                Pattern::read(part, Reading { variables: reading.variables && place == 5, ..reading })?;
        }
        Ok(Some(Self(patterns)))
    }

    /// Whether it takes this ARN.
    pub fn takes<'a>(&'a self, arn: &str, value: &impl Fn(&'a Variable) -> Option<&'a str>) -> bool {
        let mut parts = arn.splitn(6, ':');
        self.0
            .iter()
            .all(|pattern| parts.next().is_some_and(|part| pattern.takes(part, Folding::Exact, value)))
    }

    /// The variables in it.
    pub fn variables(&self) -> impl Iterator<Item = &Variable> {
        self.0.iter().flat_map(Pattern::variables)
    }
}

impl ResourcePattern {
    /// Reads what stands in `Resource` or `NotResource`.
    pub fn read(text: &str, variables: bool) -> Result<Self, Problem> {
        if !text.is_empty() && text.bytes().all(|byte| byte == b'*') {
            return Ok(Self::All);
        }
        if !text.starts_with("arn:") {
            return Err(Problem::Resource(text.to_owned()));
        }
        let pattern = ArnPattern::read(text, Reading { wildcards: true, variables })?;
        Ok(pattern.map_or_else(|| Self::Nothing(text.to_owned()), Self::Arn))
    }

    /// Whether it takes this resource.
    pub fn takes<'a>(&'a self, arn: &str, value: &impl Fn(&'a Variable) -> Option<&'a str>) -> bool {
        match self {
            Self::All => true,
            Self::Arn(pattern) => pattern.takes(arn, value),
            Self::Nothing(_) => false,
        }
    }
}
