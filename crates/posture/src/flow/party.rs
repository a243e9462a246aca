//! Who stands in a data path: resources that take, pass on or keep data, and those outside.

use crate::graph::{Graph, ResourceId};

/// Who stands at one end of a hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// Anybody on the internet.
    Client,
    /// A network of the organisation's own, outside AWS.
    OnPremises,
    /// Somebody outside that the code names by an address.
    Outside,
    /// A resource.
    Resource(ResourceId),
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
        | "AWS::VpcLattice::Service"
        | "AWS::Transfer::Server" => Role::Front,
        "AWS::Lambda::Function"
        | "AWS::ECS::Service"
        | "AWS::EC2::Instance"
        | "AWS::AutoScaling::AutoScalingGroup"
        | "AWS::AppRunner::Service"
        | "AWS::StepFunctions::StateMachine" => Role::Compute,
        kind if super::store::is_store(kind) => Role::Store,
        _ => return None,
    };
    Some(role)
}

impl Party {
    /// The name in a picture and in a configuration: letters, digits, dots, hyphens and underscores, at most 63.
    pub fn name(self, graph: &Graph) -> String {
        let name = match self {
            Self::Client => "client",
            Self::OnPremises => "on-premises",
            Self::Outside => "outside",
            Self::Resource(id) => graph.resource(id).map_or("unknown", |resource| &resource.name),
        };
        let spelled = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
        let name: String = name.chars().map(spelled).take(63).collect();
        name.trim_matches('-').to_owned()
    }

    /// The resource, where it is one.
    pub fn resource(self) -> Option<ResourceId> {
        match self {
            Self::Resource(id) => Some(id),
            Self::Client | Self::OnPremises | Self::Outside => None,
        }
    }
}
