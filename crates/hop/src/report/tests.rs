use hermetic_tls::{NamedGroup, ProtocolVersion};
use proptest::prelude::*;

use super::*;
use crate::samples::{any_evidence, any_verdict, facts, flow, hour, name, now, report, seen};

fn negotiated(hop: &str, version: ProtocolVersion, group: NamedGroup) -> HopReport {
    let mut hop = report(hop, Some(&seen(View::Client, facts())));
    hop.tls =
        Some(TlsReport::from(TlsFacts { version: Some(version), group: Some(group), ..TlsFacts::default() }));
    hop
}

fn three_hops() -> Vec<HopReport> {
    vec![
        negotiated("client → edge", ProtocolVersion::TLS1_3, NamedGroup::X25519MLKEM768),
        negotiated("edge → balancer", ProtocolVersion::TLS1_3, NamedGroup::X25519MLKEM768),
        negotiated("balancer → app", ProtocolVersion::TLS1_3, NamedGroup::X25519MLKEM768),
    ]
}

const TOUR: &str = "client → edge → balancer → app";

#[test]
fn the_worst_verdict_decides_before_any_group_or_version() {
    let mut hops = three_hops();
    hops[0].tls = None;
    hops[1].verdict = Verdict::Weak;
    assert_eq!(weakest(&hops).unwrap().name(), name("edge → balancer"));
}

#[test]
fn among_equal_verdicts_a_classical_key_exchange_decides() {
    let mut hops = three_hops();
    hops[2] = negotiated("balancer → app", ProtocolVersion::TLS1_3, NamedGroup::X25519);
    assert_eq!(weakest(&hops).unwrap().name(), name("balancer → app"));
}

#[test]
fn among_classical_ones_the_lower_version_decides_and_then_the_first() {
    let classical = |hop, version| negotiated(hop, version, NamedGroup::X25519);
    let hops = [
        classical("client → edge", ProtocolVersion::TLS1_3),
        classical("edge → balancer", ProtocolVersion::TLS1_2),
        classical("balancer → app", ProtocolVersion::TLS1_2),
    ];
    assert_eq!(weakest(&hops).unwrap().name(), name("edge → balancer"));
    assert!(weakest(&[]).is_none());
}

#[test]
fn a_flow_whose_hop_nobody_reported_is_unknown_and_that_hop_is_named() {
    let mut hops = three_hops();
    hops.remove(1);
    let judged = FlowReport::of(&flow("tour", TOUR), &hops);
    assert_eq!((judged.verdict, judged.weakest), (Verdict::Unknown, Some(name("edge → balancer"))));
}

#[test]
fn a_weak_hop_is_worse_than_a_missing_one() {
    let mut hops = three_hops();
    hops.remove(1);
    hops[1].verdict = Verdict::Weak;
    let judged = FlowReport::of(&flow("tour", TOUR), &hops);
    assert_eq!((judged.verdict, judged.weakest), (Verdict::Weak, Some(name("balancer → app"))));
}

#[test]
fn the_weakest_hop_says_what_would_make_it_better() {
    let mut hop = negotiated("client → edge", ProtocolVersion::TLS1_3, NamedGroup::X25519);
    assert_eq!(hop.weakness(), "X25519, not post-quantum");
    if let Some(tls) = &mut hop.tls {
        tls.facts.post_quantum_offered = Some(false);
    }
    assert_eq!(hop.weakness(), "X25519, not post-quantum (this client did not offer it)");
    hop.verdict = Verdict::Weak;
    hop.reason = "the server's certificate has expired".to_owned();
    assert_eq!(hop.weakness(), "the server's certificate has expired");
}

#[test]
fn a_requirement_that_a_sealed_hop_does_not_meet_makes_the_report_fall_short() {
    let mut hops = three_hops();
    hops[0] = negotiated("client → edge", ProtocolVersion::TLS1_3, NamedGroup::X25519);
    let flows = [flow("tour", TOUR)];
    assert!(!Report::of(hops.clone(), &flows, &[], now()).falls_short());
    let requirement = Requirement { post_quantum: true, ..Requirement::default() };
    let report = Report::of(hops, &flows, &[requirement], now());
    let expected = Shortfall {
        flow: "tour".parse().unwrap(),
        hop: name("client → edge"),
        reason: "X25519 is not post-quantum".to_owned(),
    };
    assert_eq!(report.shortfalls, [expected]);
    assert!(report.falls_short());
}

