//! The assessment of a hop: what is declared of it, and what its ends have seen.

use hermetic_tls::SecurityPolicy;
use jiff::Timestamp;

use crate::demand::Demand;
use crate::evidence::{Evidence, EvidenceKind, Transport, View};
use crate::judge::{Expectation, Judgement, judge};
use crate::observation::{Observation, Refusal, Step};
use crate::party::HopName;
use crate::report::{CleartextReport, Counts, HopReport};
use crate::verdict::{Mode, Verdict};

mod leave;

/// A hop as somebody declares it.
#[derive(Clone, Debug, PartialEq)]
pub struct Declared {
    /// Its parties.
    pub name: HopName,
    /// What it demands; `None` where it is not ours, so that we only look at it.
    pub demand: Option<Demand>,
    /// The policy that it is measured by.
    pub policy: &'static SecurityPolicy,
    /// How it is declared to travel; `None` where nobody who could know declares it.
    pub transport: Option<Transport>,
}

/// Assesses a declared hop by what its ends have seen; nothing seen is `unknown`.
pub fn assess_hop<'a>(
    declared: &Declared,
    observations: impl IntoIterator<Item = &'a Observation>,
    now: Timestamp,
) -> HopReport {
    let (mut client, mut server, mut passing) = (None, None, None);
    for observation in observations.into_iter().filter(|observation| observation.hop == declared.name) {
        match observation.view {
            View::Client => client = Some(observation),
            View::Server | View::Both => server = Some(observation),
            View::Observer => passing = Some(observation),
        }
    }
    let latest = |observation: Option<&Observation>| observation.and_then(|seen| seen.latest.clone());
    let evidence = match (latest(client), latest(server)) {
        (Some(client), Some(server)) => Some(client.joined(server)),
        (client, server) => client.or(server),
    };
    let expectation = Expectation { policy: declared.policy };
    let evidence = worse(evidence, latest(passing), &expectation, now);
    // Only our own attempts tell of the far end; what strangers fail at does not. Where we only look, to
    // look is our attempt, be it into the log of the end that is connected to.
    let ours = if declared.demand.is_none() { client.or(server) } else { client };
    let refusal = ours.and_then(|seen| seen.refusal.as_ref());
    let refusal = refusal.filter(|refusal| evidence.as_ref().is_none_or(|evidence| refusal.at > evidence.at));
    let judged = |evidence: Option<Evidence>| Assessment {
        judgement: judge(evidence.as_ref(), &expectation, now),
        view: evidence.as_ref().map(|evidence| evidence.view),
        evidence,
    };
    let latest = match refusal {
        Some(refusal) => Assessment::of_refusal(refused(refusal, declared.demand.as_ref())),
        None => judged(evidence),
    };
    // One in cleartext is not mended by those that came by TLS since.
    let cleartext = server.or(client).and_then(|seen| seen.cleartext.as_ref());
    let recent = cleartext.filter(|seen| seen.is_recent(now)).map(|seen| judged(Some(seen.evidence.clone())));
    let Assessment { mut judgement, view, evidence } = match recent {
        Some(recent) if recent.judgement.verdict < latest.judgement.verdict => recent,
        _ => latest,
    };
    for note in [client, server, passing].into_iter().flatten().filter_map(|seen| seen.note.as_deref()) {
        judgement.reason.push_str("; ");
        judgement.reason.push_str(note);
    }
    // Both ends count the same connections; the server's end also counts those that fail there.
    let mut counts = server.or(client).map(|seen| seen.counts.clone()).unwrap_or_default();
    // What passes through is other traffic.
    if let Some(passing) = passing {
        counts.add(&passing.counts);
    }
    let trial = client.and_then(|seen| seen.trial.as_ref());
    if let Some(demand) = &declared.demand {
        leave::spell_out(&mut judgement, demand, (&counts, cleartext), trial, now);
    }
    let report = declared.judged(judgement, evidence.as_ref()).with_counts(counts);
    let weakened = report.exception.is_some();
    let cleartext = cleartext.filter(|_| weakened).map(CleartextReport::from);
    HopReport { view, cleartext, trial: trial.cloned(), ..report }
}

