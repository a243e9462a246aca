//! The assessment of a hop: what is declared of it, and what its ends have seen.

use hermetic_tls::SecurityPolicy;
use jiff::Timestamp;

use crate::evidence::{Evidence, EvidenceKind, Transport, View};
use crate::judge::{Expectation, Judgement, judge};
use crate::observation::{Observation, Refusal, Step};
use crate::party::HopName;
use crate::report::{Counts, HopReport, TlsReport};
use crate::verdict::{Mode, Verdict};

/// A hop as somebody declares it.
#[derive(Clone, Debug, PartialEq)]
pub struct Declared {
    /// Its parties.
    pub name: HopName,
    /// What it demands.
    pub mode: Mode,
    /// The policy that it is measured by.
    pub policy: &'static SecurityPolicy,
    /// How it is declared to travel.
    pub transport: Transport,
}

/// Assesses a declared hop by what its ends have seen; nothing seen is `unknown`.
pub fn assess_hop<'a>(
    declared: &Declared,
    observations: impl IntoIterator<Item = &'a Observation>,
    now: Timestamp,
) -> HopReport {
    let (mut client, mut server) = (None, None);
    for observation in observations.into_iter().filter(|observation| observation.hop == declared.name) {
        match observation.view {
            View::Client => client = Some(observation),
            View::Server | View::Both | View::Observer => server = Some(observation),
        }
    }
    let latest = |observation: Option<&Observation>| observation.and_then(|seen| seen.latest.clone());
    let evidence = match (latest(client), latest(server)) {
        (Some(client), Some(server)) => Some(client.joined(server)),
        (client, server) => client.or(server),
    };
    // Only our own attempts tell of the far end; what strangers fail at does not.
    let refusal = client.and_then(|seen| seen.refusal.as_ref());
    let refusal = refusal.filter(|refusal| evidence.as_ref().is_none_or(|evidence| refusal.at > evidence.at));
    let judgement = match refusal {
        Some(refusal) => refused(refusal),
        None => judge(evidence.as_ref(), &Expectation { policy: declared.policy }, now),
    };
    // Both ends count the same connections; the server's end also counts those that fail there.
    let counts = server.or(client).map(|seen| seen.counts.clone()).unwrap_or_default();
    report(declared, judgement, evidence, counts)
}

impl Declared {
    /// The hop as far as its declaration goes.
    pub fn report(&self, now: Timestamp) -> HopReport {
        let transport = self.transport.clone();
        let evidence = Evidence { kind: EvidenceKind::Declared, view: View::Observer, at: now, transport };
        let judgement = judge(Some(&evidence), &Expectation { policy: self.policy }, now);
        report(self, judgement, Some(evidence), Counts::default())
    }
}

fn refused(refusal: &Refusal) -> Judgement {
    let (verdict, consequence) = match refusal.step {
        Step::Handshake => (Verdict::Weak, "requests are refused"),
        Step::Connect => (Verdict::Unknown, "nothing goes over it"),
    };
    let reason = format!("{}; {consequence}", refusal.reason);
    Judgement { verdict, evidence: Some(EvidenceKind::Negotiated), reason }
}

fn report(
    declared: &Declared,
    judgement: Judgement,
    evidence: Option<Evidence>,
    counts: Counts,
) -> HopReport {
    let tls = evidence.as_ref().and_then(|evidence| match &evidence.transport {
        Transport::Tls(facts) => {
            Some(TlsReport { post_quantum: facts.post_quantum(), facts: facts.as_ref().clone() })
        }
        Transport::Cleartext { .. } => None,
    });
    HopReport {
        from: declared.name.from.clone(),
        to: declared.name.to.clone(),
        verdict: judgement.verdict,
        evidence: judgement.evidence,
        view: evidence.as_ref().map(|evidence| evidence.view),
        reason: judgement.reason,
        mode: declared.mode,
        policy: declared.policy.full_name(),
        tls,
        seen: evidence.as_ref().map(|evidence| evidence.at),
        counts,
    }
}
