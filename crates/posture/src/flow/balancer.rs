//! Load balancers: from clients to listeners, and from the balancer to its targets.

pub mod classic;

use std::sync::Arc;

use hermetic_tls::ProtocolVersion;

use super::hop::{Floor, Hop, Transport, Verified};
use super::party::Party;
use crate::path::Path;
use crate::span::Span;
use crate::subject::{Seen, Subject, text_of};
use crate::value::{Node, Value};

const LISTENER: &str = "AWS::ElasticLoadBalancingV2::Listener";
const RULE: &str = "AWS::ElasticLoadBalancingV2::ListenerRule";

/// The hops of an application or network load balancer.
pub fn hops(balancer: &Subject<'_>) -> Vec<Hop> {
    let listeners = listeners(balancer);
    let mut hops = Vec::new();
    if is_public(balancer) && !is_behind_an_edge(balancer) {
        hops.extend(listeners.iter().filter_map(front).map(|(transport, reason, at)| Hop {
            from: Party::Client,
            to: Party::Resource(balancer.id),
            transport,
            verified: Verified::Theirs,
            reason,
            at,
            when: None,
        }));
    }
    for listener in &listeners {
        for group in groups(listener) {
            hops.extend(to_targets(balancer, listener, &group));
        }
    }
    hops
}

/// How whoever connects to this balancer is met, at the worst of its listeners.
pub fn met(balancer: &Subject<'_>) -> Option<(Transport, String, Span)> {
    let fronts = listeners(balancer).iter().filter_map(front).collect::<Vec<_>>();
    let rank = |transport: &Transport| match transport {
        Transport::Cleartext => 0,
        Transport::Unknown => 1,
        _ => 2,
    };
    fronts.into_iter().min_by_key(|(transport, ..)| rank(transport))
}

fn listeners<'g>(balancer: &Subject<'g>) -> Vec<Subject<'g>> {
    balancer.pointed_at_by(LISTENER, &Path::of("LoadBalancerArn"))
}

fn is_public(balancer: &Subject<'_>) -> bool {
    balancer.text(&Path::of("Scheme")).known().is_none_or(|scheme| &*scheme == "internet-facing")
}

/// Where an edge stands before it, data comes that way.
fn is_behind_an_edge(balancer: &Subject<'_>) -> bool {
    let edges = ["AWS::CloudFront::Distribution", "AWS::CloudFront::VpcOrigin"];
    balancer.graph.referring(balancer.id).any(|(_, resource)| edges.contains(&&*resource.kind))
}

/// How one listener meets who connects; none where it only redirects to HTTPS, or answers by itself.
fn front(listener: &Subject<'_>) -> Option<(Transport, String, Span)> {
    let protocol = listener.text(&Path::of("Protocol"));
    let (name, at) = (&listener.resource.name, protocol.at());
    let (transport, reason) = match protocol.known().as_deref() {
        Some("HTTP") if forwards(listener) == Some(false) => return None,
        Some("HTTP") => (Transport::Cleartext, format!("listener {name} passes HTTP on")),
        Some("HTTPS" | "TLS") => {
            let policy = listener.text(&Path::of("SslPolicy"));
            let floor = match policy {
                Seen::Known(policy, _) => Floor::of_policy(&["elb"], &policy),
                Seen::Absent(_) => Floor::of_policy(&["elb"], "ELBSecurityPolicy-2016-08"),
                Seen::Unknown(..) => Floor::default(),
            };
            let policy = floor.policy.clone().unwrap_or_else(|| Arc::from("a policy that is not known"));
            (Transport::Tls(floor), format!("listener {name} takes TLS by {policy}"))
        }
        Some(other) => {
            (Transport::Unknown, format!("listener {name} passes {other} through, whatever is in it"))
        }
        None => (Transport::Unknown, format!("what listener {name} speaks is not known")),
    };
    Some((transport, reason, at))
}

/// Whether a listener passes anything on, by its default actions or a rule; `None` where nobody can tell.
fn forwards(listener: &Subject<'_>) -> Option<bool> {
    let kinds = actions(listener).into_iter().map(|(subject, action)| {
        let kind = subject.below(action, &Path::of("Type")).into_iter().next().and_then(Seen::known)?;
        let kind = text_of(kind).ok()?;
        let redirect = subject.below(action, &Path::of("RedirectConfig.Protocol")).into_iter().next();
        let to_https = redirect.and_then(Seen::known).and_then(|to| text_of(to).ok());
        Some(match &*kind {
            "redirect" => to_https.as_deref() != Some("HTTPS"),
            "fixed-response" => false,
            _ => true,
        })
    });
    kinds.collect::<Option<Vec<_>>>().map(|kinds| kinds.contains(&true))
}

