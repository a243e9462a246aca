//! The verdict on an endpoint: its own choice, and all else that it accepts.

use hermetic_hop::{Expectation, Judgement, Severity, Verdict, judge};
use hermetic_tls::SecurityPolicy;
use jiff::Timestamp;

use super::measure;
use crate::observe::Observations;
use crate::weaknesses::{Conclusion, Weakness};
use crate::{Outcome, Scanned};

/// Judges an endpoint by a policy. It is sealed where its choice is, and where it accepts nothing worse from
/// others.
pub fn verdict(scanned: &Scanned, policy: &'static SecurityPolicy, now: Timestamp) -> Judgement {
    let evidence = match &scanned.outcome {
        Outcome::Seen(evidence) => Some(evidence),
        Outcome::Unreachable { .. } => None,
    };
    let judged = judge(evidence, &Expectation { policy }, now);
    let observed = scanned.observed.as_ref().and_then(|observed| observed.as_ref().ok());
    match (&scanned.outcome, judged.verdict, observed) {
        (Outcome::Unreachable { reason, .. }, ..) => Judgement { reason: reason.clone(), ..judged },
        (Outcome::Seen(_), Verdict::Sealed, Some(seen)) => match worse(seen, policy) {
            Some(reason) => Judgement { verdict: Verdict::Weak, reason, ..judged },
            None => judged,
        },
        _ => judged,
    }
}

/// What it accepts that falls short, the first of it.
fn worse(seen: &Observations, policy: &SecurityPolicy) -> Option<String> {
    let measured = measure(seen, policy);
    let beyond = |what: &dyn std::fmt::Display| {
        Some(format!("it also accepts {what}, which {} does not have", policy.full_name()))
    };
    if let Some(version) = measured.versions_beyond.first() {
        return beyond(version);
    }
    let weakness = Weakness::ALL.into_iter().filter(|weakness| weakness.severity() >= Severity::Medium);
    let told = weakness.filter_map(|weakness| match weakness.of(seen) {
        Conclusion::Vulnerable(reason) => Some(format!("{}: {reason}", weakness.id())),
        _ => None,
    });
    if let Some(told) = { told }.next() {
        return Some(told);
    }
    match (measured.suites_beyond.first(), measured.groups_beyond.first()) {
        (Some(suite), _) => beyond(suite),
        (None, Some(group)) => beyond(group),
        (None, None) => None,
    }
}
