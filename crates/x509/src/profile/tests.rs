//! What profiles allow.

use hermetic_keys::Signer;
use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;
use crate::distinguished_name::DistinguishedName;
use crate::name::{CanonicalName, NameRule};
use crate::request::CertificationRequest;
use crate::testing::{key, signed};

#[test]
fn built_in_profiles_are_found_by_their_names() {
    for kind in ProfileKind::ALL {
        assert_eq!(Profile::named(kind.name()), Some(Profile::built_in(kind)));
    }
    assert_eq!(Profile::named("other"), None);
}

#[test]
fn a_derived_profile_keeps_what_it_does_not_change() {
    let server = Profile::built_in(ProfileKind::Server);
    let derived = server.derived("web").unwrap().with_export(true);
    assert_eq!((derived.name(), derived.kind()), ("web", ProfileKind::Server));
    assert_eq!(derived.lifetime(), server.lifetime());
    assert!(derived.is_exportable() && !server.is_exportable());
}

#[test]
fn a_profile_takes_no_name_of_a_built_in_one_and_needs_a_key() {
    let both = Profile::default();
    assert_eq!(both.derived("mesh"), Err(ProfileError::BuiltIn("mesh".to_owned())));
    assert_eq!(both.with_key_algorithms(Vec::new()), Err(ProfileError::NoKeys("both".to_owned())));
}

/// A request for these names, signed by a fresh key.
fn csr(subject: &str, names: &[&str]) -> CertificationRequest {
    let key = key(KeyAlgorithm::EcdsaP256);
    let names: Vec<CanonicalName> = names.iter().map(|name| name.parse().unwrap()).collect();
    let to_be_signed = CertificationRequest::of_party(&subject.parse().unwrap(), &names, key.public_key());
    CertificationRequest::read(&signed(&key, &to_be_signed.unwrap())).unwrap()
}

fn asking(names: &[&str]) -> IssuanceRequest {
    let names = names.iter().map(|name| name.parse().unwrap()).collect();
    IssuanceRequest { names, ..IssuanceRequest::default() }
}

fn below_example_com(kind: ProfileKind) -> Profile {
    let allow = vec![NameRule::subdomain("example.com").unwrap(), NameRule::ip("10.0.0.0/8").unwrap()];
    let deny = vec![NameRule::exact("secret.example.com").unwrap()];
    Profile::built_in(kind).derived("own").unwrap().with_names(NameRules { allow, deny })
}

