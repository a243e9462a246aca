//! The Denies of a policy document, with and without what is not known of them.
//!
//! Only a Deny counts in a proof, so nothing else is read: an Allow may be as unknown as it likes.

use std::sync::Arc;

use hermetic_iam::Document;
use serde_json::{Map, Value as Json, json};

use crate::value::Value;

use super::render::{Renderer, UNKNOWN};

/// The Denies of a document.
#[derive(Clone, Debug, Default)]
pub(crate) struct Denials {
    /// Those that deny whatever the unknown turns out to be; none where there is no such Deny.
    pub(crate) sure: Option<Arc<Document>>,
    /// All, each unknown taken for what denies the most; only where there is anything unknown.
    pub(crate) hopeful: Option<Arc<Document>>,
}

/// How documents are read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reading<'a> {
    /// Whether Denies count that let AWS's services through.
    pub(crate) service_exemption: bool,
    /// What ARNs may begin with for short, and what it stands for.
    pub(crate) short: Option<(&'a str, &'a str)>,
}

impl Denials {
    /// What hangs on something that is not known at all: it may deny everything.
    pub(crate) fn perhaps(self) -> Self {
        let hopeful = self.hopeful.or(self.sure);
        Self { sure: None, hopeful: hopeful.or_else(|| document(&[everything()], None).ok()) }
    }
}

/// Reads the Denies of a document.
///
/// # Errors
/// It is no policy document; in words.
pub(crate) fn read<'g>(
    renderer: &Renderer<'g>,
    value: &'g Value,
    reading: Reading,
) -> Result<Denials, String> {
    let json = match renderer.json(value) {
        Json::String(text) if text.starts_with(UNKNOWN) => return Ok(Denials::default().perhaps()),
        Json::String(text) => {
            serde_json::from_str(&text).map_err(|error| format!("it is no JSON: {error}"))?
        }
        json => json,
    };
    of_json(json, reading)
}

/// Reads the Denies of one statement, or a list of them, without a document around it.
///
/// # Errors
/// It is no statement; in words.
pub(crate) fn read_statements<'g>(
    renderer: &Renderer<'g>,
    value: &'g Value,
    reading: Reading,
) -> Result<Denials, String> {
    of_json(json!({ "Version": "2012-10-17", "Statement": renderer.json(value) }), reading)
}

fn of_json(json: Json, reading: Reading) -> Result<Denials, String> {
    let json = match reading.short {
        Some((short, long)) => in_full(json, short, long),
        None => json,
    };
    let Some(object) = json.as_object() else { return Err("it is no policy document".to_owned()) };
    let version = member(object, "version");
    let statements = match member(object, "statement") {
        Some(Json::Array(statements)) => statements.as_slice(),
        Some(statement) => std::slice::from_ref(statement),
        None => return Err("it has no Statement".to_owned()),
    };
    let denies: Vec<(usize, &Json)> =
        statements.iter().enumerate().filter(|(_, it)| may_deny(it) && counts(it, reading)).collect();
    let sure: Vec<Json> = denies.iter().filter_map(|(place, it)| surely(*place, it)).collect();
    let hopeful: Vec<Json> = denies.iter().map(|(place, it)| hopefully(*place, it)).collect();
    let anything_unknown = denies.iter().any(|(_, statement)| is_unknown(statement));
    Ok(Denials {
        sure: (!sure.is_empty()).then(|| document(&sure, version)).transpose()?,
        hopeful: anything_unknown.then(|| document(&hopeful, version)).transpose()?,
    })
}

/// With each text that begins shortly written out.
fn in_full(json: Json, short: &str, long: &str) -> Json {
    match json {
        Json::String(text) => match text.strip_prefix(short) {
            Some(rest) => format!("{long}{rest}").into(),
            None => text.into(),
        },
        Json::Array(elements) => elements.into_iter().map(|element| in_full(element, short, long)).collect(),
        Json::Object(object) => {
            Json::Object(object.into_iter().map(|(key, value)| (key, in_full(value, short, long))).collect())
        }
        other => other,
    }
}

fn document(statements: &[Json], version: Option<&Json>) -> Result<Arc<Document>, String> {
    let mut object = Map::new();
    if let Some(version) = version {
        object.insert("Version".to_owned(), version.clone());
    }
    object.insert("Statement".to_owned(), statements.into());
    Document::read(&Json::Object(object).to_string()).map(Arc::new).map_err(|error| error.problem.to_string())
}

