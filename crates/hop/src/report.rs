//! The report on flows and hops that `hops` and `check` print: schema `hermetic.hops/1`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::cleartext::{CleartextSeen, Origins};
use crate::evidence::{Evidence, EvidenceKind, TlsFacts, Transport, View};
use crate::exception::Exception;
use crate::flow::Flow;
use crate::judge::Judgement;
use crate::observation::TlsTrial;
use crate::party::{HopName, PartyName};
use crate::requirement::Requirement;
use crate::scan::Scan;
use crate::verdict::{Mode, Verdict};

/// The name of the schema of a [`Report`].
pub const SCHEMA: &str = "hermetic.hops/1";

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
    /// The hop that decides; `null` where the path has no hop.
    pub weakest: Option<HopName>,
    /// Its parties in order.
    pub path: Vec<PartyName>,
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
    /// By whose leave cleartext passes, or did until its last day; absent in `require`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exception: Option<Exception>,
    /// From where cleartext came; absent where none was seen, or none can leave the host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cleartext: Option<CleartextReport>,
    /// Whether TLS would have been possible where cleartext is spoken; absent where it was not tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial: Option<TlsTrial>,
    /// The policy that it is measured by.
    pub policy: String,
    /// The TLS facts of the latest evidence.
    pub tls: Option<TlsReport>,
    /// When the latest evidence was seen.
    pub seen: Option<Timestamp>,
    /// What was counted since the start; absent where nothing counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<Counts>,
    /// The latest scan of the far end; absent where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scan: Option<Scan>,
}

/// Connections in cleartext as a report shows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CleartextReport {
    /// When the latest one was seen.
    pub seen: Timestamp,
    /// From where they came.
    #[serde(flatten)]
    pub from: Origins,
}

/// TLS facts as a report shows them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TlsReport {
    /// Whether the key exchange is post-quantum; `null` where the group is not known.
    pub post_quantum: Option<bool>,
    /// The facts.
    #[serde(flatten)]
    pub facts: TlsFacts,
}

/// Connections of a hop, counted since the start of the instance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Connections that came to stand.
    pub connections: u64,
    /// Connections in cleartext among them.
    pub cleartext: u64,
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
    /// Key updates that we began on connections of TLS 1.3. Each changes the keys of both directions.
    #[serde(default)]
    pub key_updates: u64,
    /// Live connections that were ended, by why: `revoked`, `expired`.
    #[serde(default)]
    pub ended: BTreeMap<String, u64>,
    /// Certificates of clients that were refused, by what was wrong: `revoked`, `stale_crl`, `no_crl`,
    /// `expired`, `unknown_issuer`, `missing` and the like.
    #[serde(default)]
    pub refused_certificates: BTreeMap<String, u64>,
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

impl Report {
    /// The report on these hops, and on the flows and requirements that speak of them.
    pub fn of(hops: Vec<HopReport>, flows: &[Flow], requirements: &[Requirement], at: Timestamp) -> Self {
        let shortfalls = flows
            .iter()
            .flat_map(|flow| requirements.iter().map(move |requirement| (flow, requirement)))
            .filter(|(flow, requirement)| requirement.applies_to(flow))
            .flat_map(|(flow, requirement)| shortfalls(flow, requirement, &hops))
            .collect();
        let flows = flows.iter().map(|flow| FlowReport::of(flow, &hops)).collect();
        Self { schema: SCHEMA.to_owned(), at, flows, hops, shortfalls }
    }

    /// Whether a hop, a flow or a requirement needs somebody's attention.
    pub fn falls_short(&self) -> bool {
        self.hops.iter().any(|hop| hop.verdict.falls_short())
            || self.flows.iter().any(|flow| flow.verdict.falls_short())
            || !self.shortfalls.is_empty()
    }

    /// The hop between these parties.
    pub fn hop(&self, name: &HopName) -> Option<&HopReport> {
        self.hops.iter().find(|hop| hop.is(name))
    }

    /// The same report on one flow and its hops alone, in the flow's order; `None` where there is no
    /// such flow.
    pub fn of_flow(&self, name: &PartyName) -> Option<Self> {
        let flow = self.flows.iter().find(|flow| flow.name == *name)?;
        let hops = flow.hops().filter_map(|name| self.hop(&name).cloned()).collect();
        let of_flow = |shortfall: &&Shortfall| shortfall.flow == *name;
        Some(Self {
            schema: self.schema.clone(),
            at: self.at,
            flows: vec![flow.clone()],
            hops,
            shortfalls: self.shortfalls.iter().filter(of_flow).cloned().collect(),
        })
    }
}

impl FlowReport {
    /// A flow judged by these hops. A hop of the flow that is not among them is `unknown`.
    pub fn of(flow: &Flow, hops: &[HopReport]) -> Self {
        let path = flow.path.clone();
        let missing = flow.hops().find(|name| !hops.iter().any(|hop| hop.is(name)));
        let own = flow.hops().filter_map(|name| hops.iter().find(|hop| hop.is(&name)));
        let (verdict, decides) = match (weakest(own), missing) {
            (Some(hop), Some(missing)) if hop.verdict > Verdict::Unknown => (Verdict::Unknown, Some(missing)),
            (Some(hop), _) => (hop.verdict, Some(hop.name())),
            (None, missing) => (Verdict::Unknown, missing),
        };
        Self { name: flow.name.clone(), verdict, weakest: decides, path }
    }

