//! SAM: the resources of `AWS::Serverless::…` written as the CloudFormation resources that the transform makes of
//! them, as far as they matter to how data travels.

mod api;
mod domain;
mod events;
mod function;
mod globals;
mod notifications;
mod routes;
mod written;

use std::collections::HashMap;
use std::sync::Arc;

use crate::value::{Key, Map, Node, Value};
use routes::Routes;
use written::{Source, renamed};

/// Whether a template asks for the transform.
pub(super) fn is_sam(document: &Value) -> bool {
    let named =
        |value: &Value| matches!(&value.node, Node::Text(text) if text.starts_with("AWS::Serverless-"));
    match document.entry("Transform") {
        Some(Value { node: Node::List(names), .. }) => names.iter().any(named),
        Some(name) => named(name),
        None => false,
    }
}

/// The resources after the transform.
pub(super) struct Expanded {
    pub(super) resources: Map,
    /// From which resource each was made that the template does not name.
    pub(super) made_from: HashMap<Arc<str>, Arc<str>>,
}

/// Writes the resources of SAM as those of CloudFormation.
pub(super) fn expanded(resources: &Map, globals: Option<&Value>) -> Expanded {
    let merged = |(name, declared): &(Key, Value)| (name.clone(), globals::merged(declared, globals));
    let resources = Map { entries: resources.entries.iter().map(merged).collect() };
    let routes = Routes::of(&resources);
    let mut expanded = Expanded { resources: Map::default(), made_from: HashMap::new() };
    for (name, declared) in &resources.entries {
        let made = made_of(&Source { name, declared }, &routes);
        for (key, _) in made.iter().filter(|(key, _)| key.text != name.text) {
            expanded.made_from.insert(Arc::clone(&key.text), Arc::clone(&name.text));
        }
        expanded.resources.entries.extend(made);
    }
    for (name, declared) in routes.implicit(&resources, globals) {
        expanded.resources.entries.extend(made_of(&Source { name: &name, declared: &declared }, &routes));
    }
    notifications::written(&resources, &mut expanded.resources);
    expanded
}

fn made_of(source: &Source<'_>, routes: &Routes) -> Vec<(Key, Value)> {
    let as_it_is = || vec![(source.name.clone(), source.declared.clone())];
    let Some(kind) = source.kind().and_then(|kind| kind.strip_prefix("AWS::Serverless::")) else {
        return as_it_is();
    };
    match kind {
        "Function" => function::made_of(source),
        "Api" => api::rest(source, routes),
        "HttpApi" => api::http(source, routes),
        "WebSocketApi" => api::web_socket(source),
        "SimpleTable" => {
            vec![source.resource("AWS::DynamoDB::Table", renamed(source, &[("TableName", "TableName")]))]
        }
        "LayerVersion" => {
            vec![source.resource("AWS::Lambda::LayerVersion", renamed(source, &[("ContentUri", "Content")]))]
        }
        "StateMachine" => state_machine(source),
        "Application" => vec![
            source.resource("AWS::CloudFormation::Stack", renamed(source, &[("Location", "TemplateURL")])),
        ],
        "GraphQLApi" => api::graphql(source),
        "CapacityProvider" => vec![source.resource("AWS::Lambda::CapacityProvider", renamed(source, &[]))],
        // A connector grants what it connects, and says nothing of how data travels.
        _ => as_it_is(),
    }
}

fn state_machine(source: &Source<'_>) -> Vec<(Key, Value)> {
    let names = [
        ("DefinitionUri", "DefinitionS3Location"),
        ("Role", "RoleArn"),
        ("Type", "StateMachineType"),
        ("Name", "StateMachineName"),
        ("Logging", "LoggingConfiguration"),
        ("Tracing", "TracingConfiguration"),
        ("Events", ""),
        ("Policies", ""),
    ];
    let mut made = vec![source.resource("AWS::StepFunctions::StateMachine", renamed(source, &names))];
    made.extend(events::made_of(source, &source.reference(None)));
    made
}
