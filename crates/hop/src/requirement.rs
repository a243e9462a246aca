//! What an organisation demands of its flows.

use hermetic_tls::ProtocolVersion;
use serde::{Deserialize, Serialize};

use crate::evidence::{Checked, TlsFacts, Transport};
use crate::flow::Flow;
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
    /// Whether it speaks of this flow.
    pub fn applies_to(&self, flow: &Flow) -> bool {
        let of_all = self.flows.is_empty() && self.tags.is_empty();
        of_all || self.flows.contains(&flow.name) || self.tags.iter().any(|tag| flow.tags.contains(tag))
    }

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
        let reason = match facts.client_checked {
            _ if !self.mutual => return None,
            Checked::Verified => return None,
            Checked::NotObservable => "whether a client certificate was checked is not observable from here",
            Checked::NotVerified | Checked::NotAsked => "no client certificate was checked",
        };
        Some(reason.to_owned())
    }

    fn far_end(&self, facts: &TlsFacts) -> Option<String> {
        let unchecked = facts.server_checked == Checked::NotVerified;
        (self.verified && unchecked).then(|| "the far end was not verified".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use hermetic_tls::ProtocolVersion;

    use super::*;
    use crate::samples::facts;

    fn lacks(requirement: &Requirement, facts: TlsFacts) -> Vec<String> {
        requirement.shortfalls(Some(&Transport::Tls(Box::new(facts))))
    }

    #[test]
    fn cleartext_and_silence_meet_no_requirement() {
        let nothing = Requirement::default();
        assert_eq!(nothing.shortfalls(Some(&Transport::Cleartext { local: true })), ["it is cleartext"]);
        assert_eq!(nothing.shortfalls(None), ["there is no evidence"]);
    }

    #[test]
    fn everything_that_is_lacking_is_told_at_once() {
        let all = Requirement {
            tls: Some(ProtocolVersion::TLS1_3),
            post_quantum: true,
            mutual: true,
            verified: true,
            ..Requirement::default()
        };
        let facts = TlsFacts {
            version: Some(ProtocolVersion::TLS1_2),
            server_checked: Checked::NotVerified,
            client_checked: Checked::NotAsked,
            ..facts()
        };
        let expected = [
            "TLSv1.2 is below TLSv1.3",
            "X25519 is not post-quantum",
            "no client certificate was checked",
            "the far end was not verified",
        ];
        assert_eq!(lacks(&all, facts), expected);
    }

    #[test]
    fn what_a_view_can_not_show_is_said_to_be_unknown_and_never_taken_as_met() {
        let mutual = Requirement { mutual: true, ..Requirement::default() };
        let reasons = lacks(&mutual, TlsFacts { client_checked: Checked::NotObservable, ..facts() });
        assert_eq!(reasons, ["whether a client certificate was checked is not observable from here"]);
        let version = Requirement { tls: Some(ProtocolVersion::TLS1_2), ..Requirement::default() };
        let reasons = lacks(&version, TlsFacts { version: None, ..facts() });
        assert_eq!(reasons, ["the version is not known; TLSv1.2 is required"]);
    }
}
