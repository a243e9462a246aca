//! What topics hand on, and to whom subscribing is allowed.

use crate::control::Control;
use crate::policy::{Place, Renderer, UNKNOWN};
use crate::subject::{Seen, Subject, text_of};
use crate::value::Value;
use crate::verdict::Judgement;
use serde_json::Value as Json;

/// Whether nothing is delivered by HTTP.
pub(super) fn judge_delivery(_: &Control, subject: &Subject<'_>) -> Judgement {
    let protocols = match &*subject.resource.kind {
        "AWS::SNS::Topic" => subject.all(path!("Subscription[].Protocol")),
        _ => subject.all(path!("Protocol")),
    };
    protocols.into_iter().map(of_protocol).collect()
}

fn of_protocol(protocol: Seen<&Value>) -> Judgement {
    protocol.and_then(text_of).judge(
        "Protocol",
        |protocol, at| match protocol.eq_ignore_ascii_case("http") {
            true => Judgement::fail("it delivers by plain HTTP", at),
            false => Judgement::pass(format!("it delivers by {protocol}"), at),
        },
        |at| Judgement::unknown("Protocol is not set", at),
    )
}

/// Whether no Allow lets anybody subscribe an address by HTTP.
pub(super) fn judge_policy(_: &Control, subject: &Subject<'_>) -> Judgement {
    let renderer = Renderer::new(*subject, Place::default());
    let documents = subject.written("PolicyDocument").into_iter().map(|value| {
        let json = match renderer.json(value) {
            Json::String(text) => serde_json::from_str(&text).unwrap_or(Json::String(text)),
            json => json,
        };
        match json.get("Statement") {
            Some(Json::Array(statements)) => of_statements(statements, value),
            Some(statement) => of_statements(std::slice::from_ref(statement), value),
            None => Judgement::unknown("the policy document is not known", value.at),
        }
    });
    documents.collect()
}

fn of_statements(statements: &[Json], value: &Value) -> Judgement {
    let taken = |effect: &str| -> Vec<Taken> {
        let of_effect =
            statements.iter().filter(|it| it.get("Effect").and_then(Json::as_str) == Some(effect));
        of_effect.filter(|statement| subscribes(statement)).map(takes_http).collect()
    };
    let (allowed, denied) = (taken("Allow"), taken("Deny"));
    if denied.contains(&Taken::Yes) {
        return Judgement::pass("subscriptions by HTTP are denied", value.at);
    }
    if allowed.contains(&Taken::Yes) {
        return Judgement::fail("a statement allows subscriptions by plain HTTP", value.at);
    }
    match allowed.contains(&Taken::Unknown) {
        true => Judgement::unknown("which protocols may be subscribed by is not known", value.at),
        false => Judgement::pass("no statement names HTTP", value.at),
    }
}

#[derive(PartialEq, Eq)]
enum Taken {
    Yes,
    No,
    Unknown,
}

fn subscribes(statement: &Json) -> bool {
    let actions = texts(statement.get("Action"));
    let takes = |action: &&str| {
        let action = action.to_ascii_lowercase();
        ["*", "sns:*", "sns:subscribe"].contains(&&*action) || action.starts_with("sns:sub")
    };
    actions.iter().any(takes)
}

/// Whether a positive test of `sns:Protocol` takes `http`.
fn takes_http(statement: &Json) -> Taken {
    let operators = statement.get("Condition").and_then(Json::as_object).into_iter().flatten();
    let positive = operators.filter(|(operator, _)| {
        let operator = operator.to_ascii_lowercase();
        operator.contains("stringequals") || operator.contains("stringlike")
    });
    let keys = positive.filter_map(|(_, keys)| keys.as_object()).flatten();
    let values: Vec<&str> = keys
        .filter(|(key, _)| key.eq_ignore_ascii_case("sns:protocol"))
        .flat_map(|(_, value)| texts(Some(value)))
        .collect();
    if values.iter().any(|value| is_http(value)) {
        Taken::Yes
    } else if values.iter().any(|value| value.contains(UNKNOWN)) {
        Taken::Unknown
    } else {
        Taken::No
    }
}

fn is_http(pattern: &str) -> bool {
    match pattern.split_once('*') {
        Some((start, _)) => "http".starts_with(&start.to_ascii_lowercase()),
        None => pattern.eq_ignore_ascii_case("http"),
    }
}

fn texts(value: Option<&Json>) -> Vec<&str> {
    match value {
        Some(Json::String(text)) => vec![text],
        Some(Json::Array(texts)) => texts.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    }
}
