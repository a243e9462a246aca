//! How whoever connects is met at what takes data in, whoever it is.

use super::hop::Hop;
use super::party::Party;
use super::way::Way;
use super::{api, appsync, balancer, beanstalk, behind, edge, lattice, relay};
use crate::span::Span;
use crate::subject::Subject;

/// How whoever connects to this resource is met, at the worst; none where it is no entrance, or the code has nothing
/// that takes data in there.
pub fn met(front: &Subject<'_>) -> Option<(Way, Span)> {
    let at = front.resource.at;
    match &*front.resource.kind {
        "AWS::ElasticLoadBalancingV2::LoadBalancer" => balancer::met(front),
        "AWS::ElasticLoadBalancing::LoadBalancer" => balancer::classic::met(front),
        "AWS::CloudFront::Distribution" => Some(edge::viewers(front)),
        "AWS::ApiGateway::RestApi" => Some(api::met_by_rest(front)),
        "AWS::ApiGatewayV2::Api" => Some((api::met_by_http(), at)),
        "AWS::AppSync::GraphQLApi" => Some((appsync::met(), at)),
        beanstalk::ENVIRONMENT => beanstalk::met(front),
        "AWS::AppRunner::Service" => Some((app_runner(), at)),
        "AWS::Lambda::Url" => Some((of_function_url(), at)),
        "AWS::VpcLattice::Service" => lattice::met(front),
        "AWS::EC2::VPCEndpoint" | "AWS::EC2::VPCEndpointService" | "AWS::GlobalAccelerator::Accelerator" => {
            relay::met(front)
        }
        _ => None,
    }
}

/// The hop from clients to a function's own URL.
pub fn function_url(url: &Subject<'_>) -> Vec<Hop> {
    let targets = url.value(path!("TargetFunctionArn")).known().map(|value| url.targets(value));
    let hop = |function: Subject<'_>| {
        let to = Party::Resource(behind::behind(&function));
        Hop::new(Party::Client, to, of_function_url(), url.resource.at)
    };
    targets.unwrap_or_default().into_iter().map(hop).collect()
}

fn of_function_url() -> Way {
    Way::by_aws("a function URL takes HTTPS alone").theirs()
}

/// How clients are met by a service of App Runner (App Runner developer guide, custom domain names and VPC).
pub fn app_runner() -> Way {
    Way::by_aws("App Runner takes HTTPS alone").theirs()
}