/// A member by its name, whatever its case.
fn member<'j>(object: &'j Map<String, Json>, name: &str) -> Option<&'j Json> {
    object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn may_deny(statement: &Json) -> bool {
    match statement {
        Json::Object(object) => member(object, "effect")
            .and_then(Json::as_str)
            .is_some_and(|effect| effect.eq_ignore_ascii_case("deny") || effect.contains(UNKNOWN)),
        _ => is_unknown(statement),
    }
}

fn counts(statement: &Json, reading: Reading) -> bool {
    let names_services = || {
        let condition = statement.as_object().and_then(|object| member(object, "condition"));
        condition.is_some_and(|condition| {
            condition.to_string().to_ascii_lowercase().contains("aws:principalisawsservice")
        })
    };
    (reading.service_exemption || !names_services()) && tests_transport_as_bool(statement)
}

/// `aws:SecureTransport` is a Boolean: what another operator makes of it AWS does not say, so it refuses nothing for sure
/// (IAM User Guide, Boolean condition operators).
fn tests_transport_as_bool(statement: &Json) -> bool {
    let condition = statement.as_object().and_then(|object| member(object, "condition"));
    let mut tests = condition.and_then(Json::as_object).into_iter().flatten();
    tests.all(|(operator, keys)| {
        let is_tested = keys.as_object().is_some_and(|keys| member(keys, "aws:securetransport").is_some());
        let operator = operator.to_ascii_lowercase();
        !is_tested || operator.contains("bool") || operator == "null" || operator.contains(UNKNOWN)
    })
}

fn is_unknown(json: &Json) -> bool {
    match json {
        Json::String(text) => text.contains(UNKNOWN),
        Json::Array(elements) => elements.iter().any(is_unknown),
        Json::Object(object) => object.iter().any(|(key, value)| key.contains(UNKNOWN) || is_unknown(value)),
        Json::Null | Json::Bool(_) | Json::Number(_) => false,
    }
}

/// The statement, unless it may miss something by what is not known. An unknown in `Resource` names one resource more,
/// of which it is only unknown which.
fn surely(place: usize, statement: &Json) -> Option<Json> {
    let object = statement.as_object()?;
    let settled = |(key, value): (&String, &Json)| key.eq_ignore_ascii_case("resource") || !is_unknown(value);
    object.iter().all(settled).then(|| named(place, object))
}

/// The statement, each unknown taken for what denies the most.
fn hopefully(place: usize, statement: &Json) -> Json {
    let Some(object) = statement.as_object() else { return everything() };
    let mut hopeful = Map::new();
    for (key, value) in object {
        let unknown = is_unknown(value);
        let (key, value) = match key.to_ascii_lowercase().as_str() {
            "effect" => ("Effect", json!("Deny")),
            "notaction" if unknown => ("Action", json!("*")),
            "notresource" if unknown => ("Resource", json!("*")),
            "notprincipal" if unknown => ("Principal", json!("*")),
            "action" | "resource" | "principal" if unknown => (key.as_str(), json!("*")),
            "condition" if unknown => (key.as_str(), known_tests(value)),
            _ if unknown => continue,
            _ => (key.as_str(), value.clone()),
        };
        hopeful.insert(key.to_owned(), value);
    }
    named(place, &hopeful)
}

/// The tests of a condition that are known; any other may hold.
fn known_tests(condition: &Json) -> Json {
    let operators = condition.as_object().into_iter().flatten().filter_map(|(operator, keys)| {
        let known = |(key, operand): &(&String, &Json)| !key.contains(UNKNOWN) && !is_unknown(operand);
        let keys: Map<String, Json> = keys
            .as_object()?
            .iter()
            .filter(known)
            .map(|(key, operand)| (key.clone(), operand.clone()))
            .collect();
        (!keys.is_empty()).then(|| (operator.clone(), Json::Object(keys)))
    });
    Json::Object(operators.collect())
}

/// Gives a statement that has no id one to be told by.
fn named(place: usize, object: &Map<String, Json>) -> Json {
    let mut object = object.clone();
    if member(&object, "sid").is_none() {
        object.insert("Sid".to_owned(), format!("no. {}", place + 1).into());
    }
    Json::Object(object)
}

fn everything() -> Json {
    json!({ "Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*" })
}
