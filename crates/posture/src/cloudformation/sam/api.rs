//! `AWS::Serverless::Api`, `HttpApi` and `WebSocketApi`: the API, its stage, and its domain.

use std::sync::Arc;

use super::domain;
use super::routes::Routes;
use super::written::{Source, key, list, map, picked, reference, renamed, with};
use crate::value::{Key, Node, Value};

/// A REST API.
pub(super) fn rest(source: &Source<'_>, routes: &Routes) -> Vec<(Key, Value)> {
    let at = source.at();
    let properties = source.declared.entry("Properties");
    let kept = picked(
        properties,
        &[
            "Name",
            "Description",
            "BinaryMediaTypes",
            "MinimumCompressionSize",
            "ApiKeySourceType",
            "DisableExecuteApiEndpoint",
            "FailOnWarnings",
            "Mode",
            "SecurityPolicy",
            "EndpointAccessMode",
            "Policy",
        ],
    );
    let endpoint = source
        .property("EndpointConfiguration")
        .map(|value| (key("EndpointConfiguration", at), endpoint(value)));
    let policy = resource_policy(source).map(|policy| (key("Policy", policy.at), policy));
    let api =
        with(map(at, []), kept.into_iter().chain(described(source, routes)).chain(endpoint).chain(policy));
    let stage = picked(
        properties,
        &[
            "StageName",
            "AccessLogSetting",
            "CacheClusterEnabled",
            "CacheClusterSize",
            "CanarySetting",
            "ClientCertificateId",
            "MethodSettings",
            "TracingEnabled",
            "Variables",
        ],
    );
    let stage = with(map(at, [("RestApiId", source.reference(None))]), stage);
    let mut made = vec![
        source.resource("AWS::ApiGateway::RestApi", api),
        source.made(&stage_suffix(source), "AWS::ApiGateway::Stage", stage),
    ];
    made.extend(domain::rest(source, &stage_suffix(source)));
    made
}

/// An HTTP API.
pub(super) fn http(source: &Source<'_>, routes: &Routes) -> Vec<(Key, Value)> {
    let described = described(source, routes).into_iter();
    version_two(source, "HTTP", described.collect())
}

/// A WebSocket API, with what its routes lead to.
pub(super) fn web_socket(source: &Source<'_>) -> Vec<(Key, Value)> {
    let mut made = version_two(source, "WEBSOCKET", Vec::new());
    let Some(Node::Map(routes)) = source.property("Routes").map(|routes| &routes.node) else { return made };
    for (name, route) in &routes.entries {
        let Some(function) = route.entry("FunctionArn").or(route.entry("IntegrationUri")) else { continue };
        let letters: String = name.text.chars().filter(char::is_ascii_alphanumeric).collect();
        let integration = map(
            route.at,
            [
                ("ApiId", source.reference(None)),
                ("IntegrationType", Value::text("AWS_PROXY", route.at)),
                ("IntegrationUri", function.clone()),
            ],
        );
        made.push(source.made(
            &format!("{letters}Integration"),
            "AWS::ApiGatewayV2::Integration",
            integration,
        ));
        made.push(source.made(
            &format!("{letters}Route"),
            "AWS::ApiGatewayV2::Route",
            own_route(source, name, &letters),
        ));
    }
    made
}

fn own_route(source: &Source<'_>, name: &Key, letters: &str) -> Value {
    let at = name.at;
    let integration = reference(&format!("{}{letters}Integration", source.name.text), None, at);
    let target = list(at, vec![Value::text("integrations", at), integration]);
    map(
        at,
        [
            ("ApiId", source.reference(None)),
            ("RouteKey", Value::text(Arc::clone(&name.text), at)),
            ("Target", map(at, [("Fn::Join", list(at, vec![Value::text("/", at), target]))])),
        ],
    )
}

