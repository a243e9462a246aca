//! What can be wrong with a document: where, what, and what to do.

use crate::json::Place;

/// A text that is no policy document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct ReadError {
    /// Where it goes wrong.
    pub place: Place,
    /// What is wrong, and what to do.
    pub problem: Problem,
}

impl ReadError {
    /// An error at this byte of the text.
    pub(crate) fn at(text: &str, byte: usize, problem: Problem) -> Self {
        Self { place: Place::of(text, byte), problem }
    }
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// JSON's syntax is broken.
    #[error("expected {expected}, found {}", standing(.found))]
    Syntax {
        /// What would be right.
        expected: &'static str,
        /// What stands there; `None` at the end.
        found: Option<char>,
    },
    /// Something stands behind the document.
    #[error("something stands behind the document; put one document into a file")]
    Behind,
    /// It nests too deep.
    #[error("it nests deeper than {0} levels; no policy does")]
    TooDeep(usize),
    /// A key stands twice in an object.
    #[error("`{0}` stands twice; AWS takes one of them, and nobody knows which: join them")]
    Twice(String),
    /// A number that JSON does not know.
    #[error("this is no number of JSON's")]
    Number,
    /// A text without its closing quote.
    #[error("this text has no closing quote")]
    Unclosed,
    /// A control character in a text.
    #[error("a control character in a text; write it as an escape")]
    Control,
    /// An escape that JSON does not know.
    #[error("this escape is none of JSON's")]
    Escape,
    /// An element of another type than it must have.
    #[error("{element} must be {expected}, not {found}")]
    Type {
        /// The element.
        element: String,
        /// What it must be.
        expected: &'static str,
        /// What it is.
        found: &'static str,
    },
    /// An element that policies don't have.
    #[error("{parent} has no element `{name}`{}", perhaps(.suggestion))]
    Unknown {
        /// Where it stands.
        parent: &'static str,
        /// What is written.
        name: String,
        /// What may be meant.
        suggestion: Option<&'static str>,
    },
    /// An element that must be there.
    #[error("{parent} lacks {element}")]
    Missing {
        /// What lacks it.
        parent: &'static str,
        /// What it lacks.
        element: &'static str,
    },
    /// Two elements that exclude each other.
    #[error("{0} and {1} exclude each other; keep one")]
    Both(&'static str, &'static str),
    /// An element without any value, where one is needed.
    #[error("{0} is empty; it needs at least one value")]
    Empty(&'static str),
    /// A version that there is not.
    #[error("there is no version `{0}` of the policy language; write \"2012-10-17\"")]
    Version(String),
    /// An effect that there is not.
    #[error("Effect is `Allow` or `Deny`, written so, not `{0}`")]
    Effect(String),
    /// An action that can't be one.
    #[error("`{0}` is no action; write service:Action, with `*` and `?` in the action's name, or `*`")]
    Action(String),
    /// A resource that can't be one.
    #[error(
        "`{0}` is no resource; write an ARN of six parts (arn:partition:service:region:account:resource), or `*`"
    )]
    Resource(String),
    /// A principal that can't be one.
    #[error(
        "`{0}` is no principal; write `*`, an account's number, or the ARN of an account, user, role or session"
    )]
    Principal(String),
    /// A kind of principal that there is not.
    #[error("there is no kind of principal `{0}`; write AWS, Service, Federated or CanonicalUser")]
    PrincipalKind(String),
    /// An operator that there is not.
    #[error("there is no condition operator `{name}`{}", perhaps(.suggestion))]
    Operator {
        /// What is written.
        name: String,
        /// What may be meant.
        suggestion: Option<&'static str>,
    },
    /// A modifier that an operator does not take.
    #[error("{0}")]
    Modifier(&'static str),
    /// A key that can't be one.
    #[error("`{0}` is no condition key; write service:name, such as aws:SecureTransport")]
    Key(String),
    /// A policy variable that can't be one.
    #[error("`{0}` is no policy variable; write ${{service:name}}, or ${{service:name, 'otherwise'}}")]
    Variable(String),
}

fn standing(found: &Option<char>) -> String {
    found.map_or_else(|| "the end".to_owned(), |found| format!("`{}`", found.escape_debug()))
}

fn perhaps(suggestion: &Option<&'static str>) -> String {
    suggestion.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}
