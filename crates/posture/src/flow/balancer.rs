//! Load balancers: from clients to listeners, and from the balancer to its targets.

pub mod classic;
mod exposure;
mod listener;

use hermetic_tls::ProtocolVersion;

use super::behind::behind;
use super::hop::Hop;
use super::party::Party;
use super::way::{Floor, Verified, Way};
use crate::span::Span;
use crate::subject::{Seen, Subject};

const BALANCER: &str = "AWS::ElasticLoadBalancingV2::LoadBalancer";

/// The hops of an application or network load balancer.
pub fn hops(balancer: &Subject<'_>) -> Vec<Hop> {
    let listeners = listeners(balancer);
    let mut hops = Vec::new();
    if exposure::takes_anybody(balancer) {
        let fronts = listeners.iter().filter_map(listener::front);
        hops.extend(fronts.map(|(way, at)| Hop::entrance(balancer, way, at)));
    }
    for listener in &listeners {
        for group in listener::groups(listener) {
            hops.extend(to_targets(balancer, listener, &group));
        }
    }
    hops
}

/// How whoever connects to this balancer is met, at the worst of its listeners.
pub fn met(balancer: &Subject<'_>) -> Option<(Way, Span)> {
    let fronts = listeners(balancer).iter().filter_map(listener::front).collect::<Vec<_>>();
    fronts.into_iter().min_by_key(|(way, _)| way.verdict())
}

/// How whoever insists on TLS is met, at the worst of the listeners that end it.
pub fn met_by_tls(balancer: &Subject<'_>) -> Option<Floor> {
    let floors = listeners(balancer).iter().filter_map(listener::floor).collect::<Vec<_>>();
    floors.into_iter().min_by_key(|floor| floor.lowest)
}

fn listeners<'g>(balancer: &Subject<'g>) -> Vec<Subject<'g>> {
    balancer.pointed_at_by("AWS::ElasticLoadBalancingV2::Listener", path!("LoadBalancerArn"))
}

fn to_targets(balancer: &Subject<'_>, listener: &Subject<'_>, group: &Subject<'_>) -> Vec<Hop> {
    let at = group.text(path!("Protocol")).at();
    let from = Party::Resource(balancer.id);
    let hop = |to| {
        // What passes through to a balancer is met by that.
        let balancer_behind = Party::resource(to).and_then(|id| group.of(id));
        let balancer_behind = balancer_behind.filter(|behind| *behind.resource.kind == *BALANCER);
        match balancer_behind.and_then(|behind| met(&behind)) {
            Some((way, _)) => Hop::new(from, to, way, at),
            None => Hop::new(from, to, to_group(listener, group), at),
        }
    };
    targets(group).into_iter().map(hop).collect()
}

fn to_group(listener: &Subject<'_>, group: &Subject<'_>) -> Way {
    if group.text(path!("TargetType")).known().as_deref() == Some("lambda") {
        return Way::by_aws("the balancer calls the function by AWS's API");
    }
    let name = &group.resource.name;
    let front = listener.text(path!("Protocol")).known();
    match group.text(path!("Protocol")) {
        Seen::Known(protocol, _) => match &*protocol {
            "HTTP" => Way::clear(format!("target group {name} speaks HTTP")),
            "HTTPS" | "TLS" => Way::tls(
                target_floor(listener),
                Verified::No,
                format!("target group {name} speaks TLS, and a load balancer never verifies its targets"),
            ),
            "TCP" if front.as_deref() == Some("TLS") => {
                Way::clear(format!("the listener ends TLS, and target group {name} speaks TCP in clear"))
            }
            other => Way::unknown(format!("{other} passes through, whatever is in it")),
        },
        Seen::Absent(_) => Way::unknown(format!("what target group {name} speaks is not written")),
        Seen::Unknown(why, _) => Way::unknown(format!("what target group {name} speaks is not known: {why}")),
    }
}

/// The target side takes TLS 1.0 but behind a policy of RFC 9151 (ELB user guide, security policies).
fn target_floor(listener: &Subject<'_>) -> Floor {
    match listener.text(path!("SslPolicy")) {
        Seen::Known(policy, _) if policy.contains("RFC9151") => Floor::at_least(ProtocolVersion::TLS1_2),
        Seen::Known(..) | Seen::Absent(_) => Floor::at_least(ProtocolVersion::TLS1_0),
        Seen::Unknown(..) => Floor::default(),
    }
}

/// Who is in a target group; the group itself where the code does not say.
fn targets(group: &Subject<'_>) -> Vec<Party> {
    let listed = group.all(path!("Targets[].Id")).into_iter().filter_map(Seen::known);
    let listed = listed.flat_map(|value| group.targets(value)).map(|target| behind(&target));
    let services = group.pointed_at_by("AWS::ECS::Service", path!("LoadBalancers[].TargetGroupArn"));
    let scaled = group.pointed_at_by("AWS::AutoScaling::AutoScalingGroup", path!("TargetGroupARNs[]"));
    let attached = services.iter().chain(&scaled).map(|subject| subject.id);
    let mut parties: Vec<Party> = listed.chain(attached).map(Party::Resource).collect();
    parties.sort_unstable();
    parties.dedup();
    if parties.is_empty() {
        parties.push(Party::Resource(group.id));
    }
    parties
}
