//! `AWS::Serverless::Function`: the function, its role, its URL and what calls it.

use std::sync::Arc;

use super::events;
use super::written::{Source, key, list, map, renamed, with};
use crate::value::{Key, Map, Node, Value};

/// What SAM's function has of its own.
const OWN: &[(&str, &str)] = &[
    ("CodeUri", ""),
    ("InlineCode", ""),
    ("Policies", ""),
    ("Events", ""),
    ("Tracing", ""),
    ("DeadLetterQueue", ""),
    ("FunctionUrlConfig", ""),
    ("EventInvokeConfig", ""),
    ("AutoPublishAlias", ""),
    ("AutoPublishAliasAllProperties", ""),
    ("AutoPublishCodeSha256", ""),
    ("VersionDescription", ""),
    ("ProvisionedConcurrencyConfig", ""),
    ("DeploymentPreference", ""),
    ("AssumeRolePolicyDocument", ""),
    ("RolePath", ""),
    ("PermissionsBoundary", ""),
];

/// What a policy template of SAM is about, by how its name begins.
const TEMPLATES: &[(&str, &str)] = &[
    ("DynamoDB", "dynamodb"),
    ("SQS", "sqs"),
    ("S3", "s3"),
    ("SNS", "sns"),
    ("Kinesis", "kinesis"),
    ("Firehose", "firehose"),
    ("Lambda", "lambda"),
    ("StepFunctions", "states"),
    ("AWSSecretsManager", "secretsmanager"),
    ("KMS", "kms"),
    ("SSM", "ssm"),
    ("EventBridge", "events"),
    ("Elasticsearch", "es"),
    ("EFS", "elasticfilesystem"),
    ("SES", "ses"),
    ("CodeCommit", "codecommit"),
    ("Athena", "athena"),
];

/// The function and what is made beside it.
pub(super) fn made_of(source: &Source<'_>) -> Vec<(Key, Value)> {
    let at = source.at();
    let mut more = Vec::new();
    let mut add = |name: &str, value: Value| more.push((key(name, at), value));
    if let Some(code) = source.property("InlineCode") {
        add("Code", map(code.at, [("ZipFile", code.clone())]));
    }
    if let Some(queue) = source.property("DeadLetterQueue").and_then(|queue| queue.entry("TargetArn")) {
        add("DeadLetterConfig", map(queue.at, [("TargetArn", queue.clone())]));
    }
    if let Some(mode) = source.property("Tracing") {
        add("TracingConfig", map(mode.at, [("Mode", mode.clone())]));
    }
    let own_role = source.property("Role").is_none();
    if own_role {
        let role = format!("{}Role", source.name.text);
        add("Role", super::written::reference(&role, Some("Arn"), at));
    }
    let properties = with(renamed(source, OWN), more);
    let mut made = vec![source.resource("AWS::Lambda::Function", properties)];
    if own_role {
        made.push(source.made("Role", "AWS::IAM::Role", role(source)));
    }
    made.extend(url(source));
    made.extend(alias(source));
    made.extend(destinations(source));
    made.extend(events::made_of(source, &source.reference(Some("Arn"))));
    made
}

fn url(source: &Source<'_>) -> Option<(Key, Value)> {
    let config = source.property("FunctionUrlConfig")?;
    let target = (key("TargetFunctionArn", config.at), source.reference(None));
    Some(source.made("Url", "AWS::Lambda::Url", with(config.clone(), [target])))
}

fn alias(source: &Source<'_>) -> Option<(Key, Value)> {
    let name = source.property("AutoPublishAlias")?;
    let Node::Text(text) = &name.node else { return None };
    let properties = map(name.at, [("FunctionName", source.reference(None)), ("Name", name.clone())]);
    Some(source.made(&format!("Alias{text}"), "AWS::Lambda::Alias", properties))
}

