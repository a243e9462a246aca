//! The paths of APIs that functions ask for by their events.

use std::sync::Arc;

use super::written::{key, map, reference, referred};
use crate::span::Span;
use crate::value::{Key, Map, Node, Value};

/// The APIs that the transform makes where an event names none.
const IMPLICIT: [(&str, &str, &str); 2] = [
    ("Api", "ServerlessRestApi", "AWS::Serverless::Api"),
    ("HttpApi", "ServerlessHttpApi", "AWS::Serverless::HttpApi"),
];

/// All paths that events ask for.
pub(super) struct Routes {
    routes: Vec<Route>,
}

struct Route {
    api: Arc<str>,
    path: Arc<str>,
    method: Arc<str>,
    function: Arc<str>,
    at: Span,
}

impl Routes {
    pub(super) fn of(resources: &Map) -> Self {
        let mut routes = Vec::new();
        for (name, declared) in &resources.entries {
            let events = declared.entry("Properties").and_then(|properties| properties.entry("Events"));
            let Some(Node::Map(events)) = events.map(|events| &events.node) else { continue };
            routes.extend(events.entries.iter().filter_map(|(_, event)| route(&name.text, event)));
        }
        Self { routes }
    }

    /// The description of an API, OpenAPI's, that has the paths that events ask it for.
    pub(super) fn body(&self, api: &str, at: Span) -> Value {
        let mut paths: Vec<(Key, Vec<(Key, Value)>)> = Vec::new();
        for route in self.routes.iter().filter(|route| &*route.api == api) {
            let method = match route.method.to_ascii_lowercase().as_str() {
                "any" | "*" | "" => "x-amazon-apigateway-any-method".to_owned(),
                method => method.to_owned(),
            };
            let operation = (
                key(&method, route.at),
                map(route.at, [("x-amazon-apigateway-integration", integration(route))]),
            );
            match paths.iter_mut().find(|(path, _)| path.text == route.path) {
                Some((_, operations)) => operations.push(operation),
                None => paths.push((Key { text: Arc::clone(&route.path), at: route.at }, vec![operation])),
            }
        }
        let path = |(path, entries)| (path, Value::new(Node::Map(Arc::new(Map { entries })), at));
        let entries = paths.into_iter().map(path).collect();
        map(
            at,
            [
                ("openapi", Value::text("3.0.1", at)),
                ("paths", Value::new(Node::Map(Arc::new(Map { entries })), at)),
            ],
        )
    }

    /// The APIs that no resource declares, and that events are for.
    pub(super) fn implicit(&self, resources: &Map, globals: Option<&Value>) -> Vec<(Key, Value)> {
        let wanted = IMPLICIT.iter().filter(|(_, name, _)| resources.entry(name).is_none());
        let made = wanted.filter_map(|(kind, name, of)| {
            let at = self.routes.iter().find(|route| &*route.api == *name)?.at;
            let declared = map(at, [("Type", Value::text(*of, at)), ("Properties", map(at, []))]);
            let stage = (*kind == "Api").then(|| (key("StageName", at), Value::text("Prod", at)));
            let declared = super::globals::merged(&declared, globals);
            let properties = declared.entry("Properties").cloned().unwrap_or(map(at, []));
            let properties = super::written::with(properties, stage);
            Some((key(name, at), map(at, [("Type", Value::text(*of, at)), ("Properties", properties)])))
        });
        made.collect()
    }
}

/// The API that an event is for, where it is one of this template.
pub(super) fn api_of(kind: &str, properties: Option<&Value>) -> Option<Arc<str>> {
    let (_, implicit, _) = IMPLICIT.iter().find(|(known, ..)| *known == kind)?;
    let named = properties.and_then(|properties| properties.entry("RestApiId").or(properties.entry("ApiId")));
    match named {
        Some(named) => referred(named).cloned(),
        None => Some((*implicit).into()),
    }
}

fn route(function: &Arc<str>, event: &Value) -> Option<Route> {
    let text = |value: Option<&Value>, otherwise: &str| match value.map(|value| &value.node) {
        Some(Node::Text(text)) => Arc::clone(text),
        _ => otherwise.into(),
    };
    let kind = text(event.entry("Type"), "");
    let properties = event.entry("Properties");
    let property = |name: &str| properties.and_then(|properties| properties.entry(name));
    Some(Route {
        api: api_of(&kind, properties)?,
        path: text(property("Path"), "$default"),
        method: text(property("Method"), "any"),
        function: Arc::clone(function),
        at: event.at,
    })
}

fn integration(route: &Route) -> Value {
    let at = route.at;
    let uri = format!(
        "arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/functions/${{{}.Arn}}/invocations",
        route.function
    );
    map(
        at,
        [
            ("httpMethod", Value::text("POST", at)),
            ("type", Value::text("aws_proxy", at)),
            ("uri", map(at, [("Fn::Sub", Value::text(uri, at))])),
        ],
    )
}

/// Who may be called by an API, as a permission says it.
pub(super) fn permission(function: &Value, api: &str, at: Span) -> Value {
    let arn = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${__ApiId__}/*";
    let names = map(at, [("__ApiId__", reference(api, None, at))]);
    let source = map(at, [("Fn::Sub", super::written::list(at, vec![Value::text(arn, at), names]))]);
    map(
        at,
        [
            ("Action", Value::text("lambda:InvokeFunction", at)),
            ("FunctionName", function.clone()),
            ("Principal", Value::text("apigateway.amazonaws.com", at)),
            ("SourceArn", source),
        ],
    )
}