/// A GraphQL API, with its domain.
pub(super) fn graphql(source: &Source<'_>) -> Vec<(Key, Value)> {
    let kind = source.property("Auth").and_then(|auth| auth.entry("Type")).cloned();
    let kind = kind.map(|kind| (key("AuthenticationType", kind.at), kind));
    let own = [("Auth", ""), ("DomainName", ""), ("DataSources", ""), ("Functions", ""), ("Resolvers", "")];
    let mut made = vec![source.resource("AWS::AppSync::GraphQLApi", with(renamed(source, &own), kind))];
    if let Some(domain) = source.property("DomainName") {
        made.push(source.made("DomainName", "AWS::AppSync::DomainName", domain.clone()));
        let at = domain.at;
        let association = map(
            at,
            [
                ("ApiId", source.reference(Some("ApiId"))),
                ("DomainName", reference(&format!("{}DomainName", source.name.text), None, at)),
            ],
        );
        made.push(source.made(
            "DomainNameApiAssociation",
            "AWS::AppSync::DomainNameApiAssociation",
            association,
        ));
    }
    made
}

fn version_two(source: &Source<'_>, protocol: &str, more: Vec<(Key, Value)>) -> Vec<(Key, Value)> {
    let at = source.at();
    let properties = source.declared.entry("Properties");
    let kept = picked(
        properties,
        &[
            "Name",
            "Description",
            "DisableExecuteApiEndpoint",
            "FailOnWarnings",
            "RouteSelectionExpression",
            "IpAddressType",
        ],
    );
    let api = with(map(at, [("ProtocolType", Value::text(protocol, at))]), kept.into_iter().chain(more));
    let stage = picked(
        properties,
        &["StageName", "AccessLogSettings", "DefaultRouteSettings", "RouteSettings", "StageVariables"],
    );
    let stage = with(map(at, [("ApiId", source.reference(None))]), stage);
    let default = (key("StageName", at), Value::text("$default", at));
    let suffix = match source.property("StageName") {
        Some(_) => stage_suffix(source),
        None => "ApiGatewayDefaultStage".to_owned(),
    };
    let mut made = vec![
        source.resource("AWS::ApiGatewayV2::Api", api),
        source.made(&suffix, "AWS::ApiGatewayV2::Stage", with(stage, [default])),
    ];
    made.extend(domain::version_two(source, &suffix));
    made
}

/// What the API is: its own description, or the paths that events ask it for.
fn described(source: &Source<'_>, routes: &Routes) -> Option<(Key, Value)> {
    if let Some(body) = source.property("DefinitionBody") {
        return Some((key("Body", body.at), body.clone()));
    }
    if let Some(place) = source.property("DefinitionUri") {
        return Some((key("BodyS3Location", place.at), place.clone()));
    }
    Some((key("Body", source.at()), routes.body(&source.name.text, source.at())))
}

/// A type alone, or a map with one.
fn endpoint(told: &Value) -> Value {
    match told.entry("Type") {
        Some(kind) => {
            let more = [("VPCEndpointIds", "VpcEndpointIds"), ("IpAddressType", "IpAddressType")];
            let more =
                more.iter().filter_map(|(from, to)| Some((key(to, told.at), told.entry(from)?.clone())));
            with(map(told.at, [("Types", list(kind.at, vec![kind.clone()]))]), more)
        }
        None => match &told.node {
            Node::Map(known)
                if !known
                    .entries
                    .iter()
                    .any(|(key, _)| &*key.text == "Ref" || key.text.starts_with("Fn::")) =>
            {
                told.clone()
            }
            _ => map(told.at, [("Types", list(told.at, vec![told.clone()]))]),
        },
    }
}

fn resource_policy(source: &Source<'_>) -> Option<Value> {
    let statements = source.property("Auth")?.entry("ResourcePolicy")?.entry("CustomStatements")?;
    let at = statements.at;
    let statements = match &statements.node {
        Node::List(_) => statements.clone(),
        _ => list(at, vec![statements.clone()]),
    };
    Some(map(at, [("Version", Value::text("2012-10-17", at)), ("Statement", statements)]))
}

/// The transform puts the name of the stage into that of the resource, where it is plain text.
fn stage_suffix(source: &Source<'_>) -> String {
    match source.property("StageName").map(|name| &name.node) {
        Some(Node::Text(name)) => {
            let letters: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
            format!("{letters}Stage")
        }
        _ => "Stage".to_owned(),
    }
}
