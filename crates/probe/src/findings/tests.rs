use std::collections::BTreeSet;
use std::net::SocketAddr;

use hermetic_hop::{Evidence, EvidenceKind, Scheme, Transport, View};
use hermetic_tls::{Identity, ProtocolVersion, RevokedCertificates, TrustAnchors};

use super::*;
use crate::certificates::Certificates;
use crate::observe::{Observations, Support};
use crate::samples::{observed, site};
use crate::way::Opened;
use crate::weaknesses::Weakness;
use crate::web::{Site, Web};
use crate::{Beside, Depth, Outcome, Scanned};

const SUITES: &[u16] = &[0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8];
const MODERN: &[u16] = &[0x1301, 0x1302, 0x1303];

fn root() -> String {
    rcgen::generate_simple_self_signed(vec!["root.test".to_owned()]).unwrap().cert.pem()
}

fn target(endpoint: &str) -> Target {
    Target {
        endpoint: endpoint.parse().unwrap(),
        trust: TrustAnchors::from_pem(&root()).unwrap(),
        revoked: RevokedCertificates::default(),
        expected: Identity::host("shop.test").unwrap(),
        policy: SecurityPolicy::default_policy(),
        credential: None,
        extent: None,
    }
}

fn scanned(observed: Option<Observations>, outcome: Outcome) -> Scanned {
    let address = Some(SocketAddr::from(([127, 0, 0, 1], 443)).into());
    Scanned {
        address,
        greeting: None,
        outcome,
        cleartext: None,
        observed: observed.map(Ok),
        beside: None,
        connections: Opened::default(),
    }
}

fn unseen() -> Outcome {
    Outcome::Unreachable { at: Timestamp::UNIX_EPOCH, reason: String::new() }
}

/// What an nginx with Mozilla's intermediate policy shows.
fn modern() -> Observations {
    let mut seen = Observations {
        versions: vec![
            observed(ProtocolVersion::TLS1_2, SUITES, &[0x1D, 0x17, 0x18]),
            observed(ProtocolVersion::TLS1_3, MODERN, &[0x11EC, 0x1D, 0x17, 0x18]),
        ],
        ..Default::default()
    };
    seen.features.secure_renegotiation = Support::Yes;
    seen
}

fn found(seen: Observations) -> Vec<Found> {
    let scanned = scanned(Some(seen), unseen());
    of(Case {
        target: &target("https://shop.test"),
        scanned: &scanned,
        at: Timestamp::UNIX_EPOCH,
        software: None,
    })
}

fn ids(found: &[Found]) -> Vec<&str> {
    found.iter().map(|found| found.finding.control).collect()
}

#[test]
fn a_modern_server_has_no_finding() {
    assert_eq!(found(modern()), []);
}

#[test]
fn every_weakness_has_a_check_and_every_check_an_id_of_its_own_and_a_question() {
    let all: BTreeSet<_> = checks().map(|check| check.control.id).collect();
    assert_eq!(all.len(), checks().count());
    assert!(Weakness::ALL.iter().all(|weakness| all.contains(weakness.id())));
    assert!(checks().all(|check| !check.question.is_empty()));
}

#[test]
fn what_is_old_and_beyond_the_policy_is_found_the_worst_first() {
    let mut seen = modern();
    seen.versions.insert(0, observed(ProtocolVersion::TLS1_0, &[0xC013, 0x0005], &[0x17]));
    seen.versions[1].suites.accepted.push(hermetic_tls::CipherSuite(0x009C));
    let found = found(seen);
    let expected = ["rc4", "tls1.0", "suite-beyond-policy", "beast", "lucky13", "no-forward-secrecy"];
    assert_eq!(ids(&found), expected);
    assert_eq!(found[2].subjects, ["TLS_RSA_WITH_AES_128_GCM_SHA256"]);
    assert!(found[1].finding.reason.contains("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"), "{found:?}");
    assert_eq!(found[1].finding.remedy, "allow TLSv1.2, TLSv1.3 and nothing else");
}

