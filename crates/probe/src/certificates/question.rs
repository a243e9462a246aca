//! What a chain is asked for by.

use std::fmt;

use hermetic_x509::KeyKind;

/// A question for a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Question {
    /// The server name that goes out.
    pub name: AskedName,
    /// The kind of key, where only one was offered.
    pub kind: Option<KeyKind>,
}

/// A server name that goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AskedName {
    /// That which the endpoint must have; none where it must have an address.
    Expected,
    /// None, as clients do that know no server names.
    None,
    /// One that nobody has.
    Stranger,
}

/// A question to which no chain came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unanswered {
    /// Which.
    pub question: Question,
    /// Whether it was refused; otherwise nobody can tell.
    pub refused: bool,
    /// How, or why.
    pub reason: String,
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name {
            AskedName::Expected => f.write_str("with its name")?,
            AskedName::None => f.write_str("without a name")?,
            AskedName::Stranger => f.write_str("with a name that nobody has")?,
        }
        match self.kind {
            Some(kind) => write!(f, ", for {kind}"),
            None => Ok(()),
        }
    }
}
