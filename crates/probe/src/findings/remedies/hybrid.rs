//! Which policy to choose where the chosen one has no post-quantum group.

use hermetic_tls::{ProtocolVersion, SecurityPolicy};

/// Whether a policy allows a post-quantum group. Those are of TLS 1.3; and who names none allows what there is, but for
/// services, which have no more than what they say.
pub(super) fn are_allowed(policy: &SecurityPolicy) -> bool {
    let is_named = SecurityPolicy::all().iter().any(|known| known == policy);
    policy.versions.contains(&ProtocolVersion::TLS1_3)
        && (policy.post_quantum || policy.groups.is_none() && !is_named)
}

/// Itself where it allows one; else the one that is most like it and does, of the same service or else of Mozilla's.
pub(super) fn policy(policy: &SecurityPolicy) -> &SecurityPolicy {
    if are_allowed(policy) {
        return policy;
    }
    let own = policy.service.split('-').next().unwrap_or_default();
    let best = like(policy, own).or_else(|| like(policy, "mozilla"));
    best.unwrap_or(SecurityPolicy::default_policy())
}

/// The policy of a service that allows no older versions than this one, and differs in the fewest suites.
fn like(policy: &SecurityPolicy, service: &str) -> Option<&'static SecurityPolicy> {
    let no_weaker = |other: &&SecurityPolicy| {
        other.service == service
            && are_allowed(other)
            && (other.fips == policy.fips || service == "mozilla")
            && other.lowest_version() >= policy.lowest_version()
    };
    let suites = policy.suites.unwrap_or_default();
    let difference = |other: &&SecurityPolicy| {
        let others = other.suites.unwrap_or_default();
        let missing = suites.iter().filter(|suite| !others.contains(suite)).count();
        let beyond = others.iter().filter(|suite| !suites.contains(suite)).count();
        (other.lowest_version() != policy.lowest_version(), missing + beyond)
    };
    SecurityPolicy::all().iter().filter(no_weaker).min_by_key(difference)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_without_post_quantum_groups_has_one_like_it_that_has_them() {
        let chosen = |name: &str| policy(SecurityPolicy::named(name).unwrap()).full_name();
        assert_eq!(chosen("mozilla/modern"), "mozilla/modern");
        assert_eq!(chosen("mozilla-5.7/intermediate"), "mozilla/intermediate");
        assert_eq!(
            chosen("elb/ELBSecurityPolicy-TLS13-1-2-Res-2021-06"),
            "elb/ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
        );
        assert_eq!(chosen("apigateway/SecurityPolicy_TLS13_1_3_2025_09"), "mozilla/modern");
        // TLS 1.2 has none.
        assert!(chosen("elb/ELBSecurityPolicy-TLS-1-2-2017-01").contains("-PQ-"));
        assert!(SecurityPolicy::all().iter().all(|any| are_allowed(policy(any))));
    }
}
