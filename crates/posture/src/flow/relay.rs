//! What passes connections on as they are: Global Accelerator and PrivateLink. Neither ends TLS nor adds any, so a hop
//! through one is what the load balancer behind it takes.

use super::behind::behind;
use super::entrance;
use super::hop::Hop;
use super::party::{Party, role};
use super::way::Way;
use crate::span::Span;
use crate::subject::{Seen, Subject};

/// The hops through an accelerator to the endpoints of one of its groups.
pub fn accelerated(group: &Subject<'_>) -> Vec<Hop> {
    let listener = group.value(path!("ListenerArn")).known();
    let listener = listener.and_then(|value| group.targets(value).into_iter().next());
    let Some(accelerator) = listener.and_then(|listener| listener.of(behind(&listener))) else {
        return Vec::new();
    };
    let mut hops = Vec::new();
    for (end, at) in endpoints(group) {
        let way = passed_on(&end, "Global Accelerator passes connections on");
        hops.push(Hop::entrance(&accelerator, way.clone(), at));
        hops.push(Hop::new(Party::Resource(accelerator.id), Party::Resource(end.id), way, at));
    }
    hops
}

/// The hop from an interface endpoint to the service that it leads to, where that is one of the code's own.
pub fn endpoint(endpoint: &Subject<'_>) -> Vec<Hop> {
    let Some(service) = service_of(endpoint) else { return Vec::new() };
    let way = behind_service(&service);
    vec![Hop::new(Party::Resource(endpoint.id), Party::Resource(service.id), way, endpoint.resource.at)]
}

/// The hops from an endpoint service to the load balancers behind it.
pub fn service(service: &Subject<'_>) -> Vec<Hop> {
    let from = Party::Resource(service.id);
    let hop = |(end, at): (Subject<'_>, Span)| {
        Hop::new(from, Party::Resource(end.id), passed_on(&end, PRIVATE_LINK), at)
    };
    balancers(service).into_iter().map(hop).collect()
}

/// How whoever connects to one of these is met: as by what is behind it.
pub fn met(relay: &Subject<'_>) -> Option<(Way, Span)> {
    let at = relay.resource.at;
    match &*relay.resource.kind {
        "AWS::EC2::VPCEndpointService" => Some((behind_service(relay), at)),
        "AWS::EC2::VPCEndpoint" => service_of(relay).map(|service| (behind_service(&service), at)),
        _ => {
            let listeners = relay.pointed_at_by("AWS::GlobalAccelerator::Listener", path!("AcceleratorArn"));
            let groups = listeners.iter().flat_map(|listener| {
                listener.pointed_at_by("AWS::GlobalAccelerator::EndpointGroup", path!("ListenerArn"))
            });
            let ends = groups.flat_map(|group| endpoints(&group));
            let ways = ends.map(|(end, _)| passed_on(&end, "Global Accelerator passes connections on"));
            ways.reduce(Way::worse).map(|way| (way, at))
        }
    }
}

const PRIVATE_LINK: &str = "PrivateLink is a private path, and protects nothing by itself";

fn endpoints<'g>(group: &Subject<'g>) -> Vec<(Subject<'g>, Span)> {
    let values = group.all(path!("EndpointConfigurations[].EndpointId")).into_iter().filter_map(Seen::known);
    let ends = values.flat_map(|value| group.targets(value).into_iter().map(move |end| (end, value.at)));
    ends.filter_map(|(end, at)| Some((instance_at(&end).or(Some(end))?, at))).collect()
}

/// The instance that an elastic address belongs to.
fn instance_at<'g>(end: &Subject<'g>) -> Option<Subject<'g>> {
    if &*end.resource.kind != "AWS::EC2::EIP" {
        return None;
    }
    let instance = end.value(path!("InstanceId")).known()?;
    end.targets(instance).into_iter().next()
}

fn service_of<'g>(endpoint: &Subject<'g>) -> Option<Subject<'g>> {
    let name = endpoint.value(path!("ServiceName")).known()?;
    let mut named = endpoint.targets(name).into_iter();
    named.find(|target| &*target.resource.kind == "AWS::EC2::VPCEndpointService")
}

fn balancers<'g>(service: &Subject<'g>) -> Vec<(Subject<'g>, Span)> {
    let mut named = service.all(path!("NetworkLoadBalancerArns[]"));
    named.extend(service.all(path!("GatewayLoadBalancerArns[]")));
    let values = named.into_iter().filter_map(Seen::known);
    let ends = values.flat_map(|value| service.targets(value).into_iter().map(move |end| (end, value.at)));
    ends.filter(|(end, _)| role(&end.resource.kind).is_some()).collect()
}

fn behind_service(service: &Subject<'_>) -> Way {
    let ways = balancers(service).into_iter().map(|(end, _)| passed_on(&end, PRIVATE_LINK));
    let unknown = || Way::unknown(format!("{PRIVATE_LINK}; what is behind it is not part of this code"));
    ways.reduce(Way::worse).unwrap_or_else(unknown)
}

/// The connection as whoever is behind takes it.
fn passed_on(end: &Subject<'_>, how: &str) -> Way {
    match entrance::met(end) {
        Some((way, _)) => {
            let reason = format!("{how}: {}", way.reason);
            Way { reason, ..way }.theirs()
        }
        None => Way::unknown(format!("{how}; how {} takes them is not known", end.resource.name)),
    }
}
