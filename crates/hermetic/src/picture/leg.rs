//! One hop, as far as a picture tells of it.

use hermetic_hop::{Checked, EvidenceKind, HopName, HopReport, Verdict, relative};
use hermetic_tls::CipherSuite;
use jiff::{SignedDuration, Timestamp};

/// What is said of a hop of a flow that no report knows.
pub const UNREPORTED: &str = "nobody reports it";

/// Expiries nearer than this are told in hours, further ones by their date.
const NEAR: SignedDuration = SignedDuration::from_hours(48);

/// A hop to be drawn.
#[derive(Clone, Debug)]
pub struct Leg {
    /// Its parties.
    pub name: HopName,
    /// Its verdict.
    pub verdict: Verdict,
    /// What the verdict rests on.
    pub evidence: Option<EvidenceKind>,
    /// What is known of it, the most telling first.
    pub facts: Vec<Fact>,
    /// Whether it decides its flow's verdict.
    pub weakest: bool,
    /// Why it has its verdict.
    pub reason: String,
    /// The cipher suite.
    pub suite: Option<CipherSuite>,
    /// Who the far end showed to be.
    pub identity: Option<String>,
}

/// One line under a hop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// The protocol version, and whether both ends proved who they are.
    Version {
        /// In words.
        text: String,
        /// Whether a group that resists a quantum computer may be negotiated; told here where no group is known.
        post_quantum: bool,
    },
    /// The key-exchange group.
    Group {
        /// Its name.
        name: String,
        /// Whether it resists a quantum computer.
        post_quantum: bool,
    },
    /// The end of the certificate that ends first.
    Expiry {
        /// In words.
        text: String,
        /// Whether it has passed.
        past: bool,
    },
    /// Why the hop is not sealed.
    Reason(String),
}

impl Leg {
    /// The hop as its report has it, seen at `now`.
    pub fn of(hop: Option<&HopReport>, name: HopName, now: Timestamp) -> Self {
        let facts = hop.and_then(|hop| hop.tls.as_ref()).map(|tls| &tls.facts);
        let server = facts.and_then(|facts| facts.server.as_ref());
        Self {
            name,
            verdict: hop.map_or(Verdict::Unknown, |hop| hop.verdict),
            evidence: hop.and_then(|hop| hop.evidence),
            facts: hop.map_or_else(|| vec![Fact::Reason(UNREPORTED.to_owned())], |hop| told(hop, now)),
            weakest: false,
            reason: hop.map_or(UNREPORTED, |hop| &hop.reason).to_owned(),
            suite: facts.and_then(|facts| facts.suite),
            identity: server.and_then(|server| server.foremost()).map(ToString::to_string),
        }
    }

    /// The verdict with what it rests on: `sealed (negotiated)`.
    pub fn judged(&self) -> String {
        match self.evidence {
            Some(kind) => format!("{} ({kind})", self.verdict),
            None => self.verdict.to_string(),
        }
    }

    /// Whether it is the hop for which its flow falls short.
    pub fn is_at_fault(&self) -> bool {
        self.weakest && self.verdict.falls_short()
    }

    /// Whether it is told why it is not sealed.
    pub fn has_reason(&self) -> bool {
        self.facts.iter().any(|fact| matches!(fact, Fact::Reason(_)))
    }

    /// Everything in full, in one paragraph.
    pub fn full(&self) -> String {
        let mut lines = vec![format!("{}: {}", self.name, self.judged()), self.reason.clone()];
        let told = self.facts.iter().filter(|fact| !matches!(fact, Fact::Reason(_)));
        lines.extend(told.map(Fact::text));
        lines.extend(self.suite.map(|suite| suite.to_string()));
        lines.extend(self.identity.as_ref().map(|identity| format!("far end {identity}")));
        lines.join("; ")
    }
}

impl Fact {
    /// It in words alone.
    pub fn text(&self) -> String {
        match self {
            Self::Group { name: text, post_quantum: true } | Self::Version { text, post_quantum: true } => {
                format!("{text}, post-quantum")
            }
            Self::Version { text, .. } | Self::Reason(text) | Self::Group { name: text, .. } => text.clone(),
            Self::Expiry { text, .. } => format!("certificate {text}"),
        }
    }
}

fn told(hop: &HopReport, now: Timestamp) -> Vec<Fact> {
    let mut told = Vec::new();
    if let Some(tls) = &hop.tls {
        let facts = &tls.facts;
        // What declares or configures a hop tells the lowest version that may be negotiated.
        let is_open = matches!(hop.evidence, Some(EvidenceKind::Declared | EvidenceKind::Configured));
        let open = if is_open { "+" } else { "" };
        let mutual = if facts.client_checked == Checked::Verified { ", mutual" } else { "" };
        let post_quantum = facts.group.is_none() && tls.post_quantum == Some(true);
        told.extend(
            facts
                .version
                .map(|version| Fact::Version { text: format!("{version}{open}{mutual}"), post_quantum }),
        );
        told.extend(facts.group.map(|group| Fact::Group {
            name: group.to_string(),
            post_quantum: tls.post_quantum == Some(true),
        }));
        let ends = [&facts.server, &facts.client].into_iter().flatten().map(|peer| peer.not_after);
        told.extend(ends.min().map(|end| expiry(end, now)));
    }
    if hop.verdict != Verdict::Sealed {
        told.push(Fact::Reason(hop.reason.clone()));
    }
    told
}

fn expiry(end: Timestamp, now: Timestamp) -> Fact {
    let past = end < now;
    let word = if past { "expired" } else { "expires" };
    let text = if end.duration_since(now).abs() < NEAR {
        format!("{word} {}", relative(end, now))
    } else {
        format!("{word} {}", end.strftime("%Y-%m-%d"))
    };
    Fact::Expiry { text, past }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told_of(end: &str) -> (String, bool) {
        match expiry(end.parse().unwrap(), "2026-11-24T02:20:11Z".parse().unwrap()) {
            Fact::Expiry { text, past } => (text, past),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_expiry_that_is_near_is_told_in_hours_and_a_far_one_by_its_date() {
        assert_eq!(told_of("2026-11-25T01:20:11Z"), ("expires in 23 h".to_owned(), false));
        assert_eq!(told_of("2027-02-01T00:00:00Z"), ("expires 2027-02-01".to_owned(), false));
        assert_eq!(told_of("2026-11-24T01:20:11Z"), ("expired 60 min ago".to_owned(), true));
        assert_eq!(told_of("2026-11-01T00:00:00Z"), ("expired 2026-11-01".to_owned(), true));
    }

    #[test]
    fn a_hop_that_nobody_reports_is_unknown() {
        let name = HopName::new("a".parse().unwrap(), "b".parse().unwrap());
        let leg = Leg::of(None, name, Timestamp::UNIX_EPOCH);
        assert_eq!(
            (leg.judged().as_str(), leg.full().as_str()),
            ("unknown", "a → b: unknown; nobody reports it")
        );
    }
}
