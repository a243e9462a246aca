//! API Gateway: from clients to the API, and from the API to what answers.

mod integration;

use super::connection::begins;
use super::hop::Hop;
use super::party::Party;
use super::way::{Floor, Verified, Way};
use crate::span::Span;
use crate::subject::{Seen, Subject, text_of};
use crate::value::{Node, Value};

/// The hops of a REST API.
pub fn rest(api: &Subject<'_>) -> Vec<Hop> {
    let mut hops = Vec::new();
    let (way, at) = met_by_rest(api);
    match is_private(api) {
        Some(true) => {}
        Some(false) => hops.push(Hop::entrance(api, way, at)),
        None => {
            let way = Way::unknown("EndpointConfiguration is not known, so it may take clients or none");
            hops.push(Hop::entrance(api, way, at));
        }
    }
    for method in api.pointed_at_by("AWS::ApiGateway::Method", path!("RestApiId")) {
        let found = method.value(path!("Integration")).known();
        hops.extend(found.into_iter().flat_map(|found| integration::hops(api, &method, found)));
    }
    hops.extend(by_document(api));
    hops
}

/// The hops of an HTTP or WebSocket API.
pub fn http(api: &Subject<'_>) -> Vec<Hop> {
    let mut hops = vec![Hop::entrance(api, met_by_http(), api.resource.at)];
    for found in api.pointed_at_by("AWS::ApiGatewayV2::Integration", path!("ApiId")) {
        hops.extend(integration::hops(api, &found, &found.resource.properties));
    }
    hops.extend(quick(api));
    hops.extend(by_document(api));
    hops
}

/// How clients are met by an HTTP or WebSocket API, which takes TLS 1.2 and more alone.
pub fn met_by_http() -> Way {
    let floor = Floor::of_policy(&["apigateway"], "TLS_1_2");
    Way::tls(floor, Verified::Theirs, "the API takes HTTPS alone")
}

/// REST APIs take TLS 1.0 unless they say otherwise; where only a domain of one's own is open, it decides.
pub fn met_by_rest(api: &Subject<'_>) -> (Way, Span) {
    let services = ["apigateway", "apigateway-edge"];
    let domain = domain(api);
    let closed = api.bool(path!("DisableExecuteApiEndpoint")).known() == Some(true);
    let (policy, what) = match &domain {
        Some(domain) if closed => (domain.text(path!("SecurityPolicy")), "the API's domain"),
        _ => (api.text(path!("SecurityPolicy")), "the API"),
    };
    let at = policy.at();
    let floor = match policy {
        Seen::Known(policy, _) => Floor::of_policy(&services, &policy),
        // The default is published for APIs that are public alone.
        Seen::Absent(_) if is_private(api) != Some(false) => Floor::default(),
        Seen::Absent(_) => Floor::of_policy(&services, "TLS_1_0"),
        Seen::Unknown(..) => Floor::default(),
    };
    let reason = format!("{what} takes HTTPS alone, by {}", floor.policy_name());
    (Way::tls(floor, Verified::Theirs, reason), at)
}

/// Whether it is reached from within networks alone; `None` where nobody can tell.
fn is_private(api: &Subject<'_>) -> Option<bool> {
    let kinds = api.all(path!("EndpointConfiguration.Types[]")).into_iter();
    let kinds = kinds.map(|kind| match kind.and_then(text_of) {
        Seen::Known(kind, _) => Some(&*kind == "PRIVATE"),
        Seen::Absent(_) => Some(false),
        Seen::Unknown(..) => None,
    });
    kinds.collect::<Option<Vec<bool>>>().map(|kinds| kinds.contains(&true))
}

fn domain<'g>(api: &Subject<'g>) -> Option<Subject<'g>> {
    let mapping =
        api.pointed_at_by("AWS::ApiGateway::BasePathMapping", path!("RestApiId")).into_iter().next()?;
    let name = mapping.value(path!("DomainName")).known()?;
    mapping.targets(name).into_iter().next()
}

/// An HTTP API with a target of its own needs no integration beside it.
fn quick(api: &Subject<'_>) -> Option<Hop> {
    let target = api.value(path!("Target")).known()?;
    let way = match begins(target) {
        Some(start) if start.starts_with("http://") => Way::clear("the API's Target is http"),
        Some(start) if start.starts_with("https://") => {
            Way::by_aws("the API's Target is https, and API Gateway verifies it")
        }
        _ => Way::by_aws("the API calls it by AWS's API"),
    };
    let to = api.targets(target).iter().find_map(super::behind::party);
    let to = to.map_or_else(|| Party::outside(api, target), |party| Party::Resource(party.id));
    Some(Hop::new(Party::Resource(api.id), to, way, target.at))
}

/// The hops of the integrations that the API's OpenAPI document describes.
fn by_document(api: &Subject<'_>) -> Vec<Hop> {
    let body = api.value(path!("Body")).known();
    let described = body.map(|body| described(api, body)).unwrap_or_default();
    described.into_iter().flat_map(|found| integration::hops(api, api, found)).collect()
}

fn described<'g>(api: &Subject<'g>, value: &'g Value) -> Vec<&'g Value> {
    let value = api.resolve(value);
    match &value.node {
        Node::Map(map) => {
            let found = map.entries.iter().flat_map(|(key, value)| {
                if &*key.text == "x-amazon-apigateway-integration" {
                    vec![api.resolve(value)]
                } else {
                    described(api, value)
                }
            });
            found.collect()
        }
        Node::List(list) => list.iter().flat_map(|value| described(api, value)).collect(),
        _ => Vec::new(),
    }
}
