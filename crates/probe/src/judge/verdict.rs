//! The verdict on an endpoint: its own choice, and all else that it accepts.

use hermetic_hop::{
    Checked, Evidence, EvidenceKind, Expectation, Judgement, Severity, TlsFacts, Transport, Verdict, View,
    judge,
};
use hermetic_tls::{Authentication, CipherSuite, KeyExchange, ProtocolVersion, SecurityPolicy};
use jiff::Timestamp;

use super::measure;
use crate::observe::{Observations, ObserveError, Order, Ranking, UNASKED};
use crate::weaknesses::{Conclusion, Weakness};
use crate::{Outcome, Scanned};

/// Judges an endpoint by a policy. It is sealed where its choice is, and where it accepts nothing worse from
/// others.
pub fn verdict(scanned: &Scanned, policy: &'static SecurityPolicy, now: Timestamp) -> Judgement {
    let judged = |evidence: Option<&Evidence>| judge(evidence, &Expectation { policy }, now);
    match (&scanned.outcome, &scanned.observed) {
        (Outcome::Unreachable { at, reason }, observed) => {
            let seen = observed.as_ref().and_then(|observed| observed.as_ref().ok());
            let Some(facts) = seen.and_then(chosen) else {
                return Judgement { reason: reason.clone(), ..judged(None) };
            };
            let with_keys = facts.suite.and_then(CipherSuite::authentication) == Some(Authentication::Psk);
            let transport = Transport::Tls(Box::new(facts));
            let (kind, view) = (EvidenceKind::Probed, View::Client);
            let judged = judged(Some(&Evidence { kind, view, at: *at, transport }));
            let reason = match with_keys {
                true => format!("{}; it speaks with shared keys, and shows no certificate", judged.reason),
                false => format!("{}; our own handshake failed: {reason}", judged.reason),
            };
            Judgement { reason, ..judged }
        }
        (Outcome::Seen(evidence), observed) => {
            let judged = judged(Some(evidence));
            match (judged.verdict, observed) {
                (Verdict::Sealed, Some(observed)) => of_all(judged, observed.as_ref(), policy),
                _ => judged,
            }
        }
    }
}

/// What it chose in the newest version, where it answered questions and there was no handshake to the end: it demands
/// a certificate of its clients, or speaks with what our library does not have. Nobody verified who it is. `None` where
/// it chose nothing.
pub fn chosen(seen: &Observations) -> Option<TlsFacts> {
    let facts = TlsFacts { server_checked: Checked::NotVerified, ..TlsFacts::default() };
    let Some(newest) = seen.versions.iter().rev().find(|observed| observed.support.is_yes()) else {
        // Of its ciphers the client chooses.
        return seen.ssl2.is_yes().then_some(TlsFacts { version: Some(ProtocolVersion::SSL2), ..facts });
    };
    let suite = best(&newest.suites)?;
    let group = newest.groups.accepted.first().copied().filter(|_| is_over_a_group(suite));
    Some(TlsFacts { version: Some(newest.version), suite: Some(suite), group, ..facts })
}

/// The suite with which a client of today would be answered: its best, where the server leaves that to clients.
fn best(suites: &Ranking<CipherSuite>) -> Option<CipherSuite> {
    let good = SecurityPolicy::default_policy().suites.unwrap_or_default();
    let by_client = suites.accepted.iter().filter(|_| suites.order == Some(Order::Client));
    { by_client }.find(|suite| good.contains(suite)).or(suites.accepted.first()).copied()
}

/// Whether keys are agreed on over a group with it; the groups of a version are those of its other suites, too.
fn is_over_a_group(suite: CipherSuite) -> bool {
    matches!(suite.key_exchange(), Some(KeyExchange::Tls13 | KeyExchange::Ecdhe | KeyExchange::EcdhAnon))
}

