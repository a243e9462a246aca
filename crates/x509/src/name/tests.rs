//! The laws of names and rules.

use proptest::prelude::*;

use super::*;

fn name(text: &str) -> CanonicalName {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn rules(allow: &[NameRule], deny: &[NameRule]) -> NameRules {
    NameRules { allow: allow.to_vec(), deny: deny.to_vec() }
}

fn subdomain(text: &str) -> NameRule {
    NameRule::subdomain(text).unwrap()
}

fn wildcard(text: &str) -> NameRule {
    NameRule::wildcard(text).unwrap()
}

fn exact(text: &str) -> NameRule {
    NameRule::exact(text).unwrap()
}

#[test]
fn one_name_has_one_spelling() {
    for (written, canonical) in [
        ("SHOP.Example.COM.", "dns:shop.example.com"),
        ("XN--BCHER-KVA.example", "dns:xn--bcher-kva.example"),
        ("*.Example.com", "dns:*.example.com"),
        ("::ffff:10.0.0.1", "ip:10.0.0.1"),
        ("[2001:DB8::0:1]", "ip:2001:db8::1"),
        ("spiffe://example.org/a/b", "spiffe://example.org/a/b"),
    ] {
        assert_eq!(name(written).to_string(), canonical);
    }
}

#[test]
fn what_is_no_name_is_refused_with_its_own_reason() {
    let refused = |text: &str| text.parse::<CanonicalName>().unwrap_err().to_string();
    for (text, reason) in [
        ("bücher.example", "write its A-labels"),
        ("xn--bcher-kv.example", "no valid punycode"),
        ("ab--cd.example", "third and fourth"),
        ("my_service.example", "underscore"),
        ("*", "not a DNS name"),
        ("a.*.example.com", "not a DNS name"),
        ("*.*.example.com", "not a DNS name"),
        ("f*.example.com", "not a DNS name"),
        ("example..com", "not a DNS name"),
        ("", "not a DNS name"),
        ("300.0.0.1", "taken for an IP address"),
        ("example.1", "taken for an IP address"),
        ("spiffe://example.org/a/../b", "not a SPIFFE ID"),
        ("spiffe://example.org//a", "not a SPIFFE ID"),
        ("spiffe://example.org/a/", "not a SPIFFE ID"),
        ("spiffe://Example.org/a", "not a SPIFFE ID"),
        ("spiffe://example.org/a%2fb", "not a SPIFFE ID"),
    ] {
        let told = refused(text);
        assert!(told.contains(reason), "{text}: {told}");
    }
}

#[test]
fn a_denial_wins_over_an_allowance() {
    let rules = rules(&[subdomain("example.com")], &[exact("secret.example.com")]);
    rules.judge(&name("shop.example.com")).unwrap();
    let told = rules.judge(&name("secret.example.com")).unwrap_err().to_string();
    assert!(told.contains("dns:secret.example.com is denied"), "{told}");
}

#[test]
fn without_allowances_anything_is_allowed_that_is_not_denied() {
    let rules = rules(&[], &[NameRule::ip("10.0.0.0/8").unwrap()]);
    rules.judge(&name("192.0.2.1")).unwrap();
    rules.judge(&name("anything.example")).unwrap();
    rules.judge(&name("::ffff:10.1.2.3")).unwrap_err();
}

#[test]
fn a_name_of_another_kind_is_not_allowed() {
    let rules = rules(&[subdomain("example.com")], &[]);
    let told = rules.judge(&name("10.0.0.1")).unwrap_err().to_string();
    assert!(told.contains("not among the allowed names: names below example.com"), "{told}");
    rules.judge(&name("spiffe://example.com/x")).unwrap_err();
}

#[test]
fn a_subdomain_rule_allows_neither_siblings_nor_the_domain_nor_wildcards() {
    let rules = rules(&[subdomain("example.com")], &[]);
    rules.judge(&name("a.b.example.com")).unwrap();
    for text in ["evilexample.com", "example.com", "example.com.evil.org", "*.example.com", "*.a.example.com"]
    {
        rules.judge(&name(text)).unwrap_err();
    }
}

#[test]
fn a_wildcard_rule_allows_the_one_wildcard() {
    let rules = rules(&[wildcard("*.example.com")], &[]);
    rules.judge(&name("*.example.com")).unwrap();
    for text in ["*.a.example.com", "*.evilexample.com", "a.example.com", "example.com", "*.com"] {
        rules.judge(&name(text)).unwrap_err();
    }
}

#[test]
fn a_wildcard_that_stands_for_a_denied_name_is_denied() {
    let wide =
        [wildcard("example.com"), wildcard("a.internal.example.com"), wildcard("internal.example.com")];
    rules(&wide, &[exact("secret.example.com")]).judge(&name("*.example.com")).unwrap_err();
    let rules = rules(&wide, &[subdomain("internal.example.com")]);
    // It stands for `internal.example.com`, but for nothing below it.
    rules.judge(&name("*.example.com")).unwrap();
    rules.judge(&name("*.internal.example.com")).unwrap_err();
    rules.judge(&name("*.a.internal.example.com")).unwrap_err();
}

#[test]
fn a_prefix_ends_where_a_segment_does() {
    for prefix in ["spiffe://example.org/pay", "spiffe://example.org/pay/"] {
        let rules = rules(&[NameRule::uri_prefix(prefix).unwrap()], &[]);
        rules.judge(&name("spiffe://example.org/pay")).unwrap();
        rules.judge(&name("spiffe://example.org/pay/api")).unwrap();
        rules.judge(&name("spiffe://example.org/payments")).unwrap_err();
        rules.judge(&name("spiffe://example.com/pay/api")).unwrap_err();
    }
    let domain = rules(&[NameRule::uri_prefix("spiffe://example.org/").unwrap()], &[]);
    domain.judge(&name("spiffe://example.org/any/thing")).unwrap();
    domain.judge(&name("spiffe://example.org.evil/any")).unwrap_err();
}

#[test]
fn a_rule_about_no_name_is_refused() {
    NameRule::subdomain("*.example.com").unwrap_err();
    NameRule::subdomain(".example.com").unwrap_err();
    NameRule::wildcard("*.*.example.com").unwrap_err();
    NameRule::uri_prefix("https://example.org/").unwrap_err();
    NameRule::uri_prefix("spiffe://example.org/../").unwrap_err();
}

/// Few labels, so that names and rules meet.
fn domain_text() -> impl Strategy<Value = String> {
    proptest::collection::vec("(a|b|ab|com)", 1..4).prop_map(|labels| labels.join("."))
}

fn name_text() -> impl Strategy<Value = String> {
    (any::<bool>(), domain_text())
        .prop_map(|(is_wild, text)| if is_wild { format!("*.{text}") } else { text })
}

fn any_rule() -> impl Strategy<Value = NameRule> {
    prop_oneof![
        name_text().prop_map(|text| exact(&text)),
        domain_text().prop_map(|text| subdomain(&text)),
        domain_text().prop_map(|text| wildcard(&text)),
    ]
}

fn some_rules() -> impl Strategy<Value = Vec<NameRule>> {
    proptest::collection::vec(any_rule(), 0..5)
}

proptest! {
    #[test]
    fn a_denied_name_stays_denied_whatever_the_order(
        text in name_text(), allow in some_rules(), deny in some_rules(), shift in 0_usize..5,
    ) {
        let name = name(&text);
        let verdict = rules(&allow, &deny).judge(&name).is_ok();
        prop_assert_eq!(verdict, (allow.is_empty() || allow.iter().any(|rule| rule.allows(&name)))
            && !deny.iter().any(|rule| rule.denies(&name)));
        let mut turned = deny.clone();
        turned.rotate_left(shift.min(deny.len()));
        let reversed: Vec<_> = allow.iter().rev().cloned().collect();
        prop_assert_eq!(rules(&reversed, &turned).judge(&name).is_ok(), verdict);
        let widened = [allow.as_slice(), &[NameRule::Exact(name.clone())]].concat();
        if deny.iter().any(|rule| rule.denies(&name)) {
            prop_assert!(rules(&widened, &deny).judge(&name).is_err());
        }
    }

    #[test]
    fn a_name_that_a_subdomain_rule_allows_is_below_it(text in name_text(), domain in domain_text()) {
        let is_below = text.ends_with(&format!(".{domain}")) && !text.starts_with("*.");
        prop_assert_eq!(subdomain(&domain).allows(&name(&text)), is_below);
    }

    #[test]
    fn a_sibling_is_never_below(prefix in "[a-z0-9]{1,8}", domain in domain_text()) {
        let sibling = format!("{prefix}{domain}");
        prop_assert!(!subdomain(&domain).allows(&name(&sibling)));
        prop_assert!(!subdomain(&domain).denies(&name(&["*.", &sibling].concat())));
    }

    #[test]
    fn case_and_a_final_dot_never_matter(text in name_text(), upper: u64, allow in some_rules(), deny in some_rules()) {
        let spelt: String = text
            .chars()
            .enumerate()
            .map(|(index, c)| if upper >> (index % 64) & 1 == 1 { c.to_ascii_uppercase() } else { c })
            .collect();
        let rules = rules(&allow, &deny);
        prop_assert_eq!(rules.judge(&name(&text)).is_ok(), rules.judge(&name(&format!("{spelt}."))).is_ok());
    }

    #[test]
    fn an_allowed_wildcard_stands_for_no_denied_name(
        parent in domain_text(), label in "(a|b|ab|com)", deny in some_rules(),
    ) {
        let rules = rules(&[], &deny);
        let (wildcard, host) = (name(&format!("*.{parent}")), name(&format!("{label}.{parent}")));
        if rules.judge(&wildcard).is_ok() {
            prop_assert_eq!(rules.judge(&host), Ok(()));
        }
    }

    #[test]
    fn ipv4_is_judged_alike_however_it_is_written(bits: u32, network_bits: u32, prefix in 0_u8..=32) {
        let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
        let network = std::net::Ipv4Addr::from_bits(network_bits & mask);
        let deny = [NameRule::Ip(IpNetwork::new(network.into(), prefix).unwrap())];
        let address = std::net::Ipv4Addr::from_bits(bits);
        let rules = rules(&[], &deny);
        let (plain, mapped) = (name(&address.to_string()), name(&address.to_ipv6_mapped().to_string()));
        prop_assert_eq!(rules.judge(&plain).is_ok(), bits & mask != network_bits & mask);
        prop_assert_eq!(rules.judge(&plain), rules.judge(&mapped));
    }

    #[test]
    fn a_prefix_is_kept_to_segments(path in "(a|b|ab|a/b|ab/a)", other in "(a|b|ab|a/b|ab/a)") {
        let prefix = NameRule::uri_prefix(&format!("spiffe://td/{path}")).unwrap();
        let is_below = other == path || other.starts_with(&format!("{path}/"));
        let id = name(&format!("spiffe://td/{other}"));
        prop_assert_eq!(prefix.allows(&id), is_below);
    }

    #[test]
    fn no_text_makes_a_name_stumble(text in "\\PC{0,80}") {
        if let Ok(name) = text.parse::<CanonicalName>() {
            prop_assert_eq!(name.to_string().parse::<CanonicalName>().unwrap(), name);
        }
    }
}