    /// Its hops in order.
    pub fn hops(&self) -> impl Iterator<Item = HopName> + '_ {
        crate::flow::hops_of(&self.path)
    }
}

impl HopReport {
    /// A hop judged by this evidence, without counts.
    pub fn new(
        name: HopName,
        mode: Mode,
        policy: String,
        judgement: Judgement,
        evidence: Option<&Evidence>,
    ) -> Self {
        let tls = evidence.and_then(|evidence| match &evidence.transport {
            Transport::Tls(facts) => Some(TlsReport::from(facts.as_ref().clone())),
            Transport::Cleartext { .. } => None,
        });
        Self {
            from: name.from,
            to: name.to,
            verdict: judgement.verdict,
            evidence: judgement.evidence,
            view: evidence.map(|evidence| evidence.view),
            reason: judgement.reason,
            mode,
            exception: None,
            cleartext: None,
            trial: None,
            policy,
            tls,
            seen: evidence.map(|evidence| evidence.at),
            counts: None,
            scan: None,
        }
    }

    /// The same with what was counted.
    pub fn with_counts(self, counts: Counts) -> Self {
        Self { counts: Some(counts), ..self }
    }

    /// Its parties.
    pub fn name(&self) -> HopName {
        HopName::new(self.from.clone(), self.to.clone())
    }

    /// Whether it is the hop between these parties.
    pub fn is(&self, name: &HopName) -> bool {
        self.from == name.from && self.to == name.to
    }

    /// What there is to say of it as the weakest hop: why it falls short, or what would make it better.
    pub fn weakness(&self) -> String {
        let Some(tls) = self.tls.as_ref().filter(|_| self.verdict == Verdict::Sealed) else {
            return self.reason.clone();
        };
        let version = tls.facts.version.map(|version| version.to_string());
        match (tls.facts.group, tls.post_quantum, tls.facts.post_quantum_offered) {
            (Some(group), Some(true), _) => format!("{group}, post-quantum"),
            (Some(group), _, Some(false)) => {
                format!("{group}, not post-quantum (this client did not offer it)")
            }
            (Some(group), ..) => format!("{group}, not post-quantum"),
            (None, ..) => version.unwrap_or_else(|| self.reason.clone()),
        }
    }

    /// How the latest evidence says that its bytes travel; `None` where there is none.
    pub fn transport(&self) -> Option<Transport> {
        match (&self.tls, self.seen) {
            (Some(tls), _) => Some(Transport::Tls(Box::new(tls.facts.clone()))),
            (None, Some(_)) => Some(Transport::Cleartext { local: self.verdict == Verdict::Local }),
            (None, None) => None,
        }
    }
}

impl From<&CleartextSeen> for CleartextReport {
    fn from(seen: &CleartextSeen) -> Self {
        Self { seen: seen.evidence.at, from: seen.from.clone() }
    }
}

impl From<TlsFacts> for TlsReport {
    fn from(facts: TlsFacts) -> Self {
        Self { post_quantum: facts.post_quantum(), facts }
    }
}

/// The hop that decides: the worst verdict's; among equal ones a classical key exchange before a
/// post-quantum one, then the lower version, then the first. What is not known counts as the worse.
pub fn weakest<'a>(hops: impl IntoIterator<Item = &'a HopReport>) -> Option<&'a HopReport> {
    hops.into_iter().min_by_key(|hop| {
        let tls = hop.tls.as_ref();
        (hop.verdict, tls.and_then(|tls| tls.post_quantum), tls.and_then(|tls| tls.facts.version))
    })
}

fn shortfalls(flow: &Flow, requirement: &Requirement, hops: &[HopReport]) -> Vec<Shortfall> {
    flow.hops()
        .flat_map(|name| {
            let hop = hops.iter().find(|hop| hop.is(&name));
            let reasons = match hop.and_then(HopReport::transport) {
                None if hop.is_some_and(|hop| hop.evidence.is_some()) => {
                    vec!["no connection comes to stand".to_owned()]
                }
                transport => requirement.shortfalls(transport.as_ref()),
            };
            reasons.into_iter().map(move |reason| Shortfall {
                flow: flow.name.clone(),
                hop: name.clone(),
                reason,
            })
        })
        .collect()
}

impl Counts {
    /// Adds what was counted elsewhere.
    pub fn add(&mut self, other: &Self) {
        self.connections += other.connections;
        self.cleartext += other.cleartext;
        self.resumed += other.resumed;
        self.failed += other.failed;
        self.requests += other.requests;
        self.bytes_received += other.bytes_received;
        self.bytes_sent += other.bytes_sent;
        self.credential_exposed += other.credential_exposed;
        self.key_updates += other.key_updates;
        for (mine, theirs) in [
            (&mut self.ended, &other.ended),
            (&mut self.refused_certificates, &other.refused_certificates),
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

#[cfg(test)]
mod tests;
