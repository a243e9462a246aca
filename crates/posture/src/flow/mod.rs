//! The data's path through an estate, as its code configures it: hop by hop from clients to stores.
//!
//! Each file finds the hops of one kind of resource; they are joined to flows at the end.

mod api;
mod balancer;
mod compute;
mod connection;
mod edge;
mod hop;
mod link;
mod messaging;
mod party;
mod path;
mod store;

pub use hop::{Floor, Hop, Transport, Verified};
pub use party::{Names, Party, Role, role};
pub use path::Flow;

use crate::graph::{Graph, Resource, ResourceId};
use crate::scenario::{Scenario, Taken};
use crate::subject::Subject;
use crate::when::When;

/// All hops and flows of a graph.
#[derive(Debug, Default)]
pub struct Flows {
    /// The hops, each pair of parties once, at its worst.
    pub hops: Vec<Hop>,
    /// The flows, the worst first.
    pub flows: Vec<Flow>,
    /// What the parties are called.
    pub names: Names,
}

/// Follows the data through a graph.
pub fn follow(graph: &Graph) -> Flows {
    let mut hops = Vec::new();
    for (id, resource) in graph.resources() {
        hops.extend(hops_of(graph, id, resource));
    }
    let hops = path::worst_of_each(hops);
    let names = Names::of(graph, hops.iter().flat_map(|hop| [hop.from, hop.to]));
    let flows = path::flows(&names, &hops);
    Flows { hops, flows, names }
}

/// The hops that a resource decides on, over all scenarios that it tells apart.
fn hops_of(graph: &Graph, id: ResourceId, resource: &Resource) -> Vec<Hop> {
    let Some(find) = finder(&resource.kind) else { return Vec::new() };
    let explored = Scenario::explore(|scenario| {
        let subject = Subject { graph, scenario, id, resource };
        match subject.exists() {
            Some(false) => Vec::new(),
            Some(true) | None => find(&subject),
        }
    });
    // More combinations than are followed: nothing is claimed of this resource's hops.
    explored.map(over_scenarios).unwrap_or_default()
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
        "AWS::Lambda::Url" => api::function_url,
        "AWS::SNS::Subscription" => messaging::subscription,
        "AWS::SNS::Topic" => messaging::topic,
        "AWS::Lambda::EventSourceMapping" => messaging::event_source,
        "AWS::EC2::VPNConnection" => link::vpn,
        "AWS::EC2::VPCPeeringConnection" => link::peering,
        "AWS::DirectConnect::Connection" | "AWS::DirectConnect::Lag" => link::direct_connect,
        kind if role(kind) == Some(Role::Compute) => compute::hops,
        _ => return None,
    })
}

/// Each hop once with the scenarios in which it is so; what is so in all of them hangs on nothing.
fn over_scenarios(explored: Vec<(Vec<Hop>, Vec<Taken>)>) -> Vec<Hop> {
    let all = explored.len();
    let mut seen: Vec<(Hop, Vec<Vec<Taken>>)> = Vec::new();
    for (hops, taken) in explored {
        for hop in hops {
            match seen.iter_mut().find(|(known, _)| *known == hop) {
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