#[test]
fn an_old_version_that_the_policy_has_is_less_bad() {
    let mut seen = modern();
    seen.versions.insert(0, observed(ProtocolVersion::TLS1_1, &[0xC013], &[0x17]));
    let scanned = scanned(Some(seen), unseen());
    let policy = SecurityPolicy::named("mozilla-5.8/old").unwrap();
    let target = Target { policy, ..target("https://shop.test") };
    let found = of(Case { target: &target, scanned: &scanned, at: Timestamp::UNIX_EPOCH, software: None });
    let old = found.iter().find(|found| found.finding.control == "tls1.1").unwrap();
    assert_eq!(old.finding.severity, Severity::Low);
}

#[test]
fn a_missing_post_quantum_group_is_said_and_so_is_one_that_is_not_preferred() {
    let mut seen = modern();
    seen.versions[1].groups.accepted.remove(0);
    assert_eq!(ids(&found(seen)), ["no-post-quantum"]);
    let mut seen = modern();
    seen.versions[1].groups.accepted.swap(0, 1);
    let found = found(seen);
    assert_eq!(found[0].finding.reason, "it knows X25519MLKEM768, and takes X25519 where both are offered");
}

#[test]
fn under_a_policy_without_post_quantum_groups_the_remedy_names_one_that_has_them() {
    let remedy = |policy: &str, endpoint: &str| {
        let mut seen = modern();
        seen.versions[1].groups.accepted.remove(0);
        let target = Target { policy: SecurityPolicy::named(policy).unwrap(), ..target(endpoint) };
        let scanned = scanned(Some(seen), unseen());
        let case = Case { target: &target, scanned: &scanned, at: Timestamp::UNIX_EPOCH, software: None };
        let found = of(case).into_iter().find(|found| found.finding.control == "no-post-quantum").unwrap();
        (found.finding.remedy, found.configuration.unwrap().lines.remove(0))
    };
    let (words, line) = remedy("mozilla-5.7/intermediate", "https://shop.test");
    assert!(
        words.starts_with(
            "choose a policy with post-quantum groups, which mozilla-5.7/intermediate has not: \
             mozilla/intermediate."
        ),
        "{words}"
    );
    assert_eq!(line, "Groups = X25519MLKEM768:X25519:prime256v1:secp384r1");
    let (words, line) = remedy("elb/ELBSecurityPolicy-TLS13-1-2-Res-2021-06", "https://x.elb.amazonaws.com");
    assert!(words.contains("elb/ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"), "{words}");
    assert!(line.ends_with("--ssl-policy ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"), "{line}");
    let (words, _) = remedy("mozilla/intermediate", "https://shop.test");
    assert!(words.starts_with("put X25519MLKEM768 first"), "{words}");
}

#[test]
fn cleartext_is_found_and_is_less_bad_where_it_can_not_leave_the_host() {
    for (local, severity) in [(false, Severity::Critical), (true, Severity::Informational)] {
        let transport = Transport::Cleartext { local };
        let at = Timestamp::UNIX_EPOCH;
        let evidence = Evidence { kind: EvidenceKind::Probed, view: View::Client, at, transport };
        let scanned = scanned(None, Outcome::Seen(evidence));
        let found = of(Case { target: &target("redis://cache"), scanned: &scanned, at, software: None });
        assert_eq!(ids(&found), ["cleartext"]);
        assert_eq!(found[0].finding.severity, severity);
        assert_eq!(found[0].configuration.as_ref().unwrap().software, Software::Redis);
    }
}

