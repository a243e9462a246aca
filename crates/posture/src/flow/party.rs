//! Who stands in a data path: resources that take, pass on or keep data, and those outside.

use std::collections::{HashMap, HashSet};

use super::outsider::Outsider;
use crate::graph::{Graph, ResourceId};
use crate::subject::Subject;
use crate::value::Value;

/// Who stands at one end of a hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// Anybody on the internet.
    Client,
    /// A network of the organisation's own, outside AWS.
    OnPremises,
    /// Somebody in a network of the organisation's own within AWS.
    Network,
    /// Somebody outside that the code names by an address, or of whom it tells nothing.
    Outside(Outsider),
    /// A resource.
    Resource(ResourceId),
    /// A part of a resource that is told apart from the rest of it.
    Part(ResourceId, Part),
}

/// A part of a resource, by how data may come to it or pass it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// It may come in cleartext.
    InClear,
    /// Nobody can tell.
    Untold,
    /// The load balancer that an environment makes for itself.
    Balancer,
}

/// What part a type of resource plays in a data path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It takes data from clients, and passes it on.
    Front,
    /// It runs code.
    Compute,
    /// It keeps data, or hands it on later.
    Store,
}

/// What part a type plays; `None` where it is no party.
pub fn role(kind: &str) -> Option<Role> {
    let role = match kind {
        "AWS::CloudFront::Distribution"
        | "AWS::ElasticLoadBalancingV2::LoadBalancer"
        | "AWS::ElasticLoadBalancing::LoadBalancer"
        | "AWS::ApiGateway::RestApi"
        | "AWS::ApiGatewayV2::Api"
        | "AWS::AppSync::GraphQLApi"
        | "AWS::GlobalAccelerator::Accelerator"
        | "AWS::EC2::VPCEndpoint"
        | "AWS::EC2::VPCEndpointService"
        | "AWS::VpcLattice::Service"
        | "AWS::AppMesh::VirtualGateway"
        | "AWS::AppMesh::VirtualNode"
        | "AWS::Transfer::Server" => Role::Front,
        "AWS::Lambda::Function"
        | "AWS::ECS::Service"
        | "AWS::ECS::TaskDefinition"
        | "AWS::EC2::Instance"
        | "AWS::AutoScaling::AutoScalingGroup"
        | "AWS::AppRunner::Service"
        | "AWS::Batch::JobDefinition"
        | "AWS::CodeBuild::Project"
        | "AWS::ElasticBeanstalk::Environment"
        | "AWS::StepFunctions::StateMachine" => Role::Compute,
        kind if super::store::is_store(kind) => Role::Store,
        _ => return None,
    };
    Some(role)
}

impl Party {
    /// Somebody outside of whom the code tells nothing.
    pub fn nameless() -> Self {
        Self::Outside(Outsider::nameless())
    }

    /// Who is where a value leads that names no resource.
    pub fn outside<'g>(subject: &Subject<'g>, value: &'g Value) -> Self {
        Self::Outside(Outsider::of(subject, value))
    }

    /// The resource, where it is one.
    pub fn resource(self) -> Option<ResourceId> {
        match self {
            Self::Resource(id) | Self::Part(id, _) => Some(id),
            Self::Client | Self::OnPremises | Self::Network | Self::Outside(_) => None,
        }
    }
}

/// The names of all parties, no two the same: templates may use the same logical id.
#[derive(Clone, Debug, Default)]
pub struct Names {
    of: HashMap<Party, String>,
}

impl Names {
    /// The names of these parties. The first that has a name keeps it; others get their file's before it.
    pub fn of(graph: &Graph, parties: impl IntoIterator<Item = Party>) -> Self {
        let mut names = Self::default();
        let mut taken = HashSet::new();
        for party in parties {
            if names.of.contains_key(&party) {
                continue;
            }
            let spellings = std::iter::once(bare(graph, party)).chain(with_file(graph, party));
            let spellings = spellings.map(|name| spelled(&name));
            let numbered = (2..).map(|number| spelled(&format!("{number}.{}", bare(graph, party))));
            // The numbers never end, so one is free.
            let free = spellings.chain(numbered).find(|name| !taken.contains(name));
            let name = free.unwrap_or_default();
            taken.insert(name.clone());
            names.of.insert(party, name);
        }
        names
    }

    /// The name of a party.
    pub fn name(&self, party: Party) -> &str {
        self.of.get(&party).map_or("unknown", String::as_str)
    }
}

fn bare(graph: &Graph, party: Party) -> String {
    let of = |id: ResourceId| graph.resource(id).map_or("unknown", |resource| &*resource.name).to_owned();
    match party {
        Party::Client => "client".to_owned(),
        Party::OnPremises => "on-premises".to_owned(),
        Party::Network => "network".to_owned(),
        Party::Outside(outsider) => outsider.name(),
        Party::Resource(id) => of(id),
        Party::Part(id, Part::InClear) => format!("{}.http", of(id)),
        Party::Part(id, Part::Untold) => format!("{}.unknown", of(id)),
        Party::Part(id, Part::Balancer) => format!("{}.balancer", of(id)),
    }
}

fn with_file(graph: &Graph, party: Party) -> Option<String> {
    let resource = party.resource().and_then(|id| graph.resource(id))?;
    let file = graph.files.path(resource.at.file).file_stem()?;
    Some(format!("{}.{}", file.to_string_lossy(), resource.name))
}

/// As a configuration spells names: letters, digits, dots, hyphens and underscores, at most 63.
fn spelled(name: &str) -> String {
    let allowed = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
    let name: String = name.chars().map(allowed).take(63).collect();
    name.trim_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloudformation;
    use crate::value::PartId;

    #[test]
    fn resources_of_one_name_in_two_templates_are_two_parties() {
        let template = "Resources:\n  Alb: {Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer'}\n";
        let mut files = crate::span::Files::default();
        let read = |file, part| {
            cloudformation::read(template, file, PartId(part), &Default::default()).unwrap().part
        };
        let parts = vec![read(files.add("shop.yaml"), 0), read(files.add("blog.yaml"), 1)];
        let graph = Graph::new(files, parts);
        let parties: Vec<Party> = graph.resources().map(|(id, _)| Party::Resource(id)).collect();
        let names = Names::of(&graph, parties.iter().copied());
        assert_eq!([names.name(parties[0]), names.name(parties[1])], ["Alb", "blog.Alb"]);
    }
}