/// One of the things by which a hop may be judged.
struct Assessment {
    judgement: Judgement,
    view: Option<View>,
    evidence: Option<Evidence>,
}

impl Assessment {
    /// What was negotiated before a refusal tells nothing of how the far end is now.
    fn of_refusal(judgement: Judgement) -> Self {
        Self { view: judgement.evidence.map(|_| View::Client), judgement, evidence: None }
    }
}

/// Some connections end here and others pass through: a hop that has both is no better than the worse;
/// of equal ones the later tells.
fn worse(
    ended: Option<Evidence>,
    passed: Option<Evidence>,
    expectation: &Expectation,
    now: Timestamp,
) -> Option<Evidence> {
    let (Some(one), Some(other)) = (&ended, &passed) else { return ended.or(passed) };
    let verdict = |evidence| judge(Some(evidence), expectation, now).verdict;
    let order = verdict(one).cmp(&verdict(other)).then(other.at.cmp(&one.at));
    if order.is_le() { ended } else { passed }
}

impl Declared {
    /// The hop as far as its declaration goes.
    pub fn report(&self, now: Timestamp) -> HopReport {
        let declared =
            |transport| Evidence { kind: EvidenceKind::Declared, view: View::Observer, at: now, transport };
        let evidence = self.transport.clone().map(declared);
        let mut judgement = judge(evidence.as_ref(), &Expectation { policy: self.policy }, now);
        if let Some(demand) = &self.demand {
            leave::spell_out(&mut judgement, demand, (&Counts::default(), None), None, now);
        }
        self.judged(judgement, evidence.as_ref())
    }

    fn judged(&self, judgement: Judgement, evidence: Option<&Evidence>) -> HopReport {
        let exception = self.demand.as_ref().and_then(Demand::exception).cloned();
        let report =
            HopReport::new(self.name.clone(), self.mode(), self.policy.full_name(), judgement, evidence);
        HopReport { exception, ..report }
    }

    fn mode(&self) -> Mode {
        self.demand.as_ref().map_or(Mode::Observe, Demand::mode)
    }
}