#[test]
fn a_requirement_speaks_only_of_the_flows_that_it_names_or_tags() {
    let tagged = Flow { tags: vec!["card".to_owned()], ..flow("pay", "client → edge") };
    let other = flow("tour", TOUR);
    let by_tag = Requirement { tags: vec!["card".to_owned()], ..Requirement::default() };
    let by_name = Requirement { flows: vec!["tour".parse().unwrap()], ..Requirement::default() };
    assert!(by_tag.applies_to(&tagged) && !by_tag.applies_to(&other));
    assert!(by_name.applies_to(&other) && !by_name.applies_to(&tagged));
    assert!(Requirement::default().applies_to(&tagged) && Requirement::default().applies_to(&other));
}

#[test]
fn a_hop_outside_every_flow_still_makes_the_report_fall_short() {
    let mut hops = three_hops();
    hops.push(report("edge → orders", None));
    assert!(Report::of(hops, &[flow("tour", TOUR)], &[], now()).falls_short());
}

#[test]
fn the_report_on_one_flow_has_its_hops_in_the_order_of_travel() {
    let mut hops = three_hops();
    hops.reverse();
    hops.push(report("edge → orders", None));
    let report = Report::of(hops, &[flow("tour", TOUR), flow("orders", "edge → orders")], &[], now());
    let tour = report.of_flow(&"tour".parse().unwrap()).unwrap();
    let names: Vec<_> = tour.hops.iter().map(|hop| hop.name().to_string()).collect();
    assert_eq!(names, ["client → edge", "edge → balancer", "balancer → app"]);
    assert!(!tour.falls_short());
    assert!(report.of_flow(&"elsewhere".parse().unwrap()).is_none());
}

#[test]
fn a_hop_reads_well_as_json() {
    let evidence = seen(View::Client, facts());
    insta::assert_snapshot!(serde_json::to_string_pretty(&report("edge → app", Some(&evidence))).unwrap());
}

proptest! {
    #[test]
    fn a_flow_is_never_better_than_its_worst_hop(verdicts in proptest::collection::vec(any_verdict(), 3)) {
        let mut hops = three_hops();
        for (hop, verdict) in hops.iter_mut().zip(&verdicts) {
            hop.verdict = *verdict;
        }
        let judged = FlowReport::of(&flow("tour", TOUR), &hops);
        prop_assert_eq!(Some(&judged.verdict), verdicts.iter().min());
        let decides = hops.iter().find(|hop| hop.is(judged.weakest.as_ref().unwrap())).unwrap();
        prop_assert_eq!(decides.verdict, judged.verdict);
    }

    #[test]
    fn a_flow_falls_short_exactly_when_one_of_its_hops_does(
        verdicts in proptest::collection::vec(any_verdict(), 3),
    ) {
        let mut hops = three_hops();
        for (hop, verdict) in hops.iter_mut().zip(&verdicts) {
            hop.verdict = *verdict;
        }
        let report = Report::of(hops, &[flow("tour", TOUR)], &[], now());
        prop_assert_eq!(report.falls_short(), verdicts.iter().any(|verdict| verdict.falls_short()));
    }

    #[test]
    fn every_verdict_that_falls_short_is_worse_than_every_one_that_does_not(
        one in any_verdict(),
        other in any_verdict(),
    ) {
        if one.falls_short() && !other.falls_short() {
            prop_assert!(one < other);
        }
    }

    #[test]
    fn a_report_reads_back_from_its_json(evidence in any_evidence(), hours in 0..24_i64) {
        let hops = vec![report("client → edge", Some(&evidence)).with_counts(Counts::default())];
        let report = Report::of(hops, &[flow("tour", "client → edge")], &[], hour(hours));
        let json = serde_json::to_string(&report).unwrap();
        prop_assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), report);
    }
}
