use std::collections::HashSet;

use super::*;

fn named(name: &str) -> &'static SecurityPolicy {
    SecurityPolicy::named(name).unwrap()
}

#[test]
fn no_service_has_a_name_twice() {
    let names: HashSet<String> = SecurityPolicy::all().iter().map(SecurityPolicy::full_name).collect();
    assert_eq!(names.len(), SecurityPolicy::all().len());
    assert_eq!(names.len(), 134);
}

#[test]
fn policies_are_ordered_by_service() {
    assert!(SecurityPolicy::all().is_sorted_by_key(|policy| policy.service));
}

#[test]
fn the_default_is_mozillas_current_intermediate() {
    assert_eq!(SecurityPolicy::default_policy(), named("mozilla/intermediate"));
    assert_eq!(SecurityPolicy::default_policy().is_servable(), Ok(()));
}

#[test]
fn every_row_agrees_with_itself() {
    for policy in SecurityPolicy::all() {
        let name = policy.full_name();
        assert!(policy.versions.is_sorted_by(|a, b| a > b), "{name}: versions, best first");
        assert_eq!(policy.groups.is_none(), policy.group_source == GroupSource::Undocumented, "{name}");
        if let Some(groups) = policy.groups {
            let any = groups.iter().any(|group| group.is_post_quantum());
            assert_eq!(policy.post_quantum, any, "{name}: post-quantum groups and flag");
        }
        let Some(suites) = policy.suites else {
            assert!(matches!(policy.status, Status::NameOnly | Status::SuitesUnknown), "{name}");
            continue;
        };
        let tls13 = |suite: &CipherSuite| suite.lowest_version() == Some(ProtocolVersion::TLS1_3);
        assert!(suites.is_sorted_by_key(|suite| !tls13(suite)), "{name}: suites of TLS 1.3 first");
        assert_eq!(suites.iter().any(tls13), policy.versions.contains(&ProtocolVersion::TLS1_3), "{name}");
        assert_eq!(suites.iter().collect::<HashSet<_>>().len(), suites.len(), "{name}: a suite twice");
    }
}

#[test]
fn suite_fidelity_says_what_the_gateway_leaves_out() {
    for (name, fidelity) in [
        ("elb/ELBSecurityPolicy-TLS13-1-3-2021-06", "exact"),
        ("elb/ELBSecurityPolicy-TLS13-1-2-Res-2021-06", "exact"),
        (
            "elb/ELBSecurityPolicy-TLS13-1-2-2021-06",
            "subset (missing TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256, \
             TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384, TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384)",
        ),
        (
            "elb/ELBSecurityPolicy-2016-08",
            "unsupported (it allows TLSv1.1, TLSv1.0; the gateway speaks nothing below TLSv1.2)",
        ),
        (
            "cloudfront/SSLv3",
            "unsupported (it allows TLSv1.1, TLSv1.0, SSLv3; the gateway speaks nothing below TLSv1.2)",
        ),
        ("cloudfront/TLSv1.2_2021", "exact"),
        ("mozilla/intermediate", "exact"),
        ("mozilla/modern", "exact"),
        (
            "mozilla-5.7/intermediate",
            "subset (missing TLS_DHE_RSA_WITH_AES_128_GCM_SHA256, TLS_DHE_RSA_WITH_AES_256_GCM_SHA384, \
             TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256)",
        ),
        ("opensearch/Policy-Min-TLS-1-2-2019-07", "unsupported (its source does not tell its suites)"),
    ] {
        assert_eq!(named(name).suite_fidelity().to_string(), fidelity, "{name}");
    }
}

#[test]
fn group_fidelity_is_told_apart_from_that_of_suites() {
    for (name, fidelity) in [
        ("mozilla/intermediate", "exact"),
        ("cloudfront/TLSv1.2_2021", "exact"),
        ("elb/ELBSecurityPolicy-TLS13-1-2-Res-2021-06", "undocumented (the gateway's own)"),
        ("elb/ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", "subset (missing SecP384r1MLKEM1024)"),
        ("elb/ELBSecurityPolicy-2016-08", "exact"),
        ("s2n/default_tls13", "subset (missing secp521r1)"),
        ("s2n/cnsa_2", "exact"),
    ] {
        assert_eq!(named(name).group_fidelity().to_string(), fidelity, "{name}");
    }
}

#[test]
fn a_policy_of_groups_that_the_gateway_lacks_is_unsupported_in_groups_alone() {
    let p521_only = SecurityPolicy {
        groups: Some(&[NamedGroup::SECP521R1]),
        group_source: GroupSource::Documented,
        ..*named("mozilla/modern")
    };
    assert_eq!(p521_only.suite_fidelity(), Fidelity::Exact);
    assert_eq!(p521_only.group_fidelity().to_string(), "unsupported (the gateway has none of its groups)");
    assert_eq!(p521_only.is_servable(), Err(Unservable::NoGroup));
}

#[test]
fn a_policy_of_suites_that_the_gateway_lacks_is_unsupported() {
    let cbc_only = SecurityPolicy {
        versions: &[ProtocolVersion::TLS1_2],
        suites: Some(&[CipherSuite(0xC027)]),
        ..*named("mozilla/intermediate")
    };
    assert_eq!(cbc_only.is_servable(), Err(Unservable::NoSuite));
    assert_eq!(cbc_only.servable_versions(), []);
}

