//! How code reaches a far end: by what that refuses, and by what the code is told.

use hermetic_tls::ProtocolVersion;

use super::super::connection::Wish;
use super::super::party::{Role, role};
use super::super::store::{Spoken, Takes, Terms, spoken, terms};
use super::super::way::{Floor, Transport, Verified, Way};
use super::super::{balancer, entrance};
use super::Far;
use crate::subject::Subject;

/// The way from code to a far end.
pub fn to(compute: &Subject<'_>, far: &Far<'_>) -> Way {
    let kind = &*far.end.resource.kind;
    match (spoken(kind), role(kind)) {
        (Some(Spoken::Driver), _) => by_driver(&compute.resource.name, far),
        (Some(Spoken::Api), _) => by_api(far),
        (None, Some(Role::Front)) => by_url(far),
        _ => by_call(far),
    }
}

/// Databases and caches: what the far end refuses, and what the client asks for.
fn by_driver(client: &str, far: &Far<'_>) -> Way {
    let server = &far.end.resource.name;
    let Terms { takes, floor, why } = terms(&far.end);
    let tls = |verified, reason: String| Way::tls(floor, verified, reason);
    match (takes, far.wish) {
        (Takes::Native, _) => Way::new(Transport::Native, Verified::No, why),
        (Takes::Tls, Some(Wish::Never)) => {
            Way::unknown(format!("{client} is told to use cleartext, which {server} refuses"))
        }
        (Takes::Cleartext, Some(Wish::Unverified | Wish::Encrypted | Wish::Verified)) => {
            Way::unknown(format!("{client} is told to use TLS, which {server} does not have: {why}"))
        }
        (Takes::Cleartext, _) => Way::clear(format!("{server} has no TLS: {why}")),
        (_, Some(Wish::Never)) => Way::clear(format!("{client} is told to use cleartext")),
        (_, Some(Wish::Verified)) => {
            tls(Verified::Yes, format!("{client} is told to use TLS and to verify {server}"))
        }
        (_, Some(Wish::Unverified)) => {
            tls(Verified::No, format!("{client} is told to use TLS, and not to verify whom it reaches"))
        }
        (_, Some(Wish::Encrypted)) => tls(
            Verified::Unknown,
            format!("{client} is told to use TLS, and nothing says that it verifies {server}"),
        ),
        (Takes::Tls, Some(Wish::Perhaps)) => {
            tls(Verified::No, format!("{server} refuses cleartext, and {client} does not verify it"))
        }
        (Takes::Tls, None | Some(Wish::Untold)) => tls(
            Verified::Unknown,
            format!("{server} refuses cleartext, and nothing says that {client} verifies it"),
        ),
        (_, Some(Wish::Untold)) => {
            Way::unknown(format!("what {client} is told of TLS to {server} is not known"))
        }
        (Takes::Either, _) | (Takes::Unknown, Some(Wish::Perhaps)) => Way::optional(
            Verified::No,
            format!("{server} does not refuse cleartext ({why}), nor does {client}"),
        ),
        (Takes::Unknown, None) => {
            Way::unknown(format!("whether {server} refuses cleartext is not known: {why}"))
        }
    }
}

/// AWS's clients use TLS and verify by themselves; the far end's policy decides whether others could do else.
fn by_api(far: &Far<'_>) -> Way {
    let server = &far.end.resource.name;
    match (far.wish, terms(&far.end)) {
        (Some(Wish::Never), _) => Way::clear(format!("{server} is reached by http")),
        (_, Terms { takes: Takes::Tls, floor, .. }) => {
            Way::tls(floor, Verified::Yes, format!("{server} refuses cleartext, and AWS's clients verify it"))
        }
        (_, Terms { takes: Takes::Either | Takes::Cleartext, .. }) => {
            let reason = format!("AWS's clients use TLS, but nothing at {server} refuses cleartext");
            Way::optional(Verified::Yes, reason)
        }
        (_, Terms { why, .. }) => {
            Way::unknown(format!("whether {server} refuses cleartext is not known: {why}"))
        }
    }
}

/// What takes data in is met as it allows, and the URL says whether TLS is wanted, and verified.
fn by_url(far: &Far<'_>) -> Way {
    let server = &far.end.resource.name;
    let met = entrance::met(&far.end).map(|(way, _)| way);
    let floor = || floor(&far.end, met.as_ref());
    match (far.wish, &met) {
        (Some(Wish::Never), Some(Way { transport: Transport::Tls(_), .. })) if !is_balancer(&far.end) => {
            Way::unknown(format!("the URL is http, which {server} does not take"))
        }
        (Some(Wish::Never), _) => Way::clear("the URL is http"),
        (Some(Wish::Verified), _) => Way::tls(floor(), Verified::Yes, "the URL is https"),
        (Some(Wish::Unverified), _) => {
            Way::tls(floor(), Verified::No, "the URL is https, and verification is switched off")
        }
        (_, Some(way)) => {
            let reason = format!("{}, and how the code asks is not known", way.reason);
            Way { reason, ..way.clone() }.verified(Verified::Unknown)
        }
        (_, None) => Way::unknown(format!("how {server} is met is not known")),
    }
}

/// What TLS may be where a URL asks for it: of a balancer that has listeners in clear too, by those that end TLS.
fn floor(front: &Subject<'_>, met: Option<&Way>) -> Floor {
    let by_listeners = is_balancer(front).then(|| balancer::met_by_tls(front)).flatten();
    by_listeners.unwrap_or_else(|| match met.map(|way| &way.transport) {
        Some(Transport::Tls(floor)) => floor.clone(),
        _ => Floor::default(),
    })
}

fn is_balancer(front: &Subject<'_>) -> bool {
    front.resource.kind.ends_with("::LoadBalancer")
}

/// Code that runs elsewhere: some is called by AWS's API, and the rest at an address.
fn by_call(far: &Far<'_>) -> Way {
    let server = &far.end.resource.name;
    let called = [
        "AWS::Lambda::Function",
        "AWS::StepFunctions::StateMachine",
        "AWS::ECS::TaskDefinition",
        "AWS::Batch::JobDefinition",
        "AWS::CodeBuild::Project",
    ];
    if called.contains(&&*far.end.resource.kind) {
        return Way::by_aws("it is called by AWS's API");
    }
    if &*far.end.resource.kind == "AWS::AppRunner::Service" {
        return match far.wish {
            Some(Wish::Never) => Way::unknown(format!("the URL is http, which {server} does not take")),
            Some(Wish::Verified) => Way::by_aws("the URL is https"),
            Some(Wish::Unverified) => Way::tls(
                Floor::at_least(ProtocolVersion::TLS1_2),
                Verified::No,
                "the URL is https, and verification is switched off",
            ),
            _ => entrance::app_runner().verified(Verified::Unknown),
        };
    }
    match far.wish {
        Some(Wish::Never) => Way::clear("the URL is in clear"),
        Some(Wish::Verified) => Way::tls(Floor::default(), Verified::Yes, "the URL asks for TLS"),
        Some(Wish::Unverified) => {
            Way::tls(Floor::default(), Verified::No, "the URL asks for TLS, and verification is switched off")
        }
        _ => Way::unknown(format!("what is spoken to {server} is not known")),
    }
}
