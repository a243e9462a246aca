//! What of a transmission a control is about. Frameworks select by it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What of a transmission a control is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Aspect {
    /// Whether bytes are encrypted at all.
    Encryption,
    /// What is negotiated: versions, suites, algorithms, lengths of keys.
    Strength,
    /// Whether each end proves who it is, and the other checks it: certificates of both ends, names, tokens, sessions.
    Verification,
    /// Certificates and their keys: from whom, until when, and how they are looked after.
    Certificates,
    /// Whether a message arrives as it was sent, and means the same to both ends.
    Integrity,
    /// Whether the cryptography is that of modules validated by FIPS 140.
    ValidatedModules,
    /// Whether a quantum computer could break it later.
    PostQuantum,
    /// What shows afterwards how bytes travelled.
    Observation,
    /// Whether an encrypted way is there when it is needed.
    Availability,
}

impl Aspect {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Encryption,
        Self::Strength,
        Self::Verification,
        Self::Certificates,
        Self::Integrity,
        Self::ValidatedModules,
        Self::PostQuantum,
        Self::Observation,
        Self::Availability,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Encryption => "encryption",
            Self::Strength => "strength",
            Self::Verification => "verification",
            Self::Certificates => "certificates",
            Self::Integrity => "integrity",
            Self::ValidatedModules => "validated-modules",
            Self::PostQuantum => "post-quantum",
            Self::Observation => "observation",
            Self::Availability => "availability",
        }
    }

    /// What it means, for a reader of the book.
    pub fn means(self) -> &'static str {
        match self {
            Self::Encryption => "whether bytes are encrypted at all",
            Self::Strength => "what is negotiated: versions, suites, algorithms, lengths of keys",
            Self::Verification => {
                "whether each end proves who it is and the other checks it: certificates of both ends, names, \
                 tokens, sessions"
            }
            Self::Certificates => {
                "certificates and their keys: from whom, until when, and how they are looked after"
            }
            Self::Integrity => "whether a message arrives as it was sent, and means the same to both ends",
            Self::ValidatedModules => "whether the cryptography is that of modules validated by FIPS 140",
            Self::PostQuantum => "whether a quantum computer could break it later",
            Self::Observation => "what shows afterwards how bytes travelled",
            Self::Availability => "whether an encrypted way is there when it is needed",
        }
    }
}

impl fmt::Display for Aspect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