#[test]
fn a_version_without_a_servable_suite_is_not_served() {
    let no_tls12 = SecurityPolicy {
        suites: Some(&[CipherSuite(0x1301), CipherSuite(0xC027)]),
        ..*named("mozilla/intermediate")
    };
    assert_eq!(no_tls12.servable_versions(), [ProtocolVersion::TLS1_3]);
    assert_eq!(no_tls12.servable_suites(), [CipherSuite(0x1301)]);
}

#[test]
fn what_is_served_is_part_of_the_policy() {
    for policy in SecurityPolicy::all() {
        let name = policy.full_name();
        for version in policy.servable_versions() {
            for suite in policy.servable_suites() {
                for group in policy.servable_groups() {
                    assert_eq!(policy.allows(version, suite, Some(group)), Ok(()), "{name}");
                }
            }
        }
    }
}

#[test]
fn the_gateways_own_groups_fill_in_where_the_source_tells_none() {
    let undocumented = named("elb/ELBSecurityPolicy-TLS13-1-2-2021-06");
    assert_eq!(undocumented.servable_groups(), DEFAULT_GROUPS);
    let fips = named("elb/ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04");
    let approved = [NamedGroup::X25519MLKEM768, NamedGroup::SECP256R1, NamedGroup::SECP384R1];
    assert_eq!(fips.servable_groups(), approved);
}

/// The PQ policies of ELB still serve clients without ML-KEM; a gateway that offered the three hybrids alone
/// would turn away every curl of today.
#[test]
fn a_policy_known_by_its_hybrids_keeps_serving_classical_clients() {
    let hybrids = named("elb/ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09");
    assert_eq!(
        hybrids.servable_groups(),
        [
            NamedGroup::X25519MLKEM768,
            NamedGroup::SECP256R1MLKEM768,
            NamedGroup::X25519,
            NamedGroup::SECP256R1,
            NamedGroup::SECP384R1,
        ]
    );
    let tls13 = |group| hybrids.allows(ProtocolVersion::TLS1_3, CipherSuite(0x1301), Some(group));
    assert_eq!(tls13(NamedGroup::X25519), Ok(()));
    assert_eq!(tls13(NamedGroup::SECP384R1MLKEM1024), Ok(()));
    assert!(tls13(NamedGroup::MLKEM1024).is_err());
}

#[test]
fn a_connection_outside_the_policy_is_refused_with_what_is_outside() {
    let modern = named("mozilla/modern");
    let (tls12, tls13) = (ProtocolVersion::TLS1_2, ProtocolVersion::TLS1_3);
    let (aes, cbc) = (CipherSuite(0x1301), CipherSuite(0xC027));
    assert_eq!(modern.allows(tls13, aes, Some(NamedGroup::X25519)), Ok(()));
    assert_eq!(modern.allows(tls13, aes, None), Ok(()));
    for (version, suite, group, reason) in [
        (tls12, aes, None, "TLSv1.2 is not among the versions of mozilla/modern"),
        (tls13, cbc, None, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256 is not among the suites of mozilla/modern"),
        (tls13, aes, Some(NamedGroup::SECP521R1), "secp521r1 is not among the groups of mozilla/modern"),
    ] {
        assert_eq!(modern.allows(version, suite, group), Err(reason.to_owned()));
    }
}

#[test]
fn what_the_source_does_not_tell_is_not_judged() {
    let unknown = named("cognito/TLS_V1_3_2025");
    let (rc4, group) = (CipherSuite(0x0004), Some(NamedGroup::SECP521R1));
    assert_eq!(unknown.allows(ProtocolVersion::TLS1_3, rc4, group), Ok(()));
    assert!(unknown.allows(ProtocolVersion::TLS1_2, rc4, group).is_err());
}

#[test]
fn the_nearest_servable_policy_is_like_it_and_of_its_service_where_that_has_one() {
    for (name, nearest) in [
        ("mozilla/intermediate", "mozilla/intermediate"),
        ("elb/ELBSecurityPolicy-2016-08", "elb/ELBSecurityPolicy-TLS-1-2-Ext-2018-06"),
        ("elb/ELBSecurityPolicy-TLS13-1-0-2021-06", "elb/ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06"),
        (
            "elb/ELBSecurityPolicy-TLS13-1-0-FIPS-PQ-2025-09",
            "elb/ELBSecurityPolicy-TLS13-1-2-Ext2-FIPS-PQ-2025-09",
        ),
        ("elb/ELBSecurityPolicy-FS-2018-06", "elb/ELBSecurityPolicy-FS-1-2-2019-08"),
        ("clb/ELBSecurityPolicy-2015-03", "clb/ELBSecurityPolicy-TLS-1-2-2017-01"),
        ("cloudfront/TLSv1", "cloudfront/TLSv1.2_2018"),
        ("cloudfront-origin/CloudFront-to-origin", "cloudfront-origin/CloudFront-Upstream-TLS-1-2-2025-PQ"),
        ("opensearch/Policy-Min-TLS-1-2-2019-07", "mozilla/intermediate"),
        ("mozilla-5.8/old", "mozilla/intermediate"),
        ("cognito/TLS_V1_3_2025", "mozilla/modern"),
    ] {
        assert_eq!(named(name).nearest_servable().full_name(), nearest, "{name}");
    }
}

#[test]
fn the_nearest_servable_policy_is_servable_and_allows_no_older_version() {
    for policy in SecurityPolicy::all() {
        let nearest = policy.nearest_servable();
        assert_eq!(nearest.is_servable(), Ok(()), "{}", policy.full_name());
        assert!(nearest.lowest_version() >= policy.lowest_version(), "{}", policy.full_name());
        if policy.is_servable().is_ok() {
            assert_eq!(nearest, policy);
        }
    }
}
