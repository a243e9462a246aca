//! By whose leave cleartext passes, spelled out in every judgement of a hop that lets it.

use jiff::Timestamp;

use crate::cleartext::CleartextSeen;
use crate::demand::Demand;
use crate::judge::Judgement;
use crate::observation::TlsTrial;
use crate::relative::relative;
use crate::report::Counts;

/// Adds to a judgement how many connections went in cleartext, from where, what a trial of TLS brought,
/// and the exception. Nothing where there is none.
pub(super) fn spell_out(
    judgement: &mut Judgement,
    demand: &Demand,
    (counts, cleartext): (&Counts, Option<&CleartextSeen>),
    trial: Option<&TlsTrial>,
    now: Timestamp,
) {
    let Some(exception) = demand.exception() else { return };
    let mut say = |text: String| {
        judgement.reason.push_str("; ");
        judgement.reason.push_str(&text);
    };
    if let Some(seen) = cleartext {
        say(share(counts, seen, now));
    }
    if let Some(trial) = trial {
        say(tried(trial, now));
    }
    match demand.cleartext(now) {
        Ok(_) => say(exception.to_string()),
        Err(refused) => say(format!("refused from now on: {refused}")),
    }
}

/// `3 of 12 connections in cleartext, the last 5 min ago, from 203.0.113.7 (3)`.
fn share(counts: &Counts, seen: &CleartextSeen, now: Timestamp) -> String {
    let (some, all) = (counts.cleartext, counts.connections);
    let share = match all {
        1 => "the only connection".to_owned(),
        _ if some == all => format!("all {all} connections"),
        _ => format!("{some} of {all} connections"),
    };
    format!("{share} in cleartext, the last {}{}", relative(seen.evidence.at, now), seen.from)
}

fn tried(trial: &TlsTrial, now: Timestamp) -> String {
    let when = relative(trial.at, now);
    match &trial.problem {
        None => format!("TLS would be possible (tried {when}), so `prefer` can be"),
        Some(problem) => format!("TLS is not possible yet (tried {when}): {problem}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Declared, assess_hop};
    use super::*;
    use crate::evidence::{Evidence, EvidenceKind, Transport, View};
    use crate::exception::Exception;
    use crate::observation::Observation;
    use crate::report::HopReport;
    use crate::samples::{expectation, facts, hour, name, seen};
    use crate::verdict::Verdict;

    /// 1,800,000,000 s after 1970 is 2027-01-15, so that this holds for long.
    fn exception() -> Exception {
        let (reason, owner) = ("old tills".to_owned(), "shop".to_owned());
        Exception { reason, owner, until: "2027-03-31".parse().unwrap() }
    }

    fn cleartext(local: bool, hours: i64) -> Evidence {
        let (kind, view, at) = (EvidenceKind::Negotiated, View::Server, hour(hours));
        Evidence { kind, view, at, transport: Transport::Cleartext { local } }
    }

    fn assessed(observation: &Observation, hours: i64) -> HopReport {
        let policy = expectation().policy;
        let demand = Some(Demand::Prefer(exception()));
        let declared = Declared { name: name("edge → app"), demand, policy, transport: None };
        assess_hop(&declared, [observation], hour(hours))
    }

    /// The certificate in the samples is valid up to hour 23.
    fn mixed() -> Observation {
        let mut observation = Observation::new(name("edge → app"), View::Server);
        observation.connected_from(&cleartext(false, -20), "203.0.113.7".parse().ok());
        for hours in 1..3 {
            observation.connected(&Evidence { at: hour(hours), ..seen(View::Server, facts()) });
        }
        observation
    }

    #[test]
    fn one_connection_in_cleartext_is_not_mended_by_those_by_tls_since() {
        let report = assessed(&mixed(), 2);
        assert_eq!(report.verdict, Verdict::Clear);
        assert_eq!(
            report.reason,
            "cleartext that can leave the host; 1 of 3 connections in cleartext, the last 22 h ago, \
             from 203.0.113.7 (1); cleartext passes until 2027-03-31, shop answers for it: old tills"
        );
        assert_eq!(report.exception, Some(exception()));
        assert_eq!(report.counts.unwrap().cleartext, 1);
        assert_eq!(report.cleartext.unwrap().from.addresses.len(), 1);
    }

    #[test]
    fn a_day_without_cleartext_makes_the_hop_what_tls_makes_it_and_its_leave_is_told() {
        let report = assessed(&mixed(), 5);
        assert_eq!(report.verdict, Verdict::Sealed, "{}", report.reason);
        assert!(report.reason.ends_with("shop answers for it: old tills"), "{}", report.reason);
    }

    #[test]
    fn a_hop_that_saw_tls_alone_still_tells_that_cleartext_may_pass() {
        let mut observation = Observation::new(name("edge → app"), View::Server);
        observation.connected(&seen(View::Server, facts()));
        let report = assessed(&observation, 0);
        assert_eq!(report.verdict, Verdict::Sealed);
        assert!(report.reason.contains("cleartext passes until 2027-03-31"), "{}", report.reason);
    }

    #[test]
    fn cleartext_of_this_host_does_not_make_a_hop_clear() {
        let mut observation = Observation::new(name("edge → app"), View::Server);
        observation.connected_from(&cleartext(true, 0), "127.0.0.1".parse().ok());
        observation.connected(&Evidence { at: hour(1), ..seen(View::Server, facts()) });
        assert_eq!(assessed(&observation, 1).verdict, Verdict::Local);
    }

    #[test]
    fn past_its_last_day_an_exception_is_told_as_ended() {
        let days = 90 * 24;
        let report = assessed(&mixed(), days);
        assert!(report.reason.contains("refused from now on"), "{}", report.reason);
        assert!(report.reason.contains("ended with 2027-03-31 (shop answers for it)"), "{}", report.reason);
    }

    #[test]
    fn what_a_trial_of_tls_brought_is_told() {
        let mut observation = Observation::new(name("edge → app"), View::Client);
        observation.connected(&Evidence { view: View::Client, ..cleartext(false, 0) });
        observation.trial = Some(TlsTrial { at: hour(0), problem: None });
        let reason = assessed(&observation, 0).reason;
        assert!(reason.contains("TLS would be possible (tried now), so `prefer` can be"), "{reason}");
    }

    #[test]
    fn a_declaration_tells_by_whose_leave() {
        let policy = expectation().policy;
        let transport = Some(Transport::Cleartext { local: false });
        let demand = Some(Demand::Observe(exception()));
        let report = Declared { name: name("edge → app"), demand, policy, transport }.report(hour(0));
        assert_eq!(report.verdict, Verdict::Clear);
        assert!(report.reason.contains("shop answers for it"), "{}", report.reason);
    }
}
