//! What an organisation demands of its flows.

use hermetic_tls::ProtocolVersion;
use serde::{Deserialize, Serialize};

use crate::evidence::TlsFacts;
use crate::evidence::{Checked, Transport};
use crate::party::PartyName;

/// A demand on every hop of the flows that it names, or that carry its tag; on all where it names none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirement {
    /// The flows by name.
    pub flows: Vec<PartyName>,
    /// The flows by tag.
    pub tags: Vec<String>,
    /// The lowest TLS version.
    pub tls: Option<ProtocolVersion>,
    /// A post-quantum key exchange.
    pub post_quantum: bool,
    /// Both ends show certificates that are checked.
    pub mutual: bool,
    /// The far end is verified wherever it is ours to verify.
    pub verified: bool,
}

impl Requirement {
    /// What a hop with this transport lacks, in words; empty where it meets the requirement.
    pub fn shortfalls(&self, transport: Option<&Transport>) -> Vec<String> {
        let facts = match transport {
            None => return vec!["there is no evidence".to_owned()],
            Some(Transport::Cleartext { .. }) => return vec!["it is cleartext".to_owned()],
            Some(Transport::Tls(facts)) => facts,
        };
        [self.version(facts), self.exchange(facts), self.both_ends(facts), self.far_end(facts)]
            .into_iter()
            .flatten()
            .collect()
    }

    fn version(&self, facts: &TlsFacts) -> Option<String> {
        let lowest = self.tls?;
        match facts.version {
            Some(version) if version >= lowest => None,
            Some(version) => Some(format!("{version} is below {lowest}")),
            None => Some(format!("the version is not known; {lowest} is required")),
        }
    }

    fn exchange(&self, facts: &TlsFacts) -> Option<String> {
        if !self.post_quantum {
            return None;
        }
        match (facts.post_quantum(), facts.group) {
            (Some(true), _) => None,
            (Some(false), Some(group)) => Some(format!("{group} is not post-quantum")),
            _ => Some("whether the key exchange is post-quantum is not known".to_owned()),
        }
    }

    fn both_ends(&self, facts: &TlsFacts) -> Option<String> {
        let checked = facts.client_checked == Checked::Verified;
        (self.mutual && !checked).then(|| "no client certificate was checked".to_owned())
    }

    fn far_end(&self, facts: &TlsFacts) -> Option<String> {
        let unchecked = facts.server_checked == Checked::NotVerified;
        (self.verified && unchecked).then(|| "the far end was not verified".to_owned())
    }
}
