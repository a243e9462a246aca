//! The text of a template, and its sections.

use std::sync::Arc;

use crate::read_error::ReadError;
use crate::span::FileId;
use crate::value::{Map, Node, Value};
use crate::{json, yaml};

/// What begins as JSON is JSON, unless YAML alone can read it.
pub(super) fn document(text: &str, file: FileId) -> Result<Value, ReadError> {
    let text = text.trim_start_matches('\u{feff}');
    if !text.trim_start().starts_with(['{', '[']) {
        return yaml::read(text, file);
    }
    json::read(text, file).or_else(|error| yaml::read(text, file).map_err(|_| error))
}

/// The sections that a template may have.
const SECTIONS: &[&str] = &[
    "AWSTemplateFormatVersion",
    "Description",
    "Metadata",
    "Parameters",
    "Rules",
    "Mappings",
    "Conditions",
    "Transform",
    "Globals",
    "Resources",
    "Outputs",
    "Hooks",
];

/// The map under a name; an empty one where there is none.
pub(super) fn section(document: &Value, name: &str) -> Arc<Map> {
    match document.entry(name).map(|section| &section.node) {
        Some(Node::Map(map)) => Arc::clone(map),
        _ => Arc::default(),
    }
}

/// What a section names.
pub(super) fn names_in(document: &Value, name: &str) -> Vec<Arc<str>> {
    section(document, name).entries.iter().map(|(key, _)| Arc::clone(&key.text)).collect()
}

/// A warning for each section that CloudFormation does not have: most are misspelt.
pub(super) fn strange_sections(document: &Value) -> Vec<ReadError> {
    let Node::Map(map) = &document.node else { return Vec::new() };
    let strange = map.entries.iter().filter(|(key, _)| {
        let known = SECTIONS.contains(&&*key.text) || key.text.starts_with("Fn::");
        !known && !key.text.starts_with("x-")
    });
    let warning = |(key, _): &(crate::value::Key, Value)| {
        let what = format!("`{}` is no section of a template", key.text);
        ReadError::new(key.at, what, "it is not looked at; check its spelling")
    };
    strange.map(warning).collect()
}
