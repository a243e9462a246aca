//! What CloudFormation's resource schemas say: which properties there are, and what holds where nothing is written.
//!
//! `schema/types.json` is trimmed from the schemas that CloudFormation publishes: a line a type; `p` the properties,
//! `i` what a list holds, `m` a map with free names, `d` a default. `schema/terraform.json` has what Terraform's types
//! say beyond them, in the same form.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use serde::Deserialize;

use crate::path::{Path, Step};
use crate::span::FileId;
use crate::value::{Node, Value};

/// The properties of a type, by name.
pub(crate) type Properties = HashMap<Box<str>, Shape>;

/// What the schema says of a property.
#[derive(Deserialize)]
pub(crate) struct Shape {
    #[serde(default)]
    p: Option<Properties>,
    #[serde(default)]
    i: Option<Box<Shape>>,
    #[serde(default)]
    m: Option<serde_json::Value>,
    #[serde(default)]
    d: Option<serde_json::Value>,
    #[serde(skip)]
    default: OnceLock<Option<Value>>,
}

/// What holds at a path where nothing is written; `None` where the schema has no default there.
pub fn default(kind: &str, path: &Path) -> Option<&'static Value> {
    let shape = shape(kind, path)?;
    let read = || shape.d.as_ref().map(value_of);
    shape.default.get_or_init(read).as_ref()
}

/// Whether a path leads to a property of a type. Types that CloudFormation does not have are not known.
pub fn knows(kind: &str, path: &Path) -> bool {
    shape(kind, path).is_some()
}

/// Whether the type is known at all.
pub fn knows_type(kind: &str) -> bool {
    types().contains_key(kind)
}

/// The properties of a type.
pub(crate) fn properties(kind: &str) -> Option<&'static Properties> {
    types().get(kind)
}

/// What is said of the property that these steps lead to.
pub(crate) fn at(properties: &'static Properties, steps: &[Step]) -> Option<&'static Shape> {
    let (Step::Name(first), rest) = steps.split_first()? else { return None };
    let mut shape = properties.get(&**first)?;
    for step in rest {
        shape = match step {
            Step::Name(_) if shape.m.is_some() => return Some(shape),
            Step::Name(name) => shape.p.as_ref()?.get(&**name)?,
            Step::Each => shape.i.as_deref()?,
        };
    }
    Some(shape)
}

impl Shape {
    /// The properties of what is an object.
    pub(crate) fn properties(&self) -> Option<&Properties> {
        self.p.as_ref()
    }

    /// What a list holds.
    pub(crate) fn element(&self) -> Option<&Self> {
        self.i.as_deref()
    }
}

fn shape(kind: &str, path: &Path) -> Option<&'static Shape> {
    at(properties(kind)?, path.steps())
}

fn types() -> &'static HashMap<Box<str>, Properties> {
    static TYPES: OnceLock<HashMap<Box<str>, Properties>> = OnceLock::new();
    // A test reads the whole of it; were it ever broken, no default would be known, and what hangs on one unknown.
    TYPES.get_or_init(|| {
        let mut types: HashMap<Box<str>, Properties> =
            serde_json::from_str(include_str!("schema/types.json")).unwrap_or_default();
        let beyond: HashMap<Box<str>, Properties> =
            serde_json::from_str(include_str!("schema/terraform.json")).unwrap_or_default();
        beyond.into_iter().for_each(|(kind, more)| extend(types.entry(kind).or_default(), more));
        types
    })
}

fn extend(properties: &mut Properties, more: Properties) {
    for (name, shape) in more {
        match (properties.get_mut(&name), shape) {
            (Some(Shape { p: Some(own), .. }), Shape { p: Some(more), .. }) => extend(own, more),
            (_, shape) => {
                properties.insert(name, shape);
            }
        }
    }
}

/// A default has no place of its own: who asks gives it that of the resource.
fn value_of(json: &serde_json::Value) -> Value {
    let node = match json {
        serde_json::Value::Null | serde_json::Value::Object(_) => Node::Null,
        serde_json::Value::Bool(known) => Node::Bool(*known),
        serde_json::Value::Number(number) => number.as_f64().map_or(Node::Null, Node::Number),
        serde_json::Value::String(text) => Node::Text(Arc::from(text.as_str())),
        serde_json::Value::Array(elements) => Node::List(elements.iter().map(value_of).collect()),
    };
    Value::new(node, FileId::NOWHERE.start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_schemas_read() {
        let read: Result<HashMap<Box<str>, Properties>, _> =
            serde_json::from_str(include_str!("schema/types.json"));
        assert!(read.unwrap().len() > 190);
    }

    #[test]
    fn what_terraform_says_beyond_is_known_beside_the_rest() {
        let path = |text: &str| text.parse::<Path>().unwrap();
        let kind = "AWS::ApiGateway::Method";
        assert!(knows(kind, &path("Integration.TlsConfig.InsecureSkipVerification")));
        assert!(knows(kind, &path("Integration.Uri")));
        assert!(knows("AWS::DirectConnect::Connection", &path("EncryptionMode")));
    }

    #[test]
    fn a_listed_property_is_known_and_a_misspelt_one_is_not() {
        let path = |text: &str| text.parse::<Path>().unwrap();
        let kind = "AWS::CloudFront::Distribution";
        assert!(knows(kind, &path("DistributionConfig.CacheBehaviors[].ViewerProtocolPolicy")));
        assert!(!knows(kind, &path("DistributionConfig.CacheBehaviors[].ViewerProtocolPolice")));
    }
}
