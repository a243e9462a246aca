//! Filling in what a policy allows, in the spelling of each software.

use hermetic_tls::{CipherSuite, NamedGroup, ProtocolVersion, SecurityPolicy};

use super::hybrid;
use crate::observe::Observations;

/// What goes into the blanks of a line, each a name and a text.
pub(super) struct Blanks(Vec<(&'static str, String)>);

impl Blanks {
    /// Those of a policy, for an endpoint of which this was seen and that has this name.
    pub(super) fn of(policy: &SecurityPolicy, seen: Option<&Observations>, name: &str) -> Self {
        let versions = versions(policy);
        let suites = openssl_names(policy, false);
        let newest = openssl_names(policy, true);
        let lowest = versions.first().map(ToString::to_string).unwrap_or_default();
        let highest = versions.last().map(ToString::to_string).unwrap_or_default();
        let hybrid = hybrid::policy(policy);
        let post_quantum = groups(hybrid, |_| true);
        let known = known_groups(policy, seen);
        Self(vec![
            ("{versions }", joined(&versions, "", " ")),
            ("{+versions }", joined(&versions, "+", " ")),
            ("{versions,}", joined(&versions, "", ",")),
            ("{versions, }", joined(&versions, "", ", ")),
            ("{lowest_}", lowest.replace('.', "_")),
            ("{lowest-}", lowest.to_ascii_lowercase().replace("tlsv", "tls")),
            ("{highest_}", highest.replace('.', "_")),
            ("{priorities:}", versions.iter().map(priority).collect::<Vec<_>>().join(":")),
            ("{lowest}", lowest),
            ("{suites:}", suites.join(":")),
            ("{boring-suites, }", boring_suites(policy).join(", ")),
            ("{boring-groups, }", boring_groups(&known).join(", ")),
            ("{boring-post-quantum, }", boring_groups(&post_quantum).join(", ")),
            ("{newest:}", newest.join(":")),
            ("{groups:}", openssl_groups(&known).join(":")),
            ("{groups, }", names(&known).join(", ")),
            ("{curve}", openssl_groups(&known).into_iter().find(is_curve).unwrap_or_default().to_owned()),
            ("{post-quantum:}", openssl_groups(&post_quantum).join(":")),
            ("{post-quantum, }", names(&post_quantum).join(", ")),
            ("{elb}", of_service(policy, "elb", |_| true)),
            ("{elb-hybrid}", of_service(hybrid, "elb", |elb| elb.post_quantum)),
            ("{cloudfront}", of_service(policy, "cloudfront", |_| true)),
            ("{hybrid-policy}", hybrid.full_name()),
            ("{policy}", policy.full_name()),
            ("{name}", name.to_owned()),
        ])
    }

    /// The line with its blanks filled; `None` where there is nothing to fill one with.
    pub(super) fn fill(&self, line: &str) -> Option<String> {
        let mut filled = line.to_owned();
        for (blank, text) in self.0.iter().filter(|(blank, _)| line.contains(blank)) {
            if text.is_empty() {
                return None;
            }
            filled = filled.replace(blank, text);
        }
        Some(filled)
    }
}

/// Whether it is one that PostgreSQL takes before it knew lists.
fn is_curve(name: &&str) -> bool {
    !name.contains("MLKEM")
}

/// A version as a priority string of GnuTLS has it.
fn priority(version: &ProtocolVersion) -> String {
    format!("+VERS-{}", version.to_string().replace("TLSv", "TLS"))
}

/// The oldest first.
fn versions(policy: &SecurityPolicy) -> Vec<ProtocolVersion> {
    let mut versions = policy.versions.to_vec();
    versions.sort();
    versions
}

fn joined(versions: &[ProtocolVersion], before: &str, between: &str) -> String {
    versions.iter().map(|version| format!("{before}{version}")).collect::<Vec<_>>().join(between)
}

/// The suites of the policy as OpenSSL calls them: those of TLS 1.3, or those before.
fn openssl_names(policy: &SecurityPolicy, newest: bool) -> Vec<&'static str> {
    let of_tls13 = |suite: &CipherSuite| suite.lowest_version() == Some(ProtocolVersion::TLS1_3);
    let suites = policy.suites.unwrap_or_default().iter().filter(|suite| of_tls13(suite) == newest);
    suites.filter_map(|suite| suite.openssl_name()).collect()
}

/// The groups of the policy, or those that everybody should have where its source tells none.
fn groups(policy: &SecurityPolicy, wanted: impl Fn(NamedGroup) -> bool) -> Vec<NamedGroup> {
    let usual = SecurityPolicy::default_policy().groups.unwrap_or_default();
    let groups = policy.groups.unwrap_or(usual).iter().copied().filter(|group| wanted(*group));
    let mut groups: Vec<_> = groups.collect();
    groups.sort_by_key(|group| !group.is_post_quantum());
    groups
}

/// The groups of the policy that the endpoint's software is known to have: a name that it does not know would
/// keep it from starting. Classical curves are known to all.
fn known_groups(policy: &SecurityPolicy, seen: Option<&Observations>) -> Vec<NamedGroup> {
    let accepts = |group| {
        let mut versions = seen.into_iter().flat_map(|seen| &seen.versions);
        versions.any(|observed| observed.groups.accepted.contains(&group))
    };
    groups(policy, |group| !group.is_post_quantum() || accepts(group))
}

fn names(groups: &[NamedGroup]) -> Vec<&'static str> {
    groups.iter().filter_map(|group| group.name()).collect()
}

