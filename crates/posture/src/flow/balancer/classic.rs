//! Classic load balancers.

use std::sync::Arc;

use hermetic_tls::ProtocolVersion;

use super::super::hop::Hop;
use super::super::party::Party;
use super::super::way::{Floor, Verified, Way};
use super::exposure;
use crate::span::Span;
use crate::subject::{Seen, Subject, text_of};
use crate::value::Value;

/// The hops of a classic load balancer.
pub fn hops(balancer: &Subject<'_>) -> Vec<Hop> {
    let instances = instances(balancer);
    let public = exposure::takes_anybody(balancer);
    let mut hops = Vec::new();
    for listener in balancer.all(path!("Listeners[]")).into_iter().filter_map(Seen::known) {
        if public {
            hops.push(Hop::entrance(balancer, front(balancer, listener), listener.at));
        }
        let way = || back(balancer, listener);
        hops.extend(
            instances.iter().map(|to| Hop::new(Party::Resource(balancer.id), *to, way(), listener.at)),
        );
    }
    hops
}

/// How whoever connects is met, at the worst of its listeners.
pub fn met(balancer: &Subject<'_>) -> Option<(Way, Span)> {
    let listeners = balancer.all(path!("Listeners[]")).into_iter().filter_map(Seen::known);
    let fronts = listeners.map(|listener| (front(balancer, listener).theirs(), listener.at));
    fronts.min_by_key(|(way, _)| way.verdict())
}

fn front<'g>(balancer: &Subject<'g>, listener: &'g Value) -> Way {
    match upper(balancer, listener, "Protocol").as_deref() {
        Some("HTTP") => Way::clear("a listener takes HTTP"),
        Some("HTTPS" | "SSL") => {
            let floor = floor(balancer, listener);
            let reason = format!("a listener takes TLS by {}", floor.policy_name());
            Way::tls(floor, Verified::Theirs, reason)
        }
        Some(_) => Way::unknown("a listener passes TCP through, whatever is in it"),
        None => Way::unknown("what a listener speaks is not known"),
    }
}

/// What its policies name; where they name none, the oldest that is a default.
fn floor<'g>(balancer: &Subject<'g>, listener: &'g Value) -> Floor {
    let named = balancer.below(listener, path!("PolicyNames[]"));
    if named.iter().all(|seen| matches!(seen, Seen::Absent(_))) {
        return Floor::of_policy(&["clb"], "ELBSecurityPolicy-2016-08");
    }
    let names: Option<Vec<Arc<str>>> = named.into_iter().map(|name| name.and_then(text_of).known()).collect();
    let Some(names) = names else { return Floor::default() };
    let policies = balancer.all(path!("Policies[]")).into_iter().filter_map(Seen::known);
    let policies = policies.filter(|policy| {
        known_text(balancer, policy, "PolicyName").is_some_and(|name| names.contains(&name))
    });
    let reference = policies
        .flat_map(|policy| balancer.below(policy, path!("Attributes[]")))
        .filter_map(Seen::known)
        .filter(|attribute| {
            known_text(balancer, attribute, "Name").as_deref() == Some("Reference-Security-Policy")
        })
        .find_map(|attribute| known_text(balancer, attribute, "Value"));
    reference.map_or_else(Floor::default, |policy| Floor::of_policy(&["clb"], &policy))
}

fn back<'g>(balancer: &Subject<'g>, listener: &'g Value) -> Way {
    let front = upper(balancer, listener, "Protocol");
    // Where it is not written it is HTTP behind HTTP and HTTPS, and TCP behind the others.
    let back = match listener.entry("InstanceProtocol") {
        Some(_) => upper(balancer, listener, "InstanceProtocol"),
        None => {
            front.as_deref().map(|front| if front.starts_with("HTTP") { "HTTP" } else { "TCP" }.to_owned())
        }
    };
    match (front.as_deref(), back.as_deref()) {
        (_, Some("HTTPS" | "SSL")) => Way::tls(
            Floor::at_least(ProtocolVersion::TLS1_0),
            if authenticates(balancer) { Verified::Yes } else { Verified::No },
            "instances speak TLS; the balancer checks their keys only by a policy for that",
        ),
        (_, Some("HTTP")) => Way::clear("instances speak HTTP"),
        (Some("SSL" | "HTTPS"), Some(_)) => {
            Way::clear("the listener ends TLS, and instances speak TCP in clear")
        }
        (_, Some(_)) => Way::unknown("TCP passes through, whatever is in it"),
        (_, None) => Way::unknown("what instances speak is not known"),
    }
}

/// The only kind of load balancer of AWS that can tell its back ends: by their public keys.
fn authenticates(balancer: &Subject<'_>) -> bool {
    let kinds = balancer.all(path!("Policies[].PolicyType")).into_iter().filter_map(Seen::known);
    kinds.filter_map(|kind| text_of(kind).ok()).any(|kind| &*kind == "BackendServerAuthenticationPolicyType")
}

fn instances(balancer: &Subject<'_>) -> Vec<Party> {
    let listed = balancer.all(path!("Instances[]")).into_iter().filter_map(Seen::known);
    let listed = listed.flat_map(|value| balancer.targets(value));
    let scaled = balancer.pointed_at_by("AWS::AutoScaling::AutoScalingGroup", path!("LoadBalancerNames[]"));
    let services = balancer.pointed_at_by("AWS::ECS::Service", path!("LoadBalancers[].LoadBalancerName"));
    listed.chain(scaled).chain(services).map(|subject| Party::Resource(subject.id)).collect()
}

fn upper<'g>(balancer: &Subject<'g>, listener: &'g Value, name: &str) -> Option<String> {
    known_text(balancer, listener, name).map(|text| text.to_ascii_uppercase())
}

/// Text of a value's property, where it is known.
fn known_text<'g>(subject: &Subject<'g>, value: &'g Value, name: &str) -> Option<Arc<str>> {
    text_of(subject.resolve(value.entry(name)?)).ok()
}
