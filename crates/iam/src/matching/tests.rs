use serde_json::Value as Json;

use super::holds;
use crate::document::{Document, Key};
use crate::request::Context;

/// Sixty conditions with their contexts, each cross-read against an open evaluator; where that one differs from
/// AWS's text, the text counts.
const VECTORS: &str = include_str!("../../tests/vectors/conditions.json");

fn context(json: &Json) -> Context {
    let texts = |value: &Json| match value {
        Json::Array(values) => values.iter().map(|value| value.as_str().unwrap().to_owned()).collect(),
        value => vec![value.as_str().unwrap().to_owned()],
    };
    let keys = json.as_object().unwrap().iter();
    keys.fold(Context::default(), |context, (key, values)| {
        context.with(Key::read(key).unwrap(), texts(values))
    })
}

#[test]
fn every_vector_of_conditions_comes_out_as_aws_says() {
    let vectors: Vec<Json> = serde_json::from_str(VECTORS).unwrap();
    assert_eq!(vectors.len(), 60);
    for vector in vectors {
        let document = serde_json::json!({
            "Version": vector["version"],
            "Statement": { "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": vector["condition"] },
        });
        let document = Document::read(&document.to_string()).unwrap();
        let context = context(&vector["context"]);
        let matches = document.statements[0].tests.iter().all(|test| holds(test, &context));
        assert_eq!(Json::Bool(matches), vector["match"], "{}: {}", vector["id"], vector["why"]);
    }
}
