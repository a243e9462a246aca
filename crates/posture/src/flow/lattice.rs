//! VPC Lattice: from a service to the targets of its listeners.

use super::behind::party;
use super::hop::Hop;
use super::party::Party;
use super::way::{Floor, Verified, Way};
use crate::span::Span;
use crate::subject::{Seen, Subject};

/// The hops of a service; who calls it is found where it is called.
pub fn hops(service: &Subject<'_>) -> Vec<Hop> {
    let mut hops = Vec::new();
    for group in listeners(service).iter().flat_map(groups) {
        let (way, at) = way(&group);
        let targets = group.all(path!("Targets[].Id")).into_iter().filter_map(Seen::known);
        let mut ends: Vec<_> = targets
            .flat_map(|value| group.targets(value))
            .filter_map(|it| party(&it))
            .map(|it| it.id)
            .collect();
        let services =
            group.pointed_at_by("AWS::ECS::Service", path!("VpcLatticeConfigurations[].TargetGroupArn"));
        ends.extend(services.iter().map(|service| service.id));
        ends.sort_unstable();
        ends.dedup();
        if ends.is_empty() {
            ends.push(group.id);
        }
        let from = Party::Resource(service.id);
        hops.extend(ends.into_iter().map(|end| Hop::new(from, Party::Resource(end), way.clone(), at)));
    }
    hops
}

/// How whoever calls a service is met, at the worst of its listeners.
pub fn met(service: &Subject<'_>) -> Option<(Way, Span)> {
    let front = |listener: &Subject<'_>| {
        let protocol = listener.text(path!("Protocol"));
        let (name, at) = (&listener.resource.name, protocol.at());
        let way = match protocol.known().as_deref() {
            Some("HTTP") => Way::clear(format!("listener {name} takes HTTP")),
            // Its versions can be chosen by nobody, and are not published.
            Some("HTTPS") => {
                Way::tls(Floor::default(), Verified::Theirs, format!("listener {name} takes HTTPS"))
            }
            _ => Way::unknown(format!("what listener {name} speaks is not known")),
        };
        (way, at)
    };
    listeners(service).iter().map(front).min_by_key(|(way, _)| way.verdict())
}

fn listeners<'g>(service: &Subject<'g>) -> Vec<Subject<'g>> {
    service.pointed_at_by("AWS::VpcLattice::Listener", path!("ServiceIdentifier"))
}

fn groups<'g>(listener: &Subject<'g>) -> Vec<Subject<'g>> {
    let mut named: Vec<_> = listener
        .all(path!("DefaultAction.Forward.TargetGroups[].TargetGroupIdentifier"))
        .into_iter()
        .filter_map(Seen::known)
        .flat_map(|value| listener.targets(value))
        .collect();
    for rule in listener.pointed_at_by("AWS::VpcLattice::Rule", path!("ListenerIdentifier")) {
        let values = rule.all(path!("Action.Forward.TargetGroups[].TargetGroupIdentifier"));
        named.extend(values.into_iter().filter_map(Seen::known).flat_map(|value| rule.targets(value)));
    }
    named
}

fn way(group: &Subject<'_>) -> (Way, Span) {
    let name = &group.resource.name;
    let protocol = group.text(path!("Config.Protocol"));
    let at = protocol.at();
    if group.text(path!("Type")).known().as_deref() == Some("LAMBDA") {
        return (Way::by_aws("Lattice calls the function by AWS's API"), at);
    }
    let way = match protocol {
        Seen::Known(protocol, _) => match &*protocol {
            "HTTP" => Way::clear(format!("target group {name} speaks HTTP")),
            "HTTPS" => Way::tls(
                Floor::default(),
                Verified::Unknown,
                format!(
                    "target group {name} speaks HTTPS; whether Lattice verifies targets is not documented"
                ),
            ),
            other => Way::unknown(format!("{other} passes through, whatever is in it")),
        },
        Seen::Absent(_) => Way::unknown(format!("what target group {name} speaks is not written")),
        Seen::Unknown(why, _) => Way::unknown(format!("what target group {name} speaks is not known: {why}")),
    };
    (way, at)
}