#[test]
fn a_site_that_leads_from_tls_to_cleartext_is_a_finding() {
    let is_found = |status, location: &str| {
        let site = Site { status, location: Some(location.to_owned()), ..site() };
        let web = Some(Web { site: Ok(site), plain: None });
        let beside = Some(Beside { certificates: Certificates::default(), web, dns: None });
        let scanned = Scanned { beside, ..scanned(Some(modern()), unseen()) };
        let target = target("https://shop.test");
        let case = Case { target: &target, scanned: &scanned, at: Timestamp::UNIX_EPOCH, software: None };
        ids(&of(case)).contains(&"https-redirects-to-http")
    };
    assert!(is_found(301, "http://shop.test/") && is_found(302, "HTTP://www.shop.test/in"));
    assert!(!is_found(301, "https://shop.test/") && !is_found(302, "/in"));
    assert!(!is_found(201, "http://shop.test/made"), "that is no redirect");
}

#[test]
fn what_nobody_can_tell_is_no_finding() {
    let mut seen = modern();
    seen.versions[0].suites.is_whole = Support::Unknown("silence".to_owned());
    seen.versions[1].support = Support::Unknown("silence".to_owned());
    seen.features.takes_large_hello = Support::Unknown("silence".to_owned());
    assert_eq!(found(seen), []);
}

#[test]
fn a_server_is_known_by_its_word_its_name_its_protocol_or_its_issuer() {
    let signs = Signs { scheme: Some(Scheme::Https), host: "shop.test", ..Signs::default() };
    for (signs, software) in [
        (Signs { server: Some("nginx/1.22.1"), ..signs }, Some(Software::Nginx)),
        (Signs { server: Some("Apache/2.4.62 (Debian)"), ..signs }, Some(Software::Apache)),
        (Signs { server: Some("istio-envoy"), ..signs }, Some(Software::Envoy)),
        (Signs { host: "x-1.eu-central-1.elb.amazonaws.com", ..signs }, Some(Software::ElasticLoadBalancing)),
        (
            Signs { issuer: Some("CN=Amazon RSA 2048 M02,O=Amazon,C=US"), ..signs },
            Some(Software::ElasticLoadBalancing),
        ),
        (Signs { scheme: Some(Scheme::Postgres), ..signs }, Some(Software::Postgresql)),
        (
            Signs { scheme: Some(Scheme::Smtp), greeting: Some("220 mx ESMTP Postfix"), ..signs },
            Some(Software::Postfix),
        ),
        (
            Signs { scheme: Some(Scheme::Ftp), greeting: Some("220 (vsFTPd 3.0.3)"), ..signs },
            Some(Software::Vsftpd),
        ),
        (
            Signs { scheme: Some(Scheme::Pop3), greeting: Some("+OK Dovecot (Debian) ready."), ..signs },
            Some(Software::Dovecot),
        ),
        (signs, None),
    ] {
        assert_eq!(Seeming::of(&signs).map(|seeming| seeming.software), software, "{signs:?}");
    }
}

#[test]
fn every_blank_of_every_remedy_is_filled() {
    let (target, scanned) = (target("https://shop.test"), scanned(Some(modern()), unseen()));
    let case = Case { target: &target, scanned: &scanned, at: Timestamp::UNIX_EPOCH, software: None };
    let configurations = remedies::all(case);
    assert!(configurations.len() > 40, "{}", configurations.len());
    for configuration in configurations {
        let own = |line: &String| line.contains("{ ssl_fc }") || line.contains("'{Protocol");
        let blank = |line: &String| line.contains('{') && !own(line);
        assert!(!configuration.lines.iter().any(blank), "{configuration:?}");
        assert!(!configuration.lines.is_empty());
    }
}

#[test]
fn a_load_balancer_gets_a_policy_that_allows_nothing_beyond_the_one_that_is_asked_for() {
    let named = |policy: &str| {
        let policy = SecurityPolicy::named(policy).unwrap();
        let target = Target { policy, ..target("https://x.elb.amazonaws.com") };
        let mut seen = modern();
        seen.versions.insert(0, observed(ProtocolVersion::TLS1_0, &[0xC013], &[0x17]));
        let scanned = scanned(Some(seen), unseen());
        let found =
            of(Case { target: &target, scanned: &scanned, at: Timestamp::UNIX_EPOCH, software: None });
        let old = found.into_iter().find(|found| found.finding.control == "tls1.0").unwrap();
        old.configuration.unwrap().lines.remove(0)
    };
    assert!(
        named("mozilla/intermediate").ends_with("--ssl-policy ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09")
    );
    assert!(named("mozilla/modern").ends_with("--ssl-policy ELBSecurityPolicy-TLS13-1-3-PQ-2025-09"));
}