/// The actions of a listener and of its rules, each with the resource that has it.
fn actions<'g>(listener: &Subject<'g>) -> Vec<(Subject<'g>, &'g Value)> {
    let own = listener.all(&Path::of("DefaultActions[]")).into_iter().filter_map(Seen::known);
    let mut actions: Vec<_> = own.map(|action| (*listener, action)).collect();
    for rule in listener.pointed_at_by(RULE, &Path::of("ListenerArn")) {
        let of_rule = rule.all(&Path::of("Actions[]")).into_iter().filter_map(Seen::known);
        actions.extend(of_rule.map(|action| (rule, action)));
    }
    actions
}

/// The target groups that a listener passes on to.
fn groups<'g>(listener: &Subject<'g>) -> Vec<Subject<'g>> {
    let mut groups: Vec<Subject<'g>> = Vec::new();
    for (subject, action) in actions(listener) {
        for path in ["TargetGroupArn", "ForwardConfig.TargetGroups[].TargetGroupArn"] {
            let values = subject.below(action, &path_of(path)).into_iter().filter_map(Seen::known);
            for target in values.flat_map(|value| subject.targets(value)) {
                if !groups.iter().any(|known| known.id == target.id) {
                    groups.push(target);
                }
            }
        }
    }
    groups
}

fn path_of(text: &'static str) -> Path {
    Path::of(text)
}

fn to_targets(balancer: &Subject<'_>, listener: &Subject<'_>, group: &Subject<'_>) -> Vec<Hop> {
    let kind = group.text(&Path::of("TargetType")).known();
    let functions = kind.as_deref() == Some("lambda");
    let protocol = group.text(&Path::of("Protocol"));
    let at = protocol.at();
    let name = &group.resource.name;
    let front = listener.text(&Path::of("Protocol")).known();
    let (transport, verified, reason) = match protocol.known().as_deref() {
        _ if functions => {
            let floor = Floor::at_least(ProtocolVersion::TLS1_2);
            (Transport::Tls(floor), Verified::Yes, "the balancer calls the function by AWS's API".to_owned())
        }
        Some("HTTP") => (Transport::Cleartext, Verified::No, format!("target group {name} speaks HTTP")),
        // The target side takes TLS 1.0 but behind a policy of RFC 9151 (ELB user guide, security policies).
        Some("HTTPS" | "TLS") => (
            Transport::Tls(Floor::at_least(target_floor(listener))),
            Verified::No,
            format!("target group {name} speaks TLS, and a load balancer never verifies its targets"),
        ),
        Some("TCP") if front.as_deref() == Some("TLS") => (
            Transport::Cleartext,
            Verified::No,
            format!("the listener ends TLS, and target group {name} speaks TCP in clear"),
        ),
        Some(other) => {
            (Transport::Unknown, Verified::Unknown, format!("{other} passes through, whatever is in it"))
        }
        None => {
            (Transport::Unknown, Verified::Unknown, format!("what target group {name} speaks is not known"))
        }
    };
    let hop = |to| Hop {
        from: Party::Resource(balancer.id),
        to,
        transport: transport.clone(),
        verified,
        reason: reason.clone(),
        at,
        when: None,
    };
    targets(group).into_iter().map(hop).collect()
}

fn target_floor(listener: &Subject<'_>) -> ProtocolVersion {
    let policy = listener.text(&Path::of("SslPolicy")).known();
    if policy.is_some_and(|policy| policy.contains("RFC9151")) {
        ProtocolVersion::TLS1_2
    } else {
        ProtocolVersion::TLS1_0
    }
}

/// Who is in a target group; the group itself where the code does not say.
fn targets(group: &Subject<'_>) -> Vec<Party> {
    let mut parties: Vec<Party> = Vec::new();
    let listed = group.all(&Path::of("Targets[].Id")).into_iter().filter_map(Seen::known);
    for target in listed.flat_map(|value| group.targets(value)) {
        parties.push(Party::Resource(super::api::behind(&target)));
    }
    let services = group.pointed_at_by("AWS::ECS::Service", &Path::of("LoadBalancers[].TargetGroupArn"));
    let scaled = group.pointed_at_by("AWS::AutoScaling::AutoScalingGroup", &Path::of("TargetGroupARNs[]"));
    parties.extend(services.iter().chain(&scaled).map(|subject| Party::Resource(subject.id)));
    parties.dedup();
    if parties.is_empty() {
        parties.push(Party::Resource(group.id));
    }
    parties
}

/// Text of a value's property, where it is known.
pub(super) fn known_text(subject: &Subject<'_>, value: &Value, path: &'static str) -> Option<Arc<str>> {
    let seen = subject.below(value, &Path::of(path)).into_iter().next()?;
    seen.known().and_then(|value| match &value.node {
        Node::Reference(_) | Node::Pieces(_) => None,
        _ => text_of(value).ok(),
    })
}
