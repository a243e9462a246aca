//! How the bytes of a hop travel, whom the end that connects verifies, and what that is worth.

use std::sync::Arc;

use hermetic_hop::Verdict;
use hermetic_tls::{ProtocolVersion, SecurityPolicy};

/// How the bytes of a hop travel, as the code configures it.
#[derive(Clone, Debug, PartialEq)]
pub struct Way {
    /// What protects the bytes.
    pub transport: Transport,
    /// Whether the end that connects verifies the other.
    pub verified: Verified,
    /// What decides, in a short sentence.
    pub reason: String,
}

/// What protects the bytes of a hop, as far as the code says.
#[derive(Clone, Debug, PartialEq)]
pub enum Transport {
    /// Nothing.
    Cleartext,
    /// Encryption where both ends want it; nothing refuses cleartext.
    Optional,
    /// TLS, and nothing else.
    Tls(Floor),
    /// SSH, by a policy that is strong, or is not; `None` where that is not known.
    Ssh(Option<bool>),
    /// A protocol's own encryption, which is no TLS and tells nobody who the other end is.
    Native,
    /// IPsec.
    Ipsec,
    /// The code does not say; or it is a private path, which protects nothing by itself and hides nothing that passes.
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

impl Way {
    /// Nothing protects the bytes, nor is anybody verified.
    pub fn clear(reason: impl Into<String>) -> Self {
        Self::new(Transport::Cleartext, Verified::No, reason)
    }

    /// The code does not say.
    pub fn unknown(reason: impl Into<String>) -> Self {
        Self::new(Transport::Unknown, Verified::Unknown, reason)
    }

    /// Nothing refuses cleartext.
    pub fn optional(verified: Verified, reason: impl Into<String>) -> Self {
        Self::new(Transport::Optional, verified, reason)
    }

    /// TLS alone.
    pub fn tls(floor: Floor, verified: Verified, reason: impl Into<String>) -> Self {
        Self::new(Transport::Tls(floor), verified, reason)
    }

    /// As AWS's services reach each other, and AWS's clients reach them: TLS 1.2 or more, and they verify.
    pub fn by_aws(reason: impl Into<String>) -> Self {
        Self::tls(Floor::at_least(ProtocolVersion::TLS1_2), Verified::Yes, reason)
    }

    /// Any of these.
    pub fn new(transport: Transport, verified: Verified, reason: impl Into<String>) -> Self {
        Self { transport, verified, reason: reason.into() }
    }

    /// The same, with whoever is not part of the estate at the end that connects. Cleartext verifies nobody.
    pub fn theirs(self) -> Self {
        match self.transport {
            Transport::Cleartext => self,
            _ => Self { verified: Verified::Theirs, ..self },
        }
    }

    /// The same TLS, with what the end that connects does of its own.
    pub fn verified(self, verified: Verified) -> Self {
        match self.transport {
            Transport::Tls(_) => Self { verified, ..self },
            _ => self,
        }
    }

    /// The worse of two ways.
    pub fn worse(self, other: Self) -> Self {
        if other.verdict() < self.verdict() { other } else { self }
    }

    /// What it is worth.
    pub fn verdict(&self) -> Verdict {
        let encrypted = || match self.verified {
            Verified::No => Verdict::Weak,
            Verified::Unknown => Verdict::Unknown,
            Verified::Yes | Verified::Theirs => Verdict::Sealed,
        };
        match &self.transport {
            Transport::Cleartext => Verdict::Clear,
            Transport::Optional | Transport::Native | Transport::Ssh(Some(false)) => Verdict::Weak,
            Transport::Unknown | Transport::Ssh(None) => Verdict::Unknown,
            Transport::Ipsec | Transport::Ssh(Some(true)) => encrypted(),
            Transport::Tls(floor) => match floor.lowest {
                Some(lowest) if lowest < ProtocolVersion::TLS1_2 => Verdict::Weak,
                None if self.verified != Verified::No => Verdict::Unknown,
                Some(_) | None => encrypted(),
            },
        }
    }

    /// Why it is worth that, in a sentence for people.
    pub fn told(&self) -> String {
        match &self.transport {
            Transport::Tls(Floor { lowest: Some(lowest), .. }) if *lowest < ProtocolVersion::TLS1_2 => {
                format!("{}; it allows {lowest}", self.reason)
            }
            Transport::Tls(Floor { lowest: None, .. }) => {
                format!("{}; the lowest version is not known", self.reason)
            }
            _ => self.reason.clone(),
        }
    }
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

    /// The policy's name for people.
    pub fn policy_name(&self) -> &str {
        self.policy.as_deref().unwrap_or("a policy that is not known")
    }
}

impl Transport {
    /// The word for it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Cleartext => "cleartext",
            Self::Optional => "optional",
            Self::Tls(_) => "tls",
            Self::Ssh(_) => "ssh",
            Self::Native => "native",
            Self::Ipsec => "ipsec",
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
