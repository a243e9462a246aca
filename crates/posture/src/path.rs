//! Paths to properties: `DistributionConfig.CacheBehaviors[].ViewerProtocolPolicy`, `Parameters.'rds.force_ssl'`.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::Deserialize;

/// A path to a property, or to one in each element of lists.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Path {
    steps: Vec<Step>,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// To the property of that name.
    Name(Arc<str>),
    /// To each element of a list: `[]`.
    Each,
}

/// A path that stands in the code: `path!("Rule.TlsPolicy")`, read once. A misspelt one fails the control's cases.
macro_rules! path {
    ($text:literal) => {{
        static PATH: std::sync::LazyLock<$crate::Path> = std::sync::LazyLock::new(|| $crate::Path::of($text));
        &*PATH
    }};
}

/// Text that is no path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no path; write names between dots, and `[]` after the name of a list")]
pub struct PathError(String);

impl Path {
    /// A path that is written in this code.
    pub fn of(text: &'static str) -> Self {
        Self { steps: steps(text) }
    }

    /// Its steps in order.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// This path, and then the other.
    pub fn join(&self, other: &Self) -> Self {
        Self { steps: self.steps.iter().chain(&other.steps).cloned().collect() }
    }

    /// Whether it goes through lists.
    pub fn walks_lists(&self) -> bool {
        self.steps.contains(&Step::Each)
    }
}

impl Step {
    pub(crate) fn wants(&self) -> &'static str {
        match self {
            Self::Name(_) => "map",
            Self::Each => "list",
        }
    }
}

impl FromStr for Path {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        let spelled = |name: &str| {
            let name = name.trim_end_matches("[]");
            !name.is_empty() && !name.contains(['[', ']', ' '])
        };
        if !names(text).all(spelled) {
            return Err(PathError(text.to_owned()));
        }
        Ok(Self { steps: steps(text) })
    }
}

fn steps(text: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    for part in names(text) {
        let name = part.trim_end_matches("[]");
        steps.push(Step::Name(unquoted(name).into()));
        steps.extend(std::iter::repeat_n(Step::Each, (part.len() - name.len()) / 2));
    }
    steps
}

/// The names between dots; a name in quotes may have dots of its own, as those of database parameters do.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |c| {
        quoted ^= c == '\'';
        c == '.' && !quoted
    })
}

fn unquoted(name: &str) -> &str {
    name.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).unwrap_or(name)
}

impl TryFrom<String> for Path {
    type Error = PathError;

    fn try_from(text: String) -> Result<Self, PathError> {
        text.parse()
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.steps.iter().enumerate() {
            let dot = index > 0 && matches!(step, Step::Name(_));
            write!(f, "{}{step}", if dot { "." } else { "" })?;
        }
        Ok(())
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Each => f.write_str("[]"),
        }
    }
}
