//! One hop as infrastructure code configures it, and what that is worth.

use std::sync::Arc;

use hermetic_hop::Verdict;
use hermetic_tls::{ProtocolVersion, SecurityPolicy};

use super::party::Party;
use crate::span::Span;
use crate::when::When;

/// One hop, as the code configures it.
#[derive(Clone, Debug, PartialEq)]
pub struct Hop {
    /// Who connects.
    pub from: Party,
    /// Whom it connects to.
    pub to: Party,
    /// How the bytes travel.
    pub transport: Transport,
    /// Whether the end that connects verifies the other.
    pub verified: Verified,
    /// What decides, in a short sentence.
    pub reason: String,
    /// Where in the code.
    pub at: Span,
    /// In which scenarios it is so; none where in all.
    pub when: Option<When>,
}

/// How the bytes of a hop travel, as far as the code says.
#[derive(Clone, Debug, PartialEq)]
pub enum Transport {
    /// Nothing protects them.
    Cleartext,
    /// TLS where both ends want it; nothing refuses cleartext.
    Optional,
    /// TLS, and nothing else.
    Tls(Floor),
    /// IPsec.
    Ipsec,
    /// MACsec.
    Macsec,
    /// A private line or path that protects nothing by itself, and hides nothing that passes through it.
    Unknown,
}

/// What TLS may be on a hop.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Floor {
    /// The lowest version; `None` where it is not known.
    pub lowest: Option<ProtocolVersion>,
    /// Whether a post-quantum group can be negotiated; `None` where it is not known.
    pub post_quantum: Option<bool>,
    /// The named policy that says so.
    pub policy: Option<Arc<str>>,
}

/// Whether the end that connects verifies the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verified {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// The code does not say.
    Unknown,
    /// Whoever connects is not part of the estate: it is theirs to do.
    Theirs,
}

impl Floor {
    /// At least this version.
    pub fn at_least(lowest: ProtocolVersion) -> Self {
        Self { lowest: Some(lowest), ..Self::default() }
    }

    /// What a named policy allows; all unknown where the table does not have it.
    pub fn of_policy(services: &[&str], name: &str) -> Self {
        let is_it = |policy: &&SecurityPolicy| services.contains(&policy.service) && policy.name == name;
        let policy = SecurityPolicy::all().iter().find(is_it);
        Self {
            lowest: policy.and_then(SecurityPolicy::lowest_version),
            post_quantum: policy.map(|policy| policy.post_quantum),
            policy: Some(name.into()),
        }
    }

    /// What both allow at the worst.
    pub fn worse(self, other: Self) -> Self {
        match (self.lowest, other.lowest) {
            (Some(a), Some(b)) if a <= b => self,
            (None, _) => self,
            _ => other,
        }
    }
}

impl Hop {
    /// What it is worth.
    pub fn verdict(&self) -> Verdict {
        match &self.transport {
            Transport::Cleartext => Verdict::Clear,
            Transport::Optional => Verdict::Weak,
            Transport::Ipsec if self.verified == Verified::No => Verdict::Weak,
            Transport::Ipsec | Transport::Macsec => Verdict::Sealed,
            Transport::Unknown => Verdict::Unknown,
            Transport::Tls(floor) => match (floor.lowest, self.verified) {
                (Some(lowest), _) if lowest < ProtocolVersion::TLS1_2 => Verdict::Weak,
                (_, Verified::No) => Verdict::Weak,
                (None, _) | (_, Verified::Unknown) => Verdict::Unknown,
                (Some(_), Verified::Yes | Verified::Theirs) => Verdict::Sealed,
            },
        }
    }

    /// Why it is worth that, in a sentence for people.
    pub fn told(&self) -> String {
        let mut told = self.reason.clone();
        if let Transport::Tls(floor) = &self.transport {
            match floor.lowest {
                Some(lowest) if lowest < ProtocolVersion::TLS1_2 => {
                    told.push_str(&format!("; it allows {lowest}"));
                }
                None => told.push_str("; the lowest version is not known"),
                Some(_) => {}
            }
        }
        if let Some(when) = &self.when {
            told.push_str(&format!("; when {when}"));
        }
        told
    }

    /// Whether it is the same leg of a path.
    pub fn joins(&self, from: Party, to: Party) -> bool {
        self.from == from && self.to == to
    }
}

impl Transport {
    /// The word for it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Cleartext => "cleartext",
            Self::Optional => "optional",
            Self::Tls(_) => "tls",
            Self::Ipsec => "ipsec",
            Self::Macsec => "macsec",
            Self::Unknown => "unknown",
        }
    }
}

impl Verified {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
            Self::Theirs => "theirs",
        }
    }
}
