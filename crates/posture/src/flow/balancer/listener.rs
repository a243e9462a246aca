//! Listeners: how they meet who connects, and where they send it.

use std::sync::Arc;

use super::super::way::{Floor, Transport, Verified, Way};
use super::{BALANCER, met, targets};
use crate::span::Span;
use crate::subject::{Seen, Subject, text_of};
use crate::value::Value;

/// How a listener meets who connects; none where it only redirects to HTTPS, or answers by itself.
pub fn front(listener: &Subject<'_>) -> Option<(Way, Span)> {
    let protocol = listener.text(path!("Protocol"));
    let (name, at) = (&listener.resource.name, protocol.at());
    let way = match protocol {
        Seen::Known(protocol, _) => match &*protocol {
            "HTTP" => match forwards(listener) {
                Some(false) => return None,
                Some(true) => Way::clear(format!("listener {name} passes HTTP on")),
                None => Way::unknown(format!("whether listener {name} passes HTTP on is not known")),
            },
            "HTTPS" | "TLS" => {
                let floor = floor_of_policy(listener);
                let reason = format!("listener {name} takes TLS by {}", floor.policy_name());
                Way::tls(floor, Verified::Theirs, reason)
            }
            other => passed_through(listener).unwrap_or_else(|| {
                Way::unknown(format!("listener {name} passes {other} through, whatever is in it"))
            }),
        },
        Seen::Absent(_) => Way::unknown(format!("what listener {name} speaks is not written")),
        Seen::Unknown(why, _) => Way::unknown(format!("what listener {name} speaks is not known: {why}")),
    };
    Some((way.theirs(), at))
}

/// What a listener that ends TLS allows.
pub fn floor(listener: &Subject<'_>) -> Option<Floor> {
    match front(listener)?.0.transport {
        Transport::Tls(floor) => Some(floor),
        _ => None,
    }
}

/// The target groups that a listener passes on to.
pub fn groups<'g>(listener: &Subject<'g>) -> Vec<Subject<'g>> {
    let mut groups: Vec<Subject<'g>> = Vec::new();
    for (subject, action) in actions(listener) {
        for path in [path!("TargetGroupArn"), path!("ForwardConfig.TargetGroups[].TargetGroupArn")] {
            let values = subject.below(action, path).into_iter().filter_map(Seen::known);
            for target in values.flat_map(|value| subject.targets(value)) {
                if !groups.iter().any(|known| known.id == target.id) {
                    groups.push(target);
                }
            }
        }
    }
    groups
}

fn floor_of_policy(listener: &Subject<'_>) -> Floor {
    match listener.text(path!("SslPolicy")) {
        Seen::Known(policy, _) => Floor::of_policy(&["elb"], &policy),
        Seen::Absent(_) => Floor::of_policy(&["elb"], "ELBSecurityPolicy-2016-08"),
        Seen::Unknown(..) => Floor::default(),
    }
}

/// What passes through to a balancer is met by that, and nothing is known of any other target.
fn passed_through(listener: &Subject<'_>) -> Option<Way> {
    let parties: Vec<_> = groups(listener).iter().flat_map(targets).collect();
    let ways = parties.iter().map(|party| {
        let balancer = party.resource().and_then(|id| listener.of(id))?;
        // A network load balancer is no target, so this goes no further.
        let behind = (*balancer.resource.kind == *BALANCER && !is_network(&balancer)).then_some(balancer)?;
        let (way, _) = met(&behind)?;
        let reason = format!("listener {} passes TCP through: {}", listener.resource.name, way.reason);
        Some(Way { reason, ..way })
    });
    ways.collect::<Option<Vec<Way>>>()?.into_iter().reduce(Way::worse)
}

fn is_network(balancer: &Subject<'_>) -> bool {
    balancer.text(path!("Type")).known().is_some_and(|kind| &*kind != "application")
}

/// Whether a listener passes anything on, by its default actions or a rule; `None` where nobody can tell.
fn forwards(listener: &Subject<'_>) -> Option<bool> {
    let (mut any, mut known) = (false, true);
    for (subject, action) in actions(listener) {
        match passes_on(&subject, action) {
            Some(true) => any = true,
            Some(false) => {}
            None => known = false,
        }
    }
    if any { Some(true) } else { known.then_some(false) }
}

/// A redirect whose protocol is not written keeps that of the request.
fn passes_on<'g>(subject: &Subject<'g>, action: &'g Value) -> Option<bool> {
    let text = |seen: Seen<&Value>| seen.and_then(text_of);
    let kind: Arc<str> = text(subject.value_in(action, path!("Type"))).known()?;
    match &*kind {
        "redirect" => match text(subject.value_in(action, path!("RedirectConfig.Protocol"))) {
            Seen::Known(to, _) => Some(&*to != "HTTPS"),
            Seen::Absent(_) => Some(true),
            Seen::Unknown(..) => None,
        },
        "fixed-response" => Some(false),
        _ => Some(true),
    }
}

/// The actions of a listener and of its rules, each with the resource that has it.
fn actions<'g>(listener: &Subject<'g>) -> Vec<(Subject<'g>, &'g Value)> {
    let own = listener.all(path!("DefaultActions[]")).into_iter().filter_map(Seen::known);
    let mut actions: Vec<_> = own.map(|action| (*listener, action)).collect();
    for rule in listener.pointed_at_by("AWS::ElasticLoadBalancingV2::ListenerRule", path!("ListenerArn")) {
        let of_rule = rule.all(path!("Actions[]")).into_iter().filter_map(Seen::known);
        actions.extend(of_rule.map(|action| (rule, action)));
    }
    actions
}