fn refused(refusal: &Refusal, demand: Option<&Demand>) -> Judgement {
    // We only look at a hop that is not ours; whether anything goes over it others know.
    if demand.is_none() {
        return Judgement { verdict: Verdict::Unknown, evidence: None, reason: refusal.reason.clone() };
    }
    let (verdict, consequence) = match refusal.step {
        Step::Handshake => (Verdict::Weak, "requests are refused"),
        Step::Cleartext => (Verdict::Clear, "requests are refused"),
        Step::Connect => (Verdict::Unknown, "nothing goes over it"),
    };
    let reason = format!("{}; {consequence}", refusal.reason);
    Judgement { verdict, evidence: Some(EvidenceKind::Negotiated), reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Checked, TlsFacts};
    use crate::samples::{expectation, facts, hour, name, now, seen};

    fn declared() -> Declared {
        let transport = Transport::Tls(Box::new(TlsFacts { suite: None, group: None, ..facts() }));
        let policy = expectation().policy;
        Declared {
            name: name("edge → app"),
            demand: Some(Demand::Require),
            policy,
            transport: Some(transport),
        }
    }

    fn observed(view: View, evidence: &Evidence) -> Observation {
        let mut observation = Observation::new(name("edge → app"), view);
        observation.connected(evidence);
        observation
    }

    fn client() -> Observation {
        observed(View::Client, &seen(View::Client, facts()))
    }

    #[test]
    fn a_declared_hop_that_nobody_saw_is_unknown() {
        let elsewhere = Observation::new(name("edge → orders"), View::Client);
        let report = assess_hop(&declared(), [&elsewhere], now());
        assert_eq!((report.verdict, report.evidence), (Verdict::Unknown, None));
    }

    #[test]
    fn what_both_ends_saw_is_put_together() {
        let facts = TlsFacts { client_checked: Checked::Verified, ..facts() };
        let server = observed(View::Server, &seen(View::Server, facts));
        let report = assess_hop(&declared(), [&client(), &server], now());
        assert_eq!((report.verdict, report.view), (Verdict::Sealed, Some(View::Both)));
        let facts = report.tls.unwrap().facts;
        assert_eq!((facts.server_checked, facts.client_checked), (Checked::Verified, Checked::Verified));
    }

    #[test]
    fn our_own_handshake_that_failed_since_makes_the_hop_weak_until_one_succeeds() {
        let mut ours = client();
        ours.refused(hour(1), Step::Handshake, "the server's certificate has expired");
        let report = assess_hop(&declared(), [&ours], hour(1));
        assert_eq!(report.verdict, Verdict::Weak);
        assert_eq!(report.reason, "the server's certificate has expired; requests are refused");
        assert_eq!((report.tls, report.view), (None, Some(View::Client)), "the handshake before is no news");
        ours.connected(&Evidence { at: hour(2), ..seen(View::Client, facts()) });
        assert_eq!(assess_hop(&declared(), [&ours], hour(2)).verdict, Verdict::Sealed);
    }

    #[test]
    fn a_far_end_that_answers_in_cleartext_makes_the_hop_clear() {
        let mut ours = client();
        ours.refused(hour(1), Step::Cleartext, "app speaks cleartext HTTP, not TLS");
        let report = assess_hop(&declared(), [&ours], hour(1));
        assert_eq!(report.verdict, Verdict::Clear);
        assert_eq!(report.reason, "app speaks cleartext HTTP, not TLS; requests are refused");
    }

    #[test]
    fn a_stranger_that_fails_at_our_door_does_not_change_the_verdict() {
        let mut server = observed(View::Server, &seen(View::Server, facts()));
        server.failed("protocol_version");
        let report = assess_hop(&declared(), [&server], hour(1));
        assert_eq!(report.verdict, Verdict::Sealed);
        assert_eq!(report.counts.unwrap().failed, 1);
    }

    #[test]
    fn a_source_of_a_hop_that_is_not_ours_says_why_it_is_mute_now() {
        let mut server = observed(View::Server, &seen(View::Server, facts()));
        server.refused(hour(1), Step::Connect, "tls.log is not there");
        let declared = Declared { demand: None, transport: None, ..declared() };
        let report = assess_hop(&declared, [&server], hour(1));
        assert_eq!((report.verdict, report.evidence), (Verdict::Unknown, None));
        assert_eq!(report.reason, "tls.log is not there");
    }

    #[test]
    fn a_hop_that_connections_end_at_and_pass_through_is_no_better_than_the_worse() {
        let weak = TlsFacts { version: Some(hermetic_tls::ProtocolVersion::TLS1_0), ..facts() };
        for (ended, passed, verdict, view) in [
            (facts(), facts(), Verdict::Sealed, View::Observer),
            (weak.clone(), facts(), Verdict::Weak, View::Server),
            (facts(), weak, Verdict::Weak, View::Observer),
        ] {
            let server = observed(View::Server, &seen(View::Server, ended));
            let passing = observed(View::Observer, &Evidence { at: hour(1), ..seen(View::Observer, passed) });
            let report = assess_hop(&declared(), [&passing, &server], hour(1));
            assert_eq!((report.verdict, report.view), (verdict, Some(view)));
            assert_eq!(report.counts.unwrap().connections, 2);
        }
    }

    #[test]
    fn what_an_observation_notes_follows_the_reason() {
        let mut server = observed(View::Server, &seen(View::Server, facts()));
        server.note = Some("all 12 connections in the last 24 h".to_owned());
        let reason = assess_hop(&declared(), [&server], now()).reason;
        assert!(reason.starts_with("within ") && reason.ends_with("; all 12 connections in the last 24 h"));
    }

    #[test]
    fn a_declaration_alone_counts_nothing_and_says_what_it_rests_on() {
        let report = declared().report(now());
        assert_eq!(report.verdict, Verdict::Sealed);
        assert_eq!((report.evidence, report.counts), (Some(EvidenceKind::Declared), None));
    }
}
