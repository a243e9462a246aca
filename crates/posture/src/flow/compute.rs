//! Code that runs: to which stores and fronts it connects, by what it is told and by what it may do.

mod grants;
mod groups;
mod told;

use std::sync::Arc;

use hermetic_tls::ProtocolVersion;

use super::connection::Wish;
use super::hop::{Floor, Hop, Transport, Verified};
use super::party::{Party, Role, role};
use super::store::{Spoken, refuses_cleartext, spoken};
use crate::span::Span;
use crate::subject::Subject;
use crate::verdict::Standing;

/// A far end of this code, how we know, and what the code is told of the way there.
struct Far<'g> {
    end: Subject<'g>,
    wish: Option<Wish>,
    how: &'static str,
    at: Span,
}

/// The hops of a function, service or instance.
pub fn hops(compute: &Subject<'_>) -> Vec<Hop> {
    let mut found: Vec<Far<'_>> = told::far_ends(compute);
    for far in grants::far_ends(compute).into_iter().chain(groups::far_ends(compute)) {
        if !found.iter().any(|known| known.end.id == far.end.id) {
            found.push(far);
        }
    }
    found.into_iter().filter(|far| far.end.id != compute.id).map(|far| hop(compute, &far)).collect()
}

fn hop(compute: &Subject<'_>, far: &Far<'_>) -> Hop {
    let kind = &*far.end.resource.kind;
    let (transport, verified, reason) = match (spoken(kind), role(kind)) {
        (Some(Spoken::Driver), _) => by_driver(compute, far),
        (Some(Spoken::Api), _) => by_api(far),
        (None, Some(Role::Front)) if kind.ends_with("::LoadBalancer") => by_balancer(far),
        _ => by_url(far),
    };
    let reason = format!("{reason} ({} shows the way)", far.how);
    let (from, to) = (Party::Resource(compute.id), Party::Resource(far.end.id));
    Hop { from, to, transport, verified, reason, at: far.at, when: None }
}

type Found = (Transport, Verified, String);

/// Databases and caches: what the far end refuses, and what the client asks for.
fn by_driver(compute: &Subject<'_>, far: &Far<'_>) -> Found {
    let (client, server) = (&compute.resource.name, &far.end.resource.name);
    let refuses = refuses_cleartext(&far.end).standing;
    let tls = |verified, reason: String| (tls_1_2(), verified, reason);
    match (refuses, far.wish) {
        (Standing::Pass, Some(Wish::Never)) => {
            let reason = format!("{client} is told to use cleartext, which {server} refuses");
            (Transport::Unknown, Verified::Unknown, reason)
        }
        (_, Some(Wish::Never)) => {
            (Transport::Cleartext, Verified::No, format!("{client} is told to use cleartext"))
        }
        (_, Some(Wish::Verified)) => {
            tls(Verified::Yes, format!("{client} is told to use TLS and to verify {server}"))
        }
        (_, Some(Wish::Unverified)) => {
            tls(Verified::No, format!("{client} is told to use TLS, and not to verify whom it reaches"))
        }
        (Standing::Pass, Some(Wish::Perhaps)) => {
            tls(Verified::No, format!("{server} refuses cleartext, and {client} does not verify it"))
        }
        (Standing::Pass, None) => tls(
            Verified::Unknown,
            format!("{server} refuses cleartext, and nothing says that {client} verifies it"),
        ),
        (Standing::Fail, _) => (
            Transport::Optional,
            Verified::No,
            format!("{server} does not refuse cleartext, nor does {client}"),
        ),
        _ => {
            let reason = format!("whether {server} refuses cleartext is not known");
            (Transport::Unknown, Verified::Unknown, reason)
        }
    }
}

/// AWS's clients use TLS and verify by themselves; the far end's policy decides whether others could do else.
fn by_api(far: &Far<'_>) -> Found {
    let server = &far.end.resource.name;
    if far.wish == Some(Wish::Never) {
        return (Transport::Cleartext, Verified::No, format!("{server} is reached by http"));
    }
    match refuses_cleartext(&far.end).standing {
        Standing::Pass => {
            (tls_1_2(), Verified::Yes, format!("{server} refuses cleartext, and AWS's clients verify it"))
        }
        Standing::Fail => {
            let reason = format!("AWS's clients use TLS, but nothing at {server} refuses cleartext");
            (Transport::Optional, Verified::Yes, reason)
        }
        _ => (
            Transport::Unknown,
            Verified::Unknown,
            format!("whether {server} refuses cleartext is not known"),
        ),
    }
}

/// A balancer is met as its listeners allow, unless the URL says more.
fn by_balancer(far: &Far<'_>) -> Found {
    match (far.wish, super::balancer::met(&far.end)) {
        (Some(Wish::Never), _) => (Transport::Cleartext, Verified::No, "the URL is http".to_owned()),
        (Some(Wish::Verified), _) => (tls_1_2(), Verified::Yes, "the URL is https".to_owned()),
        (_, Some((transport, reason, _))) => (transport, Verified::Unknown, reason),
        (_, None) => (Transport::Unknown, Verified::Unknown, "how it is met is not known".to_owned()),
    }
}

fn by_url(far: &Far<'_>) -> Found {
    match far.wish {
        Some(Wish::Never) => (Transport::Cleartext, Verified::No, "the URL is http".to_owned()),
        // What is called by AWS's API is called by TLS.
        _ => (tls_1_2(), Verified::Yes, "it is called by AWS's API".to_owned()),
    }
}

fn tls_1_2() -> Transport {
    Transport::Tls(Floor { policy: None::<Arc<str>>, ..Floor::at_least(ProtocolVersion::TLS1_2) })
}
