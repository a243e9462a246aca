//! The report on flows and hops that `hops` and `check` print: schema `hermetic.hops/1`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::evidence::{EvidenceKind, TlsFacts, View};
use crate::party::{HopName, PartyName};
use crate::verdict::{Mode, Verdict};

/// All flows and hops of an instance, judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// `hermetic.hops/1`.
    pub schema: String,
    /// When it was made.
    pub at: Timestamp,
    /// The flows, each with its weakest hop.
    pub flows: Vec<FlowReport>,
    /// The hops.
    pub hops: Vec<HopReport>,
    /// What falls short of a requirement.
    pub shortfalls: Vec<Shortfall>,
}

/// A flow, judged by its worst hop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowReport {
    /// Its name.
    pub name: PartyName,
    /// Its worst hop's verdict.
    pub verdict: Verdict,
    /// The hop that decides.
    pub weakest: HopName,
    /// Its hops in order.
    pub hops: Vec<HopName>,
}

/// A hop, judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HopReport {
    /// Who connects.
    pub from: PartyName,
    /// Whom it connects to.
    pub to: PartyName,
    /// The verdict.
    pub verdict: Verdict,
    /// What it rests on.
    pub evidence: Option<EvidenceKind>,
    /// Whose view it is.
    pub view: Option<View>,
    /// Why.
    pub reason: String,
    /// What the hop demands.
    pub mode: Mode,
    /// The policy that it is measured by.
    pub policy: String,
    /// The TLS facts of the latest evidence.
    pub tls: Option<TlsReport>,
    /// When the latest evidence was seen.
    pub seen: Option<Timestamp>,
    /// What was counted since the start.
    pub counts: Counts,
}

/// TLS facts as a report shows them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TlsReport {
    /// The facts.
    #[serde(flatten)]
    pub facts: TlsFacts,
    /// Whether the key exchange is post-quantum; absent where the group is not known.
    pub post_quantum: Option<bool>,
}

/// Connections of a hop, counted since the start of the instance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Finished handshakes.
    pub connections: u64,
    /// Handshakes that resumed a session.
    pub resumed: u64,
    /// Handshakes that failed.
    pub failed: u64,
    /// Requests.
    pub requests: u64,
    /// Bytes received from the hop's far end.
    pub bytes_received: u64,
    /// Bytes sent to the hop's far end.
    pub bytes_sent: u64,
    /// Requests that carried a secret in cleartext.
    pub credential_exposed: u64,
    /// By version.
    pub versions: BTreeMap<String, u64>,
    /// By suite.
    pub suites: BTreeMap<String, u64>,
    /// By group.
    pub groups: BTreeMap<String, u64>,
    /// Failed handshakes by reason.
    pub failures: BTreeMap<String, u64>,
}

/// A hop of a flow that falls short of a requirement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shortfall {
    /// The flow.
    pub flow: PartyName,
    /// The hop.
    pub hop: HopName,
    /// What it lacks.
    pub reason: String,
}

impl Counts {
    /// Adds what was counted elsewhere.
    pub fn add(&mut self, other: &Self) {
        self.connections += other.connections;
        self.resumed += other.resumed;
        self.failed += other.failed;
        self.requests += other.requests;
        self.bytes_received += other.bytes_received;
        self.bytes_sent += other.bytes_sent;
        self.credential_exposed += other.credential_exposed;
        for (mine, theirs) in [
            (&mut self.versions, &other.versions),
            (&mut self.suites, &other.suites),
            (&mut self.groups, &other.groups),
            (&mut self.failures, &other.failures),
        ] {
            for (key, count) in theirs {
                *mine.entry(key.clone()).or_default() += count;
            }
        }
    }
}
