use hermetic_tls::{CipherSuite, ProtocolVersion};
use proptest::prelude::*;

use super::*;
use crate::evidence::View;
use crate::samples::{any_evidence, expectation, facts, hour, now, peer, seen};

fn judged(view: View, facts: TlsFacts) -> Judgement {
    judge(Some(&seen(view, facts)), &expectation(), now())
}

#[test]
fn a_verified_handshake_within_policy_is_sealed() {
    let judgement = judged(View::Client, facts());
    assert_eq!(judgement.verdict, Verdict::Sealed);
    assert_eq!(judgement.evidence, Some(EvidenceKind::Negotiated));
    assert!(judgement.reason.starts_with("within mozilla/"), "{}", judgement.reason);
}

#[test]
fn a_server_can_not_see_whether_it_was_checked_and_is_sealed_all_the_same() {
    let facts = TlsFacts { server_checked: Checked::NotObservable, ..facts() };
    assert_eq!(judged(View::Server, facts).verdict, Verdict::Sealed);
}

#[test]
fn a_far_end_that_we_did_not_verify_is_weak_whatever_was_negotiated() {
    let facts = TlsFacts { server_checked: Checked::NotVerified, ..facts() };
    assert_eq!(judged(View::Client, facts).verdict, Verdict::Weak);
}

#[test]
fn what_the_check_found_is_the_reason() {
    let problem = Some("the certificate of db is for dns:x, not for dns:y".to_owned());
    let facts = TlsFacts { server_checked: Checked::NotVerified, problem: problem.clone(), ..facts() };
    let judgement = judged(View::Client, facts);
    assert_eq!((judgement.verdict, Some(judgement.reason)), (Verdict::Weak, problem));
}

#[test]
fn a_version_too_old_to_look_at_the_certificate_is_the_reason() {
    let version = Some(ProtocolVersion::TLS1_1);
    let facts = TlsFacts { version, server_checked: Checked::NotVerified, ..facts() };
    let judgement = judged(View::Client, facts);
    assert!(judgement.reason.starts_with("TLSv1.1 is not among"), "{}", judgement.reason);
}

#[test]
fn a_version_below_the_policy_is_weak_even_where_the_suite_is_not_known() {
    for suite in [Some(CipherSuite(0xC02F)), None] {
        let facts = TlsFacts { version: Some(ProtocolVersion::TLS1_0), suite, ..facts() };
        let judgement = judged(View::Client, facts);
        assert_eq!(judgement.verdict, Verdict::Weak);
        assert!(judgement.reason.starts_with("TLSv1.0 is not among"), "{}", judgement.reason);
    }
}

#[test]
fn an_expired_certificate_of_either_end_is_weak() {
    for expired in ["server", "client"] {
        let gone = Some(crate::PeerFacts { not_after: hour(-1), ..peer("app") });
        let facts = match expired {
            "server" => TlsFacts { server: gone, ..facts() },
            _ => TlsFacts { client: gone, ..facts() },
        };
        let judgement = judged(View::Client, facts);
        assert_eq!(judgement.verdict, Verdict::Weak);
        assert_eq!(judgement.reason, format!("the {expired}'s certificate has expired"));
    }
}

#[test]
fn a_certificate_that_was_made_for_tests_is_weak_whoever_shows_it() {
    let marked = crate::PeerFacts { issuer: "O=Hermetic test only".to_owned(), ..peer("app") };
    let judgement = judged(View::Server, TlsFacts { server: Some(marked), ..facts() });
    assert_eq!(judgement.verdict, Verdict::Weak);
    assert_eq!(judgement.reason, "the server's certificate is self-signed, for tests only");
}

#[test]
fn a_handshake_that_names_no_suite_proves_nothing_but_a_declaration_may_leave_it_open() {
    let open = TlsFacts { suite: None, ..facts() };
    assert_eq!(judged(View::Client, open.clone()).verdict, Verdict::Unknown);
    let declared = Evidence { kind: EvidenceKind::Declared, ..seen(View::Observer, open) };
    assert_eq!(judge(Some(&declared), &expectation(), now()).verdict, Verdict::Sealed);
}

#[test]
fn cleartext_is_clear_unless_it_can_not_leave_the_host() {
    for (local, verdict) in [(true, Verdict::Local), (false, Verdict::Clear)] {
        let evidence = Evidence { transport: Transport::Cleartext { local }, ..seen(View::Client, facts()) };
        assert_eq!(judge(Some(&evidence), &expectation(), now()).verdict, verdict);
    }
}

#[test]
fn nothing_seen_is_unknown_and_rests_on_nothing() {
    let judgement = judge(None, &expectation(), now());
    assert_eq!((judgement.verdict, judgement.evidence), (Verdict::Unknown, None));
}

proptest! {
    #[test]
    fn cleartext_is_never_sealed_and_tls_never_clear(evidence in any_evidence()) {
        let verdict = judge(Some(&evidence), &expectation(), now()).verdict;
        match evidence.transport {
            Transport::Cleartext { .. } => prop_assert!(matches!(verdict, Verdict::Clear | Verdict::Local)),
            Transport::Tls(_) => prop_assert!(!matches!(verdict, Verdict::Clear | Verdict::Local)),
        }
    }

    #[test]
    fn time_never_makes_a_verdict_better(evidence in any_evidence(), hours in 0..100_i64) {
        let (early, late) = (now(), hour(hours));
        let at = |now| judge(Some(&evidence), &expectation(), now).verdict;
        prop_assert!(at(late) <= at(early));
    }

    #[test]
    fn what_is_sealed_names_a_version_of_the_policy(evidence in any_evidence()) {
        let judgement = judge(Some(&evidence), &expectation(), now());
        if let (Verdict::Sealed, Transport::Tls(facts)) = (judgement.verdict, &evidence.transport) {
            let within = facts.version.is_none_or(|version| expectation().policy.versions.contains(&version));
            prop_assert!(within && facts.server_checked != Checked::NotVerified);
        }
    }
}
