//! Observations beside a security policy: what is accepted beyond it, and what of it is not accepted.

use hermetic_tls::{CipherSuite, NamedGroup, ProtocolVersion, SecurityPolicy};

use crate::observe::{Observations, Support, VersionObserved};

/// How an endpoint stands to a policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// The versions that are accepted and that the policy does not have.
    pub versions_beyond: Vec<ProtocolVersion>,
    /// The suites, of the versions that it has.
    pub suites_beyond: Vec<CipherSuite>,
    /// The groups, of these versions.
    pub groups_beyond: Vec<NamedGroup>,
    /// The versions of the policy that are not accepted.
    pub versions_missing: Vec<ProtocolVersion>,
    /// The suites of the policy that are not accepted.
    pub suites_missing: Vec<CipherSuite>,
    /// The groups of the policy that are not accepted.
    pub groups_missing: Vec<NamedGroup>,
    /// What was not to be seen, and why: an endpoint may accept more than is known.
    pub unknown: Vec<String>,
}

impl Measured {
    /// Whether nothing beyond the policy is accepted, for all that is known. What is missing of it takes
    /// nothing from that.
    pub fn is_within(&self) -> bool {
        self.versions_beyond.is_empty() && self.suites_beyond.is_empty() && self.groups_beyond.is_empty()
    }
}

/// Measures what was seen by a policy.
pub fn measure(seen: &Observations, policy: &SecurityPolicy) -> Measured {
    let mut measured = Measured::default();
    for observed in &seen.versions {
        let version = observed.version;
        let allowed = policy.versions.contains(&version);
        match &observed.support {
            Support::Yes if !allowed => measured.versions_beyond.push(version),
            Support::No(_) if allowed => measured.versions_missing.push(version),
            Support::Unknown(reason) => measured.unknown.push(format!("{version}: {reason}")),
            _ => {}
        }
        if !allowed || !observed.support.is_yes() {
            continue;
        }
        let broken = [("suites", &observed.suites.is_whole), ("groups", &observed.groups.is_whole)];
        for (what, whole) in broken {
            if let Support::Unknown(reason) = whole {
                measured.unknown.push(format!("the {what} of {version}: {reason}"));
            }
        }
        for suite in &observed.suites.accepted {
            if policy.allows(version, *suite, None).is_err() {
                put(&mut measured.suites_beyond, *suite);
            }
            // The suite does not matter to what is asked of the group.
            for group in &observed.groups.accepted {
                let with_group = policy.allows(version, *suite, Some(*group)).is_ok();
                if policy.allows(version, *suite, None).is_ok() && !with_group {
                    put(&mut measured.groups_beyond, *group);
                }
            }
        }
    }
    if seen.ssl2.is_yes() {
        measured.versions_beyond.insert(0, ProtocolVersion::SSL2);
    }
    missing(seen, policy, &mut measured);
    measured
}

fn missing(seen: &Observations, policy: &SecurityPolicy, measured: &mut Measured) {
    let accepts_suite =
        |suite: &CipherSuite| seen.versions.iter().any(|observed| observed.suites.accepted.contains(suite));
    let accepts_group =
        |group: &NamedGroup| seen.versions.iter().any(|observed| observed.groups.accepted.contains(group));
    let spoken = || {
        let both = |it: &&VersionObserved| it.support.is_yes() && policy.versions.contains(&it.version);
        seen.versions.iter().filter(both)
    };
    // What belongs to a version that is missing is missing with it, and needs no word of its own. And of a
    // list that is not whole nobody knows what is missing.
    let is_told = |suite: &CipherSuite| {
        let tls13 = suite.lowest_version() == Some(ProtocolVersion::TLS1_3);
        let mut of_version =
            spoken().filter(|it| (it.version == ProtocolVersion::TLS1_3) == tls13).peekable();
        of_version.peek().is_some() && of_version.all(|observed| observed.suites.is_whole.is_yes())
    };
    let suites = policy.suites.unwrap_or_default().iter().copied();
    measured.suites_missing = suites.filter(|suite| is_told(suite) && !accepts_suite(suite)).collect();
    let groups = policy.groups.unwrap_or_default().iter().copied();
    let whole = |it: &VersionObserved| match it.groups.is_whole {
        Support::Yes => true,
        // Without any suite that takes a group there is nothing to ask.
        Support::Unasked => it.suites.is_whole.is_yes(),
        _ => false,
    };
    if spoken().all(whole) {
        measured.groups_missing = groups.filter(|group| !accepts_group(group)).collect();
    }
}

fn put<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}
