//! The data's path through an estate, as its code configures it: hop by hop from clients to stores.
//!
//! Each file finds the hops of one kind of resource; they are joined to flows at the end.

mod address;
mod api;
mod appsync;
mod balancer;
mod beanstalk;
mod behind;
mod compute;
mod connection;
mod delivery;
mod edge;
mod entrance;
mod hop;
mod lattice;
mod link;
mod mesh;
mod messaging;
mod migration;
mod named;
mod outsider;
mod party;
mod path;
mod relay;
mod replication;
mod store;
#[cfg(test)]
mod tests;
mod transfer;
mod way;
mod website;
mod words;

pub use hop::Hop;
pub use outsider::Outsider;
pub use party::{Names, Part, Party, Role, role};
pub use path::{Flow, MOST_FLOWS};
pub use way::{Floor, Transport, Verified, Way};

use std::collections::BTreeMap;

use crate::graph::{Graph, Resource, ResourceId};
use crate::scenario::{Scenario, Taken};
use crate::side_by_side;
use crate::span::Span;
use crate::subject::Subject;
use crate::when::When;

/// All hops and flows of a graph.
#[derive(Debug, Default)]
pub struct Flows {
    /// The hops, each pair of parties once, at its worst.
    pub hops: Vec<Hop>,
    /// The flows, the worst first. Every hop is in one of them, unless they are cut.
    pub flows: Vec<Flow>,
    /// What the parties are called.
    pub names: Names,
    /// Whether there are more ways through the estate than [`MOST_FLOWS`], of which the others are not told.
    pub cut: bool,
}

/// Follows the data through a graph.
pub fn follow(graph: &Graph) -> Flows {
    let resources: Vec<(ResourceId, &Resource)> = graph.resources().collect();
    let hops = side_by_side::each(&resources, || (), |(), _, (id, resource)| hops_of(graph, *id, resource));
    let hops = path::worst_of_each(hops.into_iter().flatten().collect());
    let names = Names::of(graph, hops.iter().flat_map(|hop| [hop.from, hop.to]));
    let path::Ways { flows, cut } = path::ways(&names, &hops);
    Flows { hops, flows, names, cut }
}

/// The hops that a resource decides on, over all scenarios that it tells apart.
fn hops_of(graph: &Graph, id: ResourceId, resource: &Resource) -> Vec<Hop> {
    let Some(find) = finder(&resource.kind) else { return Vec::new() };
    let mut met: BTreeMap<(Party, Party), Span> = BTreeMap::new();
    let explored = Scenario::explore(|scenario| {
        let subject = Subject { graph, scenario, id, resource };
        let mut hops = match subject.exists() {
            Some(false) => Vec::new(),
            Some(true) | None => find(&subject),
        };
        hops.retain(|hop| [hop.from, hop.to].iter().all(|party| is_there(&subject, *party)));
        met.extend(hops.iter().map(|hop| ((hop.from, hop.to), hop.at)));
        hops
    });
    match explored {
        Ok(explored) => over_scenarios(explored),
        Err(_) => met.into_iter().map(untold).collect(),
    }
}

/// Whether a party is there in the scenario of a subject, or may be.
fn is_there(subject: &Subject<'_>, party: Party) -> bool {
    let other = party.resource().and_then(|id| subject.of(id));
    other.is_none_or(|other| other.exists() != Some(false))
}

/// Of more combinations than are followed nobody can tell which is the worst.
fn untold(((from, to), at): ((Party, Party), Span)) -> Hop {
    let reason = "it hangs on more combinations of conditions than are followed";
    Hop::new(from, to, Way::unknown(reason), at)
}

/// Finds the hops that a resource decides on, in one scenario.
type Finder = fn(&Subject<'_>) -> Vec<Hop>;

fn finder(kind: &str) -> Option<Finder> {
    Some(match kind {
        "AWS::CloudFront::Distribution" => edge::hops,
        "AWS::ElasticLoadBalancingV2::LoadBalancer" => balancer::hops,
        "AWS::ElasticLoadBalancing::LoadBalancer" => balancer::classic::hops,
        "AWS::ApiGateway::RestApi" => api::rest,
        "AWS::ApiGatewayV2::Api" => api::http,
        "AWS::AppSync::GraphQLApi" => appsync::hops,
        "AWS::Lambda::Url" => entrance::function_url,
        "AWS::Transfer::Server" => transfer::hops,
        "AWS::VpcLattice::Service" => lattice::hops,
        "AWS::AppMesh::VirtualNode" | "AWS::AppMesh::VirtualGateway" => mesh::app::hops,
        "AWS::GlobalAccelerator::EndpointGroup" => relay::accelerated,
        "AWS::EC2::VPCEndpoint" => relay::endpoint,
        "AWS::EC2::VPCEndpointService" => relay::service,
        "AWS::SNS::Subscription" => messaging::subscription,
        "AWS::SNS::Topic" => messaging::topic,
        "AWS::Lambda::EventSourceMapping" => messaging::event_source,
        "AWS::IoT::TopicRule" => messaging::things,
        "AWS::KinesisFirehose::DeliveryStream" => delivery::hops,
        "AWS::DMS::ReplicationTask" => migration::hops,
        "AWS::RDS::DBProxyTargetGroup" => store::proxy::hops,
        "AWS::ElastiCache::GlobalReplicationGroup" => replication::hops,
        beanstalk::ENVIRONMENT => beanstalk::hops,
        "AWS::EC2::VPNConnection" => link::vpn,
        "AWS::EC2::VPCPeeringConnection" => link::peering,
        "AWS::EC2::TransitGatewayAttachment" | "AWS::EC2::TransitGatewayVpcAttachment" => link::attached,
        "AWS::DirectConnect::Connection" | "AWS::DirectConnect::Lag" => link::direct_connect,
        "AWS::S3::Bucket" => bucket,
        kind if messaging::hands_on(kind) => messaging::handed_on,
        kind if role(kind) == Some(Role::Compute) => compute::hops,
        _ => return None,
    })
}

/// A bucket may be a website, and hands on what is put into it.
fn bucket(bucket: &Subject<'_>) -> Vec<Hop> {
    website::hop(bucket).into_iter().chain(messaging::handed_on(bucket)).collect()
}

/// Each hop once with the scenarios in which it is so; what is so in all of them hangs on nothing.
fn over_scenarios(explored: Vec<(Vec<Hop>, Vec<Taken>)>) -> Vec<Hop> {
    let all = explored.len();
    let mut seen: Vec<(Hop, Vec<Vec<Taken>>)> = Vec::new();
    for (hops, taken) in explored {
        for hop in hops {
            match seen.iter_mut().find(|(known, _)| *known == hop) {
                // A resource may find the same hop twice in one scenario.
                Some((_, scenarios)) if scenarios.last() == Some(&taken) => {}
                Some((_, scenarios)) => scenarios.push(taken.clone()),
                None => seen.push((hop, vec![taken.clone()])),
            }
        }
    }
    let told = |(hop, scenarios): (Hop, Vec<Vec<Taken>>)| {
        let when = (scenarios.len() < all).then(|| When::any_of(scenarios));
        Hop { when, ..hop }
    };
    seen.into_iter().map(told).collect()
}