fn breaches(judged: Result<Approved, Disapproval>) -> Vec<String> {
    match judged {
        Err(Disapproval::Profile { breaches, .. }) => breaches.iter().map(ProfileBreach::to_string).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn names_of_request_and_csr_are_merged_each_once() {
    let csr = csr("", &["a.example.com", "10.0.0.1"]);
    let request = asking(&["B.example.com", "::ffff:10.0.0.1", "a.example.com."]);
    let approved = below_example_com(ProfileKind::Server).approve_certification(&csr, &request).unwrap();
    let names: Vec<_> = approved.names.iter().map(CanonicalName::to_string).collect();
    assert_eq!(names, ["dns:a.example.com", "ip:10.0.0.1", "dns:b.example.com"]);
    assert_eq!(approved.lifetime, Profile::built_in(ProfileKind::Server).lifetime().usual());
}

#[test]
fn names_outside_the_profile_are_refused_whether_csr_or_request_brings_them() {
    let profile = below_example_com(ProfileKind::Server);
    for (in_csr, in_request) in [
        (&["a.example.com", "192.0.2.1"][..], &[][..]),
        (&["a.example.com"], &["192.0.2.1"]),
        (&[], &["a.example.com", "192.0.2.1"]),
    ] {
        let told = breaches(profile.approve_certification(&csr("", in_csr), &asking(in_request)));
        assert!(
            told.len() == 1 && told[0].starts_with("ip:192.0.2.1 is not among the allowed names"),
            "{told:?}"
        );
    }
    let denied = csr("", &["SECRET.example.com"]);
    let told = breaches(profile.approve_certification(&denied, &IssuanceRequest::default()));
    assert_eq!(told, ["dns:secret.example.com is denied: dns:secret.example.com"]);
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let profile =
        below_example_com(ProfileKind::Client).with_key_algorithms(vec![KeyAlgorithm::Ed25519]).unwrap();
    let lifetime = Some(SignedDuration::from_hours(24 * 1000));
    let request = IssuanceRequest { lifetime, ..asking(&["*.example.com", "example.org"]) };
    let told = profile.approve_certification(&csr("", &[]), &request).unwrap_err().to_string();
    for part in [
        "the profile `own`",
        "*.example.com stands for many",
        "example.org is not among",
        "kind P-256",
        "24000h",
    ] {
        assert!(told.contains(part), "{told}");
    }
}

#[test]
fn of_a_subject_only_the_common_name_that_is_among_the_names_is_taken() {
    let profile = below_example_com(ProfileKind::Server);
    for (subject, taken) in [
        ("CN=A.example.com,O=Example,C=DE", "CN=A.example.com"),
        ("CN=other.example.com", ""),
        // How we write names of several kinds, and of IPv6 in addresses: no client compares that.
        ("CN=dns:a.example.com", ""),
        ("CN=[a.example.com]", ""),
        ("CN=Example Ltd,O=Example", ""),
        ("O=a.example.com", ""),
        ("", ""),
    ] {
        let csr = csr(subject, &["a.example.com"]);
        let approved = profile.approve_certification(&csr, &IssuanceRequest::default()).unwrap();
        assert_eq!(approved.subject.to_string(), taken);
        assert_eq!(approved.names.len(), 1);
    }
}

#[test]
fn a_common_name_is_taken_as_it_was_written() {
    // A PrintableString, where a fresh encoding would make it a UTF8String.
    let subject = b"\x30\x18\x31\x16\x30\x14\x06\x03\x55\x04\x03\x13\x0da.example.com";
    let subject = Some(DistinguishedName::from_der(subject).unwrap());
    let request = IssuanceRequest { subject: subject.clone(), ..asking(&["a.example.com"]) };
    let approved = Profile::default().approve(&request, KeyAlgorithm::EcdsaP256).unwrap();
    assert_eq!(Some(approved.subject), subject);
}

#[test]
fn a_profile_that_names_by_subject_takes_all_of_it_and_no_names() {
    let profile = Profile::built_in(ProfileKind::Code);
    let signer = csr("CN=Release signing,O=Example", &[]);
    let approved = profile.approve_certification(&signer, &IssuanceRequest::default()).unwrap();
    assert_eq!(approved.subject, *signer.subject());
    assert_eq!(breaches(profile.approve_certification(&csr("", &[]), &asking(&[]))).len(), 1);
    let named = profile.approve_certification(&signer, &asking(&["a.example.com"]));
    assert!(breaches(named)[0].starts_with("dns:a.example.com is a name"));
    let long = csr(&format!("CN={}", "a".repeat(65)), &[]);
    assert!(
        breaches(profile.approve_certification(&long, &asking(&[])))[0].contains("more than 64 characters")
    );
}

#[test]
fn a_mesh_takes_exactly_one_spiffe_id() {
    let profile = Profile::built_in(ProfileKind::Mesh);
    let judge = |names: &[&str]| profile.approve_certification(&csr("CN=x", names), &asking(&[]));
    let approved = judge(&["spiffe://example.org/shop"]).unwrap();
    assert!(approved.subject.is_empty());
    assert_eq!(breaches(judge(&[])), ["nobody is named; give at least one name"]);
    assert!(breaches(judge(&["spiffe://a/b", "spiffe://a/c"]))[0].contains("2 SPIFFE IDs"));
    assert!(breaches(judge(&["spiffe://a/b", "a.example"]))[0].contains("no SPIFFE ID"));
    assert!(breaches(judge(&["spiffe://a"]))[0].contains("names a trust domain"));
}

#[test]
fn who_asks_to_be_an_authority_gets_no_leaf() {
    let key = key(KeyAlgorithm::EcdsaP256);
    let to_be_signed = CertificationRequest::of_authority(&"CN=x".parse().unwrap(), None, key.public_key());
    let csr = CertificationRequest::read(&signed(&key, &to_be_signed.unwrap())).unwrap();
    let refused = Profile::default().approve_certification(&csr, &asking(&["a.example"]));
    assert_eq!(refused, Err(Disapproval::ForAnAuthority("both".to_owned())));
}

#[test]
fn a_name_that_is_none_is_refused_before_the_profile_looks() {
    let refused = Profile::default().approve(&asking(&["my_service.example"]), KeyAlgorithm::EcdsaP256);
    assert!(matches!(refused, Err(Disapproval::Name(_))));
}

#[test]
fn more_names_than_clients_read_are_refused() {
    let names: Vec<_> = (0..101).map(|index| format!("n{index}.example.com")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let told = breaches(Profile::default().approve(&asking(&names), KeyAlgorithm::EcdsaP256));
    assert_eq!(told, ["there are 101 names, more than 100; split them"]);
}

fn names_of_few() -> impl Strategy<Value = Vec<String>> {
    let name = prop_oneof![
        "(a|b|secret)\\.example\\.(com|org)",
        "\\*\\.(a|b)?\\.?example\\.com".prop_filter("a name", |name| !name.contains("..")),
        (0_u8..3, 0_u8..3).prop_map(|(a, b)| format!("{}.0.0.{b}", 9 + a)),
        Just("spiffe://example.org/a".to_owned()),
    ];
    proptest::collection::vec(name, 0..4)
}

proptest! {
    /// Whoever brings a name, and in whatever order: the verdict is the same, and what is approved obeys all
    /// rules.
    #[test]
    fn a_verdict_depends_on_the_names_alone(names in names_of_few(), split: prop::sample::Index) {
        let profile = below_example_com(ProfileKind::Server);
        let judge = |certified: &[String], asked: &[String]| {
            let certified: Vec<CanonicalName> = certified.iter().map(|name| name.parse().unwrap()).collect();
            let asked: Vec<_> = asked.iter().map(|name| name.parse().unwrap()).collect();
            profile.judge(&asked, &certified, None, None, KeyAlgorithm::EcdsaP256)
        };
        let whole = judge(&names, &[]);
        let (before, behind) = names.split_at(split.index(names.len() + 1));
        prop_assert_eq!(&judge(before, behind), &whole);
        let reversed: Vec<_> = names.iter().rev().cloned().collect();
        prop_assert_eq!(judge(&reversed, &[]).is_ok(), whole.is_ok());
        if let Ok(approved) = whole {
            for name in &approved.names {
                prop_assert_eq!(profile.names().judge(name), Ok(()));
            }
        }
    }
}

#[test]
fn the_reference_says_what_the_profiles_are() {
    let page = include_str!("../../../../docs/src/reference/profiles.md");
    for kind in ProfileKind::ALL {
        let days = |lifetime: SignedDuration| format!("{} d", lifetime.as_hours() / 24);
        let row = page.lines().find(|line| line.starts_with(&format!("| `{kind}` |"))).unwrap();
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        assert_eq!(cells[2], kind.purposes().to_string());
        let named = match kind.naming() {
            Naming::Names { wildcards: true } => "names",
            Naming::Names { wildcards: false } => "names, no wildcards",
            Naming::SpiffeId => "one SPIFFE ID",
            Naming::Subject => "subject",
        };
        assert_eq!(cells[3], named);
        let bounds = Profile::built_in(kind).lifetime();
        assert_eq!([cells[4], cells[5]], [days(bounds.usual()), days(bounds.most())]);
    }
}
