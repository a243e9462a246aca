//! API Gateway and function URLs: from clients to the API, and from the API to what answers.

use std::sync::Arc;

use hermetic_tls::ProtocolVersion;

use super::hop::{Floor, Hop, Transport, Verified};
use super::party::{Party, Role, role};
use crate::graph::ResourceId;
use crate::path::Path;
use crate::span::Span;
use crate::subject::{Seen, Subject, text_of};
use crate::value::{Node, Value};

/// The hops of a REST API.
pub fn rest(api: &Subject<'_>) -> Vec<Hop> {
    let mut hops = vec![front(api)];
    for method in api.pointed_at_by("AWS::ApiGateway::Method", &Path::of("RestApiId")) {
        let integration = method.value(&Path::of("Integration")).known();
        hops.extend(integration.and_then(|integration| integrated(api, &method, integration)));
    }
    let body = api.value(&Path::of("Body")).known();
    for integration in body.into_iter().flat_map(described) {
        hops.extend(integrated(api, api, integration));
    }
    hops
}

/// The hops of an HTTP or WebSocket API, which takes TLS 1.2 and more alone.
pub fn http(api: &Subject<'_>) -> Vec<Hop> {
    let floor = Floor::of_policy(&["apigateway"], "TLS_1_2");
    let mut hops = vec![entry(api, floor, "the API takes HTTPS alone".to_owned(), api.resource.at)];
    for integration in api.pointed_at_by("AWS::ApiGatewayV2::Integration", &Path::of("ApiId")) {
        hops.extend(integrated(api, &integration, &integration.resource.properties));
    }
    let body = api.value(&Path::of("Body")).known();
    for integration in body.into_iter().flat_map(described) {
        hops.extend(integrated(api, api, integration));
    }
    hops
}

/// The hop from clients to a function's own URL.
pub fn function_url(url: &Subject<'_>) -> Vec<Hop> {
    let targets = url.value(&Path::of("TargetFunctionArn")).known().map(|value| url.targets(value));
    let floor = Floor::at_least(ProtocolVersion::TLS1_2);
    let hop = |function: Subject<'_>| Hop {
        to: Party::Resource(function.id),
        ..entry(url, floor.clone(), "a function URL takes HTTPS alone".to_owned(), url.resource.at)
    };
    targets.unwrap_or_default().into_iter().map(hop).collect()
}

/// The party that a resource stands for: aliases and versions are their function, listeners their balancer.
pub fn behind(subject: &Subject<'_>) -> ResourceId {
    let path = match &*subject.resource.kind {
        "AWS::Lambda::Alias" | "AWS::Lambda::Version" => Path::of("FunctionName"),
        "AWS::Lambda::Url" => Path::of("TargetFunctionArn"),
        "AWS::ElasticLoadBalancingV2::Listener" => Path::of("LoadBalancerArn"),
        "AWS::RDS::DBInstance" => Path::of("DBClusterIdentifier"),
        "AWS::RDS::DBProxyTargetGroup" => Path::of("DBProxyName"),
        "AWS::ApiGateway::Stage" => Path::of("RestApiId"),
        "AWS::ApiGatewayV2::Stage" => Path::of("ApiId"),
        _ => return subject.id,
    };
    let further = subject.value(&path).known().and_then(|value| subject.targets(value).into_iter().next());
    further.map_or(subject.id, |further| further.id)
}

/// REST APIs take TLS 1.0 unless they say otherwise; where only a domain of one's own is open, it decides.
fn front(api: &Subject<'_>) -> Hop {
    let services = ["apigateway", "apigateway-edge"];
    let domain = domain(api);
    let closed = api.bool(&Path::of("DisableExecuteApiEndpoint")).known() == Some(true);
    let (subject, what) = match &domain {
        Some(domain) if closed => (domain, "the API's domain"),
        _ => (api, "the API"),
    };
    let policy = subject.text(&Path::of("SecurityPolicy"));
    let at = policy.at();
    let floor = match policy {
        Seen::Known(policy, _) => Floor::of_policy(&services, &policy),
        Seen::Absent(_) => Floor::of_policy(&services, "TLS_1_0"),
        Seen::Unknown(..) => Floor::default(),
    };
    let policy = floor.policy.clone().unwrap_or_else(|| Arc::from("a policy that is not known"));
    entry(api, floor, format!("{what} takes HTTPS alone, by {policy}"), at)
}

