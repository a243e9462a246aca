//! What constraints hold, in the words of RFC 5280 section 4.2.1.10, and against who would slip past.

use der::Decode;
use proptest::prelude::*;

use super::*;
use crate::name::CanonicalName;

fn subtrees(texts: &[&str]) -> Vec<NameSubtree> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

fn constraints(permitted: &[&str], excluded: &[&str]) -> NameConstraints {
    NameConstraints::new(subtrees(permitted), subtrees(excluded)).unwrap()
}

fn general(text: &str) -> GeneralName {
    match text.split_once(':') {
        Some(("email", mailbox)) => GeneralName::Rfc822Name(der::asn1::Ia5String::new(mailbox).unwrap()),
        Some(("https", _)) => {
            GeneralName::UniformResourceIdentifier(der::asn1::Ia5String::new(text).unwrap())
        }
        _ => text.parse::<CanonicalName>().unwrap().to_general_name().unwrap(),
    }
}

fn allows(constraints: &NameConstraints, name: &str) -> bool {
    constraints.breaches(&DistinguishedName::default(), &[general(name)]).is_empty()
}

fn allows_subject(constraints: &NameConstraints, subject: &str) -> bool {
    constraints.breaches(&subject.parse().unwrap(), &[]).is_empty()
}

#[test]
fn permitted_names_lie_within_and_others_of_their_kind_do_not() {
    for (subtree, inside, outside) in [
        ("dns:example.com", "example.com", "evilexample.com"),
        ("dns:example.com", "a.b.example.com", "example.com.evil.org"),
        ("dns:example.com", "*.example.com", "*.com"),
        ("ip:10.0.0.0/8", "10.1.2.3", "11.0.0.1"),
        ("ip:2001:db8::/32", "2001:db8::1", "2001:db9::1"),
        ("uri:example.org", "spiffe://example.org/a", "spiffe://sub.example.org/a"),
        ("uri:.example.org", "spiffe://sub.example.org/a", "spiffe://example.org/a"),
        ("uri:example.org", "https://user@EXAMPLE.org:8443/a", "https://example.org.evil/example.org"),
        ("uri:example.org", "https://example.org", "https://192.0.2.1/example.org"),
        ("email:example.org", "email:a@Example.org", "email:a@sub.example.org"),
        ("email:.example.org", "email:a@sub.example.org", "email:a@example.org"),
        ("email:a@example.org", "email:a@example.org", "email:b@example.org"),
    ] {
        let constraints = constraints(&[subtree], &[]);
        assert!(allows(&constraints, inside), "{subtree} {inside}");
        assert!(!allows(&constraints, outside), "{subtree} {outside}");
    }
}

#[test]
fn names_of_other_kinds_are_free() {
    let constraints = constraints(&["dns:example.com"], &[]);
    assert!(allows(&constraints, "10.0.0.1"));
    assert!(allows(&constraints, "spiffe://anywhere/a"));
    assert!(allows_subject(&constraints, "CN=anybody"));
}

#[test]
fn ipv4_constraints_say_nothing_of_ipv6() {
    assert!(allows(&constraints(&["ip:10.0.0.0/8"], &[]), "2001:db8::1"));
}

#[test]
fn what_is_excluded_is_so_though_it_be_permitted() {
    let constraints = constraints(&["dns:example.com"], &["dns:secret.example.com"]);
    assert!(allows(&constraints, "shop.example.com"));
    assert!(!allows(&constraints, "secret.example.com"));
    assert!(!allows(&constraints, "a.secret.example.com"));
}

#[test]
fn a_wildcard_that_stands_for_an_excluded_name_is_excluded() {
    let constraints = constraints(&[], &["dns:secret.example.com"]);
    assert!(!allows(&constraints, "*.example.com"));
    assert!(!allows(&constraints, "*.secret.example.com"));
    assert!(allows(&constraints, "*.shop.example.com"));
    assert!(allows(&constraints, "*.com"));
}

#[test]
fn excluding_every_name_of_a_kind_leaves_none() {
    let nothing = constraints(&[], &["dns:", "ip:0.0.0.0/0", "ip:::/0"]);
    for name in ["example.com", "*.example.com", "10.0.0.1", "2001:db8::1"] {
        assert!(!allows(&nothing, name), "{name}");
    }
    assert!(allows(&nothing, "spiffe://example.org/a"));
}

#[test]
fn subjects_are_held_against_directory_names_without_regard_to_case_and_spaces() {
    let constraints =
        constraints(&["directory:O=Example  Corp,C=DE"], &["directory:OU=Secret,O=Example Corp,C=DE"]);
    assert!(allows_subject(&constraints, "CN=shop,O=EXAMPLE corp,C=de"));
    assert!(!allows_subject(&constraints, "CN=shop,O=Example,C=DE"));
    assert!(!allows_subject(&constraints, "O=Example Corp"));
    assert!(!allows_subject(&constraints, "CN=a,OU=secret,O=Example Corp,C=DE"));
    assert!(constraints.breaches(&DistinguishedName::default(), &[]).is_empty());
}

