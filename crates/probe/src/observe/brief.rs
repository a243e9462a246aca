//! What a handful of questions show: the versions, the best suite and group, and whether a post-quantum group
//! is known.

use hermetic_tls::answer::Answer;
use hermetic_tls::{CipherSuite, NamedGroup, ProtocolVersion, Randomness};

use super::dial::Dialer;
use super::{
    Endpoint, Features, Manners, Observations, ObserveError, Ranking, Reply, Support, VERSIONS,
    VersionObserved, features, groups, observe_ssl2, offers, shared_keys,
};
use crate::way::Command;

/// What an endpoint chose of all that was offered, in a handshake before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The version.
    pub version: ProtocolVersion,
    /// The suite.
    pub suite: CipherSuite,
    /// The group, where that was to be seen.
    pub group: Option<NamedGroup>,
}

/// Why most is not known afterwards.
pub(crate) const UNASKED: &str = "a fast scan does not ask";

/// Asks an endpoint for little: with a choice that is known, two connections where that was a post-quantum
/// group, three otherwise. What is not asked is [`Support::Unknown`].
pub async fn observe_briefly(
    endpoint: &Endpoint,
    choice: Option<Choice>,
    manners: &Manners,
    randomness: &dyn Randomness,
) -> Result<Observations, ObserveError> {
    let dialer = Dialer::new(endpoint, manners, randomness, Command::Brief);
    match choice {
        Some(choice) => {
            dialer.answers_to(offers::of_version(
                choice.version,
                endpoint,
                offers::suites_of(choice.version),
            ));
        }
        None => {
            if let Err(error) = dialer.first_contact().await {
                return observe_ssl2(&dialer, error).await;
            }
        }
    }
    let (newest, tls12, legacy) =
        tokio::join!(newest(&dialer, choice), second(&dialer, choice), legacy(&dialer, choice));
    let versions = shared_keys::unsure(legacy.into_iter().chain([tls12, newest]).collect());
    let features = features_of(&versions);
    let ssl2 = Support::Unknown(UNASKED.to_owned());
    let connections = dialer.connections();
    Ok(Observations { ssl2, versions, features, connections, ..Observations::default() })
}

/// TLS 1.3, and whether a post-quantum group is known there.
async fn newest(dialer: &Dialer<'_>, choice: Option<Choice>) -> VersionObserved {
    let version = ProtocolVersion::TLS1_3;
    let mut observed = match choice {
        Some(choice) if choice.version == version => spoken(version, choice.suite, choice.group, None),
        Some(choice) => {
            VersionObserved::refused(version, format!("it chose {} where both were offered", choice.version))
        }
        None => asked(dialer, version).await,
    };
    let known = observed.groups.accepted.iter().any(|group| group.is_post_quantum());
    if observed.support.is_yes() && !known {
        let groups: Vec<_> =
            offers::groups_of(version).iter().copied().filter(|group| group.is_post_quantum()).collect();
        let offer =
            offers::with(version, dialer.endpoint, offers::suites_of(version), &groups, offers::schemes());
        match dialer.ask(&offer).await {
            Reply::Answer(answer) => observed.groups.accepted.extend(answer.hello.group),
            Reply::Alert(_) | Reply::Nothing(_) => {}
            reply => observed.groups.is_whole = Support::Unknown(reply.to_string()),
        }
    }
    observed
}

/// TLS 1.2.
async fn second(dialer: &Dialer<'_>, choice: Option<Choice>) -> VersionObserved {
    // Also where it is known to be spoken: much stands in the answer, and it is in clear.
    match choice {
        Some(choice) if choice.version < ProtocolVersion::TLS1_2 => VersionObserved::refused(
            ProtocolVersion::TLS1_2,
            format!("it chose {} where both were offered", choice.version),
        ),
        _ => asked(dialer, ProtocolVersion::TLS1_2).await,
    }
}

/// The versions below, oldest first, by one question: who knows any of them chooses the newest.
async fn legacy(dialer: &Dialer<'_>, choice: Option<Choice>) -> Vec<VersionObserved> {
    let best = asked(dialer, ProtocolVersion::TLS1_1).await;
    let chosen = match (&best.first, choice) {
        (Some(answer), _) => Some(answer.hello.version),
        (None, Some(choice)) => Some(choice.version).filter(|version| *version < ProtocolVersion::TLS1_2),
        (None, None) => None,
    };
    let older = VERSIONS.into_iter().filter(|version| *version < ProtocolVersion::TLS1_1);
    let mut versions: Vec<_> = older
        .map(|version| match (chosen, &best.support) {
            (Some(chosen), _) if version == chosen => match &best.first {
                Some(answer) => spoken(version, answer.hello.suite, groups::group(answer), None),
                None => unasked(version),
            },
            (Some(chosen), _) if version < chosen => unasked(version),
            (_, Support::No(reason)) => VersionObserved::refused(version, reason.clone()),
            (_, unknown) => VersionObserved { support: unknown.clone(), ..unasked(version) },
        })
        .collect();
    versions.push(VersionObserved { first: None, ..best });
    versions
}

/// One question for a version.
async fn asked(dialer: &Dialer<'_>, version: ProtocolVersion) -> VersionObserved {
    let reply = dialer.ask(&offers::of_version(version, dialer.endpoint, offers::best_first(version))).await;
    let told = reply.to_string();
    match reply {
        Reply::Answer(answer) if answer.hello.version == version => {
            spoken(version, answer.hello.suite, groups::group(&answer), Some(answer))
        }
        Reply::Answer(answer) => {
            VersionObserved { first: Some(answer), ..VersionObserved::refused(version, told) }
        }
        Reply::Alert(_) | Reply::Nothing(_) => VersionObserved::refused(version, told),
        Reply::Wrong(_) | Reply::Cleartext | Reply::Unasked(_) => {
            VersionObserved { support: Support::Unknown(told), ..unasked(version) }
        }
    }
}

fn spoken(
    version: ProtocolVersion,
    suite: CipherSuite,
    group: Option<NamedGroup>,
    first: Option<Box<Answer>>,
) -> VersionObserved {
    let suites = Ranking { accepted: vec![suite], ..not_all() };
    // Of groups it is asked what matters: whether one is post-quantum.
    let groups = Ranking { accepted: group.into_iter().collect(), ..Ranking::unasked() };
    VersionObserved {
        version,
        support: Support::Yes,
        suites,
        groups,
        schemes: Vec::new(),
        first,
        others: Vec::new(),
    }
}

fn unasked(version: ProtocolVersion) -> VersionObserved {
    let support = Support::Unknown(UNASKED.to_owned());
    let groups = Ranking::unasked();
    VersionObserved {
        version,
        support,
        suites: not_all(),
        groups,
        schemes: Vec::new(),
        first: None,
        others: Vec::new(),
    }
}

fn not_all<T>() -> Ranking<T> {
    Ranking { is_whole: Support::Unknown(UNASKED.to_owned()), ..Ranking::unasked() }
}

/// What stands in answers that were had anyway.
fn features_of(versions: &[VersionObserved]) -> Features {
    let unknown = || Support::Unknown(UNASKED.to_owned());
    let clear = versions.iter().rev().filter(|observed| observed.version < ProtocolVersion::TLS1_3);
    let Some(first) = clear.filter_map(|observed| observed.first.as_deref()).next() else {
        return Features::default();
    };
    Features {
        encrypt_then_mac: unknown(),
        fallback_protection: unknown(),
        takes_unknown: unknown(),
        takes_large_hello: unknown(),
        downgrade_sentinel: features::sentinel(versions, first),
        ..features::stated(first)
    }
}