fn domain<'g>(api: &Subject<'g>) -> Option<Subject<'g>> {
    let mapping =
        api.pointed_at_by("AWS::ApiGateway::BasePathMapping", &Path::of("RestApiId")).into_iter().next()?;
    let name = mapping.value(&Path::of("DomainName")).known()?;
    mapping.targets(name).into_iter().next()
}

fn entry(api: &Subject<'_>, floor: Floor, reason: String, at: Span) -> Hop {
    let (from, to) = (Party::Client, Party::Resource(api.id));
    Hop { from, to, transport: Transport::Tls(floor), verified: Verified::Theirs, reason, at, when: None }
}

/// The hop of one integration. Templates and OpenAPI documents spell its parts with other capitals.
fn integrated(api: &Subject<'_>, subject: &Subject<'_>, integration: &Value) -> Option<Hop> {
    let part = |names: [&str; 3]| {
        let found = names.into_iter().find_map(|name| integration.entry(name));
        found.map(|value| subject.resolve(value))
    };
    let kind = part(["Type", "IntegrationType", "type"]).and_then(|kind| text_of(kind).ok());
    let uri = part(["Uri", "IntegrationUri", "uri"])?;
    let target = subject.targets(uri).into_iter().find(|target| is_party(target));
    let tls = part(["TlsConfig", "TlsConfig", "tlsConfig"]);
    let start = begins(uri);
    let mut verified = Verified::Yes;
    let (transport, reason) =
        if kind.as_deref().is_some_and(|kind| kind.to_ascii_uppercase().starts_with("AWS")) {
            (tls_1_2(), "the API calls it by AWS's API".to_owned())
        } else if let Some(listener) = target.filter(|target| target.resource.kind.ends_with("::Listener")) {
            private(&listener, tls.is_some())
        } else if start.as_deref().is_some_and(|start| start.starts_with("https://")) {
            let skipped = tls.and_then(|tls| {
                tls.entry("InsecureSkipVerification").or_else(|| tls.entry("insecureSkipVerification"))
            });
            let skipped = skipped.map(|value| subject.resolve(value));
            if skipped.is_some_and(|value| crate::subject::bool_of(value) == Ok(true)) {
                verified = Verified::No;
                (tls_1_2(), "the integration is told to skip verification".to_owned())
            } else {
                (tls_1_2(), "the integration's URL is https, and API Gateway verifies it".to_owned())
            }
        } else if start.as_deref().is_some_and(|start| start.starts_with("http://")) {
            (Transport::Cleartext, "the integration's URL is http".to_owned())
        } else {
            (Transport::Unknown, "the integration's URL is not known".to_owned())
        };
    let to = target.map_or(Party::Outside, |target| Party::Resource(behind(&target)));
    Some(Hop { from: Party::Resource(api.id), to, transport, verified, reason, at: uri.at, when: None })
}

/// Over a VPC link API Gateway speaks HTTP unless it is told the server's name.
fn private(listener: &Subject<'_>, named: bool) -> (Transport, String) {
    let name = &listener.resource.name;
    match listener.text(&Path::of("Protocol")).known().as_deref() {
        Some("HTTPS" | "TLS") if named => {
            (tls_1_2(), format!("it speaks TLS to listener {name}, and verifies its name"))
        }
        Some(_) => (Transport::Cleartext, format!("without TlsConfig it speaks HTTP to listener {name}")),
        None => (Transport::Unknown, format!("what listener {name} speaks is not known")),
    }
}

fn is_party(subject: &Subject<'_>) -> bool {
    let stands_for = subject.of(behind(subject));
    stands_for.is_some_and(|party| role(&party.resource.kind).is_some())
        && role(&subject.resource.kind) != Some(Role::Store)
}

fn tls_1_2() -> Transport {
    Transport::Tls(Floor::at_least(ProtocolVersion::TLS1_2))
}

fn begins(value: &Value) -> Option<Arc<str>> {
    match &value.node {
        Node::Pieces(pieces) => pieces.first().and_then(|first| text_of(first).ok()),
        _ => text_of(value).ok(),
    }
}

/// The integrations that an OpenAPI document describes.
fn described(value: &Value) -> Vec<&Value> {
    match &value.node {
        Node::Map(map) => {
            let found = map.entries.iter().flat_map(|(key, value)| {
                if &*key.text == "x-amazon-apigateway-integration" { vec![value] } else { described(value) }
            });
            found.collect()
        }
        Node::List(list) => list.iter().flat_map(described).collect(),
        _ => Vec::new(),
    }
}
