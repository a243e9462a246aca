//! Verdicts, and what a hop demands.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a hop is worth. Ordered worst first, so that a flow's verdict is the least of its hops'.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Cleartext that can leave the host.
    Clear,
    /// Encrypted, but below policy, or the far end not verified by us where it is ours to verify.
    Weak,
    /// No evidence.
    Unknown,
    /// Cleartext that can't leave the host: loopback or a unix socket.
    Local,
    /// Encrypted within policy, verified.
    Sealed,
}

/// What a hop demands of its transport.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// TLS, or the connection is refused.
    #[default]
    Require,
    /// TLS where the peer can, cleartext else; each cleartext connection is counted.
    Prefer,
    /// Whatever comes passes and is recorded.
    Observe,
}

impl Verdict {
    /// Whether a hop with it needs somebody's attention.
    pub fn falls_short(self) -> bool {
        matches!(self, Self::Clear | Self::Weak | Self::Unknown)
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Weak => "weak",
            Self::Unknown => "unknown",
            Self::Local => "local",
            Self::Sealed => "sealed",
        }
    }
}

impl Mode {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Require => "require",
            Self::Prefer => "prefer",
            Self::Observe => "observe",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