/// OpenSSL's names, which are the registry's but for P-256.
fn openssl_groups(groups: &[NamedGroup]) -> Vec<&'static str> {
    let name = |group: &NamedGroup| match *group {
        NamedGroup::SECP256R1 => Some("prime256v1"),
        group => group.name(),
    };
    groups.iter().filter_map(name).collect()
}

/// The suites of the policy that BoringSSL knows: Envoy does not start with one that it does not.
fn boring_suites(policy: &SecurityPolicy) -> Vec<&'static str> {
    const KNOWN: [u16; 14] = [
        0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8, 0xC009, 0xC013, 0xC00A, 0xC014, 0x009C, 0x009D,
        0x002F, 0x0035,
    ];
    let suites = policy.suites.unwrap_or_default().iter().filter(|suite| KNOWN.contains(&suite.0));
    suites.filter_map(|suite| suite.openssl_name()).collect()
}

/// Those of the groups that BoringSSL knows, by its names.
fn boring_groups(groups: &[NamedGroup]) -> Vec<&'static str> {
    let name = |group: &NamedGroup| match *group {
        NamedGroup::SECP256R1 => Some("P-256"),
        NamedGroup::SECP384R1 => Some("P-384"),
        NamedGroup::SECP521R1 => Some("P-521"),
        NamedGroup::X25519 | NamedGroup::X25519MLKEM768 => group.name(),
        _ => None,
    };
    groups.iter().filter_map(name).collect()
}

/// The policy of a service, among those that are wanted, that allows nothing beyond this one: itself, or else the one
/// with the most of it.
fn of_service(policy: &SecurityPolicy, service: &str, wanted: impl Fn(&SecurityPolicy) -> bool) -> String {
    let within = |other: &&SecurityPolicy| {
        let suites = other.suites.unwrap_or_default();
        other.service == service
            && wanted(other)
            && !suites.is_empty()
            && !other.fips
            && other.versions.iter().all(|version| policy.versions.contains(version))
            && policy.suites.is_none_or(|allowed| suites.iter().all(|suite| allowed.contains(suite)))
    };
    let common = |other: &&SecurityPolicy| {
        (*other == policy, other.versions.len(), other.suites.unwrap_or_default().len(), other.post_quantum)
    };
    let best = SecurityPolicy::all().iter().filter(within).max_by_key(common);
    best.map(|policy| policy.name.to_owned()).unwrap_or_default()
}