/// Where results of asynchronous calls go, and the queues and topics for them where none is named.
fn destinations(source: &Source<'_>) -> Vec<(Key, Value)> {
    let config = source.property("EventInvokeConfig").and_then(|config| config.entry("DestinationConfig"));
    let Some(Node::Map(outcomes)) = config.map(|config| &config.node) else { return Vec::new() };
    let mut made = Vec::new();
    let outcome = |(outcome, told): &(Key, Value)| {
        let kind = match told.entry("Type").map(|kind| &kind.node) {
            Some(Node::Text(kind)) if told.entry("Destination").is_none() => kind,
            _ => return (outcome.clone(), told.clone()),
        };
        let (suffix, kind, attribute) = match &**kind {
            "SNS" => (format!("{}Topic", outcome.text), "AWS::SNS::Topic", None),
            _ => (format!("{}Queue", outcome.text), "AWS::SQS::Queue", Some("Arn")),
        };
        let (name, resource) = source.made(&suffix, kind, map(told.at, []));
        let destination = super::written::reference(&name.text, attribute, told.at);
        made.push((name, resource));
        (outcome.clone(), map(told.at, [("Destination", destination)]))
    };
    let entries = outcomes.entries.iter().map(outcome).collect();
    let at = source.at();
    let config = Value::new(Node::Map(Arc::new(Map { entries })), at);
    let properties = map(at, [("FunctionName", source.reference(None)), ("DestinationConfig", config)]);
    made.push(source.made("EventInvokeConfig", "AWS::Lambda::EventInvokeConfig", properties));
    made
}

fn role(source: &Source<'_>) -> Value {
    let at = source.at();
    let told = match source.property("Policies") {
        Some(Value { node: Node::List(policies), .. }) => policies.to_vec(),
        Some(policy) => vec![policy.clone()],
        None => Vec::new(),
    };
    let (documents, managed): (Vec<Value>, Vec<Value>) = told.into_iter().partition(is_document);
    let inline = documents.iter().enumerate().map(|(index, document)| {
        let name = format!("{}RolePolicy{index}", source.name.text);
        map(at, [("PolicyName", Value::text(name, at)), ("PolicyDocument", document_of(document))])
    });
    let service = map(at, [("Service", list(at, vec![Value::text("lambda.amazonaws.com", at)]))]);
    let trust = map(
        at,
        [
            ("Effect", Value::text("Allow", at)),
            ("Principal", service),
            ("Action", list(at, vec![Value::text("sts:AssumeRole", at)])),
        ],
    );
    let trust = map(at, [("Version", Value::text("2012-10-17", at)), ("Statement", list(at, vec![trust]))]);
    map(
        at,
        [
            (
                "AssumeRolePolicyDocument",
                source.property("AssumeRolePolicyDocument").cloned().unwrap_or(trust),
            ),
            ("ManagedPolicyArns", list(at, managed)),
            ("Policies", list(at, inline.collect())),
        ],
    )
}

/// A policy document, or a template of one; a managed policy is a name, or a function that gives one.
fn is_document(policy: &Value) -> bool {
    match &policy.node {
        Node::Map(map) => {
            !map.entries.iter().any(|(key, _)| &*key.text == "Ref" || key.text.starts_with("Fn::"))
        }
        _ => false,
    }
}

/// Which actions a template of SAM allows does not matter here: whom the function speaks to does.
fn document_of(policy: &Value) -> Value {
    let Node::Map(told) = &policy.node else { return policy.clone() };
    let [(name, names)] = told.entries.as_slice() else { return policy.clone() };
    let Some((_, service)) = TEMPLATES.iter().find(|(start, _)| name.text.starts_with(start)) else {
        return policy.clone();
    };
    let resources = match &names.node {
        Node::Map(names) => names.entries.iter().map(|(_, value)| value.clone()).collect(),
        _ => Vec::new(),
    };
    let at = policy.at;
    let statement = map(
        at,
        [
            ("Effect", Value::text("Allow", at)),
            ("Action", Value::text(format!("{service}:*"), at)),
            ("Resource", list(at, resources)),
        ],
    );
    map(at, [("Version", Value::text("2012-10-17", at)), ("Statement", list(at, vec![statement]))])
}
