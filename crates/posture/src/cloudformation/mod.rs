//! CloudFormation templates read into resources.

mod expression;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::graph::{Origin, Part, Resource};
use crate::read_error::ReadError;
use crate::span::FileId;
use crate::value::{Key, Map, Node, PartId, Value};
use crate::{json, yaml};
use expression::Names;

/// What a template declares, and what of it could not be read.
#[derive(Clone, Debug, Default)]
pub struct Template {
    /// What it declares.
    pub part: Part,
    /// What is wrong with one resource each; the others are there.
    pub problems: Vec<ReadError>,
}

/// Reads a template, YAML or JSON, as the part of that id.
///
/// # Errors
/// It is neither YAML nor JSON, or no template.
pub fn read(text: &str, file: FileId, part: PartId) -> Result<Template, ReadError> {
    let document = document(text, file)?;
    let Some(resources) = map(document.entry("Resources")) else {
        let remedy = "give a template with a `Resources` section";
        return Err(ReadError::new(document.at, "there are no `Resources` here", remedy));
    };
    let names = Names::of(&document, part);
    let mut template = Template::default();
    for (name, declared) in &resources.entries {
        match resource(&names, name, declared) {
            Ok(resource) => template.part.resources.push(resource),
            Err(problem) => template.problems.push(problem),
        }
    }
    Ok(template)
}

/// What begins as JSON is JSON, unless YAML alone can read it.
fn document(text: &str, file: FileId) -> Result<Value, ReadError> {
    let text = text.trim_start_matches('\u{feff}');
    if !text.trim_start().starts_with(['{', '[']) {
        return yaml::read(text, file);
    }
    json::read(text, file).or_else(|error| yaml::read(text, file).map_err(|_| error))
}

fn resource(names: &Names, name: &Key, declared: &Value) -> Result<Resource, ReadError> {
    let Some(Node::Text(kind)) = declared.entry("Type").map(|kind| &kind.node) else {
        let at = declared.entry("Type").map_or(name.at, |kind| kind.at);
        let what = format!("the Type of {} is no text", name.text);
        return Err(ReadError::new(at, what, "write a type such as AWS::S3::Bucket"));
    };
    let properties = match declared.entry("Properties") {
        Some(properties) => names.worked_out(properties),
        None => Value::new(Node::Map(Arc::new(Map::default())), name.at),
    };
    Ok(Resource {
        part: names.part,
        name: Arc::clone(&name.text),
        kind: Arc::clone(kind),
        properties,
        exists: Value::new(Node::Bool(true), name.at),
        metadata: declared.entry("Metadata").cloned(),
        origin: Origin::CloudFormation,
        at: name.at,
    })
}

fn map(value: Option<&Value>) -> Option<&Map> {
    match value.map(|value| &value.node) {
        Some(Node::Map(map)) => Some(map),
        _ => None,
    }
}
