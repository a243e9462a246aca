//! A rule, its phase and its actions.

use std::fmt;
use std::str::FromStr;

use hermetic_tls::Refusal;
use serde::{Deserialize, Serialize};

use crate::hello::Hello;
use crate::request::{Denial, Request};
use crate::response::Response;
use crate::rules::RuleId;
use crate::settings::Settings;

/// One rule of the guard.
#[derive(Debug)]
pub struct Rule {
    /// Its name.
    pub id: RuleId,
    /// When it judges.
    pub phase: Phase,
    /// What it does unless told otherwise.
    pub default: Action,
    /// What it may be told to do. One action alone can't be changed.
    pub allowed: &'static [Action],
    /// What it judges and what it answers, in a sentence or two.
    pub what: &'static str,
    /// Why: the attack, the RFC, the incidents.
    pub why: &'static str,
    pub(crate) judge: Judge,
}

/// How a rule judges.
#[derive(Debug)]
pub(crate) enum Judge {
    /// By a ClientHello: the refusal that it deserves.
    Hello(fn(&Hello<'_>, &Settings) -> Option<Refusal>),
    /// By the head of a request: the denial that it deserves. What it fixes is fixed where the request
    /// goes on.
    Request(fn(&Request<'_>) -> Option<Denial>),
    /// By the head of a response: whether it offends, and if told so, mends it.
    Response(fn(&mut Response<'_>, &Settings, bool) -> bool),
    /// In a parser or handshake, which reports what it refused.
    InPlace,
}

/// When a rule judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// By the ClientHello and the handshake.
    Hello,
    /// By the bytes of a request, before it is one.
    Framing,
    /// By the head of a request.
    Request,
    /// By the head of a response.
    Response,
}

/// What a rule does with what offends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It passes, and is counted and told.
    Count,
    /// It passes without what offends: taken out, set, or rewritten.
    Fix,
    /// It is refused.
    Deny,
}

/// A word that is no rule's id and no action.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not known here")]
pub struct UnknownWord(pub String);

impl Phase {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hello => "hello",
            Self::Framing => "framing",
            Self::Request => "request",
            Self::Response => "response",
        }
    }
}

impl Action {
    /// All of them, the weakest first.
    pub const ALL: [Self; 3] = [Self::Count, Self::Fix, Self::Deny];

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Fix => "fix",
            Self::Deny => "deny",
        }
    }
}

impl FromStr for Action {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        Self::ALL
            .into_iter()
            .find(|action| action.as_str() == text)
            .ok_or_else(|| UnknownWord(text.to_owned()))
    }
}

impl Rule {
    /// Whether it always does the same.
    pub fn is_fixed(&self) -> bool {
        self.allowed.len() == 1
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
