//! Classic load balancers.

use hermetic_tls::ProtocolVersion;

use super::super::hop::{Floor, Hop, Transport, Verified};
use super::super::party::Party;
use super::known_text;
use crate::path::Path;
use crate::subject::{Seen, Subject};
use crate::value::Value;

/// The hops of a classic load balancer.
pub fn hops(balancer: &Subject<'_>) -> Vec<Hop> {
    let listeners = balancer.all(&Path::of("Listeners[]")).into_iter().filter_map(Seen::known);
    let instances = instances(balancer);
    let mut hops = Vec::new();
    for listener in listeners {
        hops.extend(front(balancer, listener));
        hops.extend(instances.iter().map(|instance| back(balancer, listener, *instance)));
    }
    hops
}

fn front(balancer: &Subject<'_>, listener: &Value) -> Option<Hop> {
    if balancer.text(&Path::of("Scheme")).known().as_deref() == Some("internal") {
        return None;
    }
    let protocol = known_text(balancer, listener, "Protocol").map(|text| text.to_ascii_uppercase());
    let (transport, reason) = match protocol.as_deref() {
        Some("HTTP") => (Transport::Cleartext, "a listener takes HTTP"),
        Some("HTTPS" | "SSL") => (Transport::Tls(floor(balancer, listener)), "a listener takes TLS"),
        Some(_) => (Transport::Unknown, "a listener passes TCP through, whatever is in it"),
        None => (Transport::Unknown, "what a listener speaks is not known"),
    };
    let (from, to) = (Party::Client, Party::Resource(balancer.id));
    let reason = reason.to_owned();
    Some(Hop { from, to, transport, verified: Verified::Theirs, reason, at: listener.at, when: None })
}

/// What its policies name; where they name none, the oldest that is a default.
fn floor(balancer: &Subject<'_>, listener: &Value) -> Floor {
    let named = balancer.below(listener, &Path::of("PolicyNames[]"));
    let policies = balancer.all(&Path::of("Policies[]")).into_iter().filter_map(Seen::known);
    let reference = policies
        .flat_map(|policy| balancer.below(policy, &Path::of("Attributes[]")))
        .filter_map(Seen::known)
        .filter(|attribute| {
            known_text(balancer, attribute, "Name").as_deref() == Some("Reference-Security-Policy")
        })
        .find_map(|attribute| known_text(balancer, attribute, "Value"));
    match reference {
        Some(policy) => Floor::of_policy(&["clb"], &policy),
        None if named.iter().all(|seen| matches!(seen, Seen::Absent(_))) => {
            Floor::of_policy(&["clb"], "ELBSecurityPolicy-2016-08")
        }
        None => Floor::default(),
    }
}

fn back(balancer: &Subject<'_>, listener: &Value, to: Party) -> Hop {
    let front = known_text(balancer, listener, "Protocol").map(|text| text.to_ascii_uppercase());
    let back = known_text(balancer, listener, "InstanceProtocol").map(|text| text.to_ascii_uppercase());
    // Where it is not written it is HTTP behind HTTP and HTTPS, and TCP behind the others.
    let back =
        back.or_else(|| Some(if front.as_deref()?.starts_with("HTTP") { "HTTP" } else { "TCP" }.to_owned()));
    let (transport, verified, reason) = match (front.as_deref(), back.as_deref()) {
        (_, Some("HTTPS" | "SSL")) => (
            Transport::Tls(Floor::at_least(ProtocolVersion::TLS1_0)),
            if authenticates(balancer) { Verified::Yes } else { Verified::No },
            "instances speak TLS; the balancer checks their keys only by a policy for that",
        ),
        (_, Some("HTTP")) => (Transport::Cleartext, Verified::No, "instances speak HTTP"),
        (Some("SSL" | "HTTPS"), Some(_)) => {
            (Transport::Cleartext, Verified::No, "the listener ends TLS, and instances speak TCP in clear")
        }
        (_, Some(_)) => (Transport::Unknown, Verified::Unknown, "TCP passes through, whatever is in it"),
        (_, None) => (Transport::Unknown, Verified::Unknown, "what instances speak is not known"),
    };
    let from = Party::Resource(balancer.id);
    Hop { from, to, transport, verified, reason: reason.to_owned(), at: listener.at, when: None }
}

/// The only kind of load balancer of AWS that can tell its back ends: by their public keys.
fn authenticates(balancer: &Subject<'_>) -> bool {
    let kinds = balancer.all(&Path::of("Policies[].PolicyType")).into_iter().filter_map(Seen::known);
    kinds
        .filter_map(|kind| crate::subject::text_of(kind).ok())
        .any(|kind| &*kind == "BackendServerAuthenticationPolicyType")
}

fn instances(balancer: &Subject<'_>) -> Vec<Party> {
    let listed = balancer.all(&Path::of("Instances[]")).into_iter().filter_map(Seen::known);
    let listed = listed.flat_map(|value| balancer.targets(value));
    let scaled =
        balancer.pointed_at_by("AWS::AutoScaling::AutoScalingGroup", &Path::of("LoadBalancerNames[]"));
    let services = balancer.pointed_at_by("AWS::ECS::Service", &Path::of("LoadBalancers[].LoadBalancerName"));
    listed.chain(scaled).chain(services).map(|subject| Party::Resource(subject.id)).collect()
}