#[test]
fn an_address_within_a_subject_is_held_against_addresses() {
    let constraints = constraints(&["email:example.org"], &[]);
    assert!(allows_subject(&constraints, "1.2.840.113549.1.9.1=#160d61406578616d706c652e6f7267"));
    assert!(!allows_subject(&constraints, "1.2.840.113549.1.9.1=#160e61406576696c2e6578616d706c65"));
}

#[test]
fn a_uri_without_a_host_is_within_what_is_excluded_and_not_within_what_is_permitted() {
    let mailto = GeneralName::UniformResourceIdentifier(der::asn1::Ia5String::new("urn:x:y").unwrap());
    let refused = |constraints: NameConstraints| {
        !constraints.breaches(&DistinguishedName::default(), std::slice::from_ref(&mailto)).is_empty()
    };
    assert!(refused(constraints(&["uri:example.org"], &[])));
    assert!(refused(constraints(&[], &["uri:example.org"])));
}

#[test]
fn a_breach_names_the_name_and_the_subtree() {
    let breaches = constraints(&["dns:example.com"], &["dns:a.example.com"])
        .breaches(&DistinguishedName::default(), &[general("a.example.com"), general("example.org")]);
    let told: Vec<_> = breaches.iter().map(ConstraintBreach::to_string).collect();
    assert_eq!(
        told,
        [
            "dns:a.example.com lies in dns:a.example.com, which the authority may not certify",
            "dns:example.org is not among the names that the authority may certify",
        ]
    );
}

#[test]
fn constraints_read_back_as_they_were_written() {
    let all = [
        "dns:example.com",
        "ip:10.0.0.0/8",
        "uri:.example.org",
        "email:a@example.org",
        "directory:O=Example",
    ];
    let constraints = constraints(&all, &["dns:", "ip:::/0"]);
    let extension = constraints.extension().unwrap();
    assert!(extension.critical);
    let written = Written::from_der(extension.extn_value.as_bytes()).unwrap();
    assert_eq!(NameConstraints::read(&written).unwrap(), constraints);
    for subtree in constraints.permitted() {
        assert_eq!(&subtree.to_string().parse::<NameSubtree>().unwrap(), subtree);
    }
}

#[test]
fn what_is_no_constraint_is_refused() {
    for text in [
        "example.com",
        "dns:*.example.com",
        "dns:.example.com",
        "ip:10.0.0.1/8",
        "email:@example.org",
        "uri:spiffe://example.org",
        "directory:",
        "directory:nonsense",
        "other:x",
    ] {
        text.parse::<NameSubtree>().unwrap_err();
    }
    assert_eq!(NameConstraints::new(Vec::new(), Vec::new()), Err(NameSubtreeError::None));
}

#[test]
fn constraints_that_cannot_be_held_against_names_are_not_read() {
    let registered = GeneralName::RegisteredId(const_oid::db::rfc5280::ID_CE_KEY_USAGE);
    let of = |base: GeneralName, minimum, maximum| Written {
        permitted_subtrees: Some(vec![GeneralSubtree { base, minimum, maximum }]),
        excluded_subtrees: None,
    };
    let read = |written: Written| NameConstraints::read(&written).unwrap_err();
    assert_eq!(read(of(registered, 0, None)), NameSubtreeError::Kind("registered identifier"));
    assert_eq!(read(of(general("example.com"), 1, None)), NameSubtreeError::Bounds);
    assert_eq!(read(of(general("example.com"), 0, Some(3))), NameSubtreeError::Bounds);
    assert!(matches!(read(of(general("10.0.0.1"), 0, None)), NameSubtreeError::Network(_)));
}

#[test]
fn a_dot_before_a_domain_as_others_write_it_leaves_the_domain_out() {
    let dotted = GeneralName::DnsName(der::asn1::Ia5String::new(".example.com").unwrap());
    let subtree = NameSubtree::read(&GeneralSubtree { base: dotted, minimum: 0, maximum: None }).unwrap();
    let constraints = NameConstraints::new(vec![subtree], Vec::new()).unwrap();
    assert!(allows(&constraints, "a.example.com"));
    assert!(!allows(&constraints, "example.com"));
}

#[test]
fn a_mailbox_that_is_not_ascii_is_no_constraint() {
    let refused = "email:bücher@example.com".parse::<NameSubtree>();
    assert_eq!(refused, Err(NameSubtreeError::Mailbox("bücher@example.com".to_owned())));
}

proptest! {
    #[test]
    fn an_allowed_wildcard_stands_for_no_excluded_name(
        parent in "(a|b|com)(\\.(a|b|com)){0,2}", label in "(a|b|com)", excluded in "(a|b|com)(\\.(a|b|com)){0,3}",
    ) {
        let constraints = constraints(&[], &[&["dns:", &excluded].concat()]);
        if allows(&constraints, &["*.", &parent].concat()) {
            prop_assert!(allows(&constraints, &[label, parent].join(".")));
        }
    }

    #[test]
    fn no_text_makes_a_subtree_stumble(text in "(dns|ip|uri|email|directory):\\PC{0,40}") {
        if let Ok(subtree) = text.parse::<NameSubtree>() {
            prop_assert!(subtree.write().is_ok());
        }
    }
}