#[test]
fn whatever_policy_is_asked_for_a_load_balancer_gets_the_name_of_one_that_it_has() {
    let scanned = scanned(Some(modern()), unseen());
    for policy in SecurityPolicy::all() {
        let target = Target { policy, ..target("https://x.elb.amazonaws.com") };
        let case = Case { target: &target, scanned: &scanned, at: Timestamp::UNIX_EPOCH, software: None };
        for line in remedies::all(case).into_iter().flat_map(|configuration| configuration.lines) {
            let Some((_, name)) = line.split_once("--ssl-policy ") else { continue };
            let named = SecurityPolicy::all().iter().find(|it| it.service == "elb" && it.name == name);
            let named = named.unwrap_or_else(|| panic!("{line} for {}", policy.full_name()));
            // A policy without TLS 1.3 has no post-quantum group, and is not kept to where one is wanted.
            let allowed =
                |it: &ProtocolVersion| policy.versions.contains(it) || *it == ProtocolVersion::TLS1_3;
            assert!(named.versions.iter().all(allowed), "{line} for {}", policy.full_name());
        }
    }
}

#[test]
fn findings_are_told_apart_by_their_subjects() {
    let subjects = ["A".to_owned(), "B".to_owned()];
    assert_eq!(keys("suite-beyond-policy", &subjects).len(), 2);
    assert_eq!(keys("tls1.0", &[]), BTreeSet::from(["tls1.0".to_owned()]));
}

/// What nobody can tell of these observations.
fn untold_of(seen: Observations, depth: Depth) -> BTreeSet<&'static str> {
    let (target, scanned) = (target("https://shop.test"), scanned(Some(seen), unseen()));
    let case = Case { target: &target, scanned: &scanned, at: Timestamp::UNIX_EPOCH, software: None };
    untold(case, depth).into_iter().flat_map(|untold| untold.checks).collect()
}

#[test]
fn a_check_that_was_asked_in_vain_or_not_at_all_is_untold_and_has_not_passed() {
    let of_wire = |depth| untold_of(modern(), depth);
    let asked_by_neither = of_wire(Depth::Full);
    assert!(asked_by_neither.contains("no-hsts") && asked_by_neither.contains("certificate-untrusted"));
    assert!(["tls1.0", "suite-beyond-policy", "early-data"].iter().all(|it| !asked_by_neither.contains(it)));
    assert!(of_wire(Depth::Fast).contains("early-data") && !of_wire(Depth::Fast).contains("tls1.0"));

    let silent = || Support::Unknown("silence".to_owned());
    let mut seen = modern();
    seen.versions[0].suites.is_whole = silent();
    let untold = untold_of(seen, Depth::Full);
    for check in ["suite-beyond-policy", "missing-from-policy", "rc4", "null-suites"] {
        assert!(untold.contains(check), "{check}: {untold:?}");
    }
    assert!(!untold.contains("no-tls1.3"));
}

#[test]
fn of_an_endpoint_that_speaks_cleartext_or_nothing_no_check_passes() {
    let target = target("https://shop.test");
    let case = |scanned| Case { target: &target, scanned, at: Timestamp::UNIX_EPOCH, software: None };
    let nothing = Scanned::unreachable(Timestamp::UNIX_EPOCH, "no connection".to_owned());
    let count = |untold: Vec<Untold>| untold.into_iter().map(|untold| untold.checks.len()).sum::<usize>();
    assert_eq!(count(untold(case(&nothing), Depth::Full)), checks().count());
    let cleartext = scanned(None, unseen());
    assert_eq!(count(untold(case(&cleartext), Depth::Full)), checks().count() - 1);
}