/// One whose choice is sealed, by all else that it accepts. Nothing is said of what nobody saw.
fn of_all(
    judged: Judgement,
    observed: Result<&Observations, &ObserveError>,
    policy: &SecurityPolicy,
) -> Judgement {
    let own = |rest: String| format!("its own choice is {}; what else it accepts {rest}", judged.reason);
    let reason = match observed {
        Err(error) => own(format!("could not be asked: {error}")),
        Ok(seen) => match (worse(seen, policy), &measure(seen, policy).unknown[..]) {
            (Some(reason), _) => return Judgement { verdict: Verdict::Weak, reason, ..judged },
            (None, []) => return judged,
            (None, unknown) if unknown.iter().all(|it| it.ends_with(UNASKED)) => {
                own("was not asked".to_owned())
            }
            (None, [first, ..]) => own(format!("is not all known: {first}")),
        },
    };
    Judgement { reason, ..judged }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::Support;
    use crate::samples::observed;

    fn judged(outcome: Outcome, seen: Observations) -> Judgement {
        let unreachable = Scanned::unreachable(Timestamp::UNIX_EPOCH, String::new());
        let scanned = Scanned { outcome, observed: Some(Ok(seen)), ..unreachable };
        verdict(&scanned, SecurityPolicy::default_policy(), Timestamp::UNIX_EPOCH)
    }

    fn of_tls13() -> Observations {
        let versions = vec![observed(ProtocolVersion::TLS1_3, &[0x1301], &[0x1D])];
        Observations { versions, ..Observations::default() }
    }

    fn failed() -> Outcome {
        Outcome::Unreachable { at: Timestamp::UNIX_EPOCH, reason: "alert certificate_required".to_owned() }
    }

    fn sealed() -> Outcome {
        let facts = chosen(&of_tls13()).map(|facts| TlsFacts { server_checked: Checked::Verified, ..facts });
        let transport = Transport::Tls(Box::new(facts.unwrap()));
        let (kind, view, at) = (EvidenceKind::Probed, View::Client, Timestamp::UNIX_EPOCH);
        Outcome::Seen(Evidence { kind, view, at, transport })
    }

    #[test]
    fn whoever_chose_and_shook_no_hands_is_judged_by_the_choice_and_never_sealed() {
        let unverified = judged(failed(), of_tls13());
        assert_eq!((unverified.verdict, unverified.evidence), (Verdict::Weak, Some(EvidenceKind::Probed)));
        let told =
            "the server's certificate was not verified; our own handshake failed: alert certificate_required";
        assert_eq!(unverified.reason, told);
        // TLS_RSA_WITH_NULL_SHA.
        let versions = vec![observed(ProtocolVersion::TLS1_2, &[0x0002], &[])];
        let null = judged(failed(), Observations { versions, ..Observations::default() });
        assert_eq!(null.verdict, Verdict::Weak);
        assert!(null.reason.starts_with("TLS_RSA_WITH_NULL_SHA"), "{}", null.reason);
        assert_eq!(judged(failed(), Observations::default()).verdict, Verdict::Unknown);
    }

    #[test]
    fn one_that_speaks_ssl_2_alone_is_weak() {
        let seen = Observations { ssl2: Support::Yes, ..Observations::default() };
        let judgement = judged(failed(), seen);
        assert_eq!((judgement.verdict, judgement.evidence), (Verdict::Weak, Some(EvidenceKind::Probed)));
        let told = "SSLv2 is not among the versions of mozilla/intermediate; our own handshake failed: ";
        assert!(judgement.reason.starts_with(told), "{}", judgement.reason);
    }

    #[test]
    fn a_suite_without_an_ephemeral_exchange_has_no_group() {
        let of = |suite| {
            let versions = vec![observed(ProtocolVersion::TLS1_2, &[suite, 0xC02B], &[0x1D])];
            chosen(&Observations { versions, ..Observations::default() }).unwrap().group
        };
        // TLS_RSA_WITH_AES_128_CBC_SHA and TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256.
        assert_eq!((of(0x002F), of(0xC02B)), (None, Some(hermetic_tls::NamedGroup::X25519)));
    }

    #[test]
    fn of_a_server_that_leaves_it_to_clients_the_best_is_what_it_chose() {
        let of = |order| {
            let mut tls12 = observed(ProtocolVersion::TLS1_2, &[0x002F, 0xC02B], &[0x1D]);
            tls12.suites.order = order;
            let seen = Observations { versions: vec![tls12], ..Observations::default() };
            chosen(&seen).unwrap().suite.unwrap().0
        };
        assert_eq!((of(Some(Order::Client)), of(Some(Order::Server)), of(None)), (0xC02B, 0x002F, 0x002F));
    }

    #[test]
    fn of_what_was_not_asked_the_reason_says_nothing() {
        let whole = judged(sealed(), of_tls13());
        assert_eq!((whole.verdict, &*whole.reason), (Verdict::Sealed, "within mozilla/intermediate"));
        let lacking = |why: &str| {
            let mut seen = of_tls13();
            seen.versions[0].suites.is_whole = Support::Unknown(why.to_owned());
            judged(sealed(), seen)
        };
        let (fast, broken) = (lacking(UNASKED), lacking("it reset the connection"));
        assert_eq!((fast.verdict, broken.verdict), (Verdict::Sealed, Verdict::Sealed));
        let own = "its own choice is within mozilla/intermediate; what else it accepts";
        assert_eq!(fast.reason, format!("{own} was not asked"));
        assert_eq!(
            broken.reason,
            format!("{own} is not all known: the suites of TLSv1.3: it reset the connection")
        );
    }
}
