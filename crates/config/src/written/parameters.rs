//! `parameters` of a requirement: what the controls of an audit are judged by.

use schemars::{Schema, SchemaGenerator, json_schema};
use toml::de::DeValue;
use toml::{Spanned, Value};

use super::table::At;
use super::value::{Written, kind};
use crate::problem::Problems;

/// The parameters of controls by name; which there are only the audit knows.
#[derive(Clone, Debug)]
pub(crate) struct Parameters(pub(crate) Vec<(At<String>, Value)>);

impl Written for Parameters {
    fn noun() -> String {
        "parameters of controls".to_owned()
    }

    fn example() -> String {
        "{ ssl_policies = [\"ELBSecurityPolicy-TLS13-1-3-2021-06\"] }".to_owned()
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        let single = json_schema!({ "type": ["string", "number", "boolean"] });
        json_schema!({
            "type": "object",
            "title": Self::noun(),
            "additionalProperties": { "anyOf": [single, { "type": "array", "items": single }] }
        })
    }

    fn decode(value: &Spanned<DeValue<'_>>, label: &str, problems: &mut Problems<'_>) -> Option<Self> {
        let DeValue::Table(table) = value.get_ref() else {
            let message = format!("{label} must be a table, not {}", kind(value.get_ref()));
            let advice = format!("write {}, such as {}", Self::noun(), Self::example());
            problems.tell(value.span().start, message, advice);
            return None;
        };
        // All are read before any is missed, so that each tells its problem.
        let read: Vec<Option<(At<String>, Value)>> = table
            .iter()
            .map(|(key, value)| {
                let name = key.get_ref().to_string();
                let Some(read) = parameter(value.get_ref()) else {
                    let message = format!("parameter `{name}` can't be {}", kind(value.get_ref()));
                    let advice = "write a string, a number, true or false, or a list of these";
                    problems.tell(value.span().start, message, advice);
                    return None;
                };
                Some((At { key: key.span().start, at: value.span().start, value: name }, read))
            })
            .collect();
        read.into_iter().collect::<Option<_>>().map(Self)
    }
}

fn parameter(value: &DeValue<'_>) -> Option<Value> {
    match value {
        DeValue::Array(list) => {
            list.iter().map(|it| single(it.get_ref())).collect::<Option<_>>().map(Value::Array)
        }
        value => single(value),
    }
}

fn single(value: &DeValue<'_>) -> Option<Value> {
    match value {
        DeValue::String(text) => Some(Value::String(text.to_string())),
        DeValue::Boolean(truth) => Some(Value::Boolean(*truth)),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).ok().map(Value::Integer)
        }
        DeValue::Float(number) => number.as_str().parse().ok().map(Value::Float),
        DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}
