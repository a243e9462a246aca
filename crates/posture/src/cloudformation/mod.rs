//! CloudFormation templates read into resources: parameters, conditions, mappings and functions worked out as far as
//! that can be done before anything is deployed.

mod compared;
mod conditions;
mod distribute;
mod document;
mod expression;
mod for_each;
mod given;
mod lists;
mod mappings;
mod parameters;
mod stack;
#[cfg(test)]
mod tests;
mod text;

pub use given::{Given, NotGiven};

use crate::graph::Part;
use crate::read_error::ReadError;
use crate::span::FileId;
use crate::value::{Node, PartId};
use document::{document, strange_sections};
use stack::Stack;

/// What a template declares, and what of it could not be read.
#[derive(Clone, Debug, Default)]
pub struct Template {
    /// What it declares.
    pub part: Part,
    /// What is wrong with one resource each; the others are there.
    pub problems: Vec<ReadError>,
    /// What was left aside.
    pub warnings: Vec<ReadError>,
}

/// Reads a template, YAML or JSON, as the part of that id.
///
/// # Errors
/// It is neither YAML nor JSON, or no template.
pub fn read(text: &str, file: FileId, part: PartId, given: &Given) -> Result<Template, ReadError> {
    let document = document(text, file)?;
    if !matches!(document.entry("Resources").map(|resources| &resources.node), Some(Node::Map(_))) {
        let remedy = "give a template with a `Resources` section";
        return Err(ReadError::new(document.at, "there are no `Resources` here", remedy));
    }
    let (part, problems) = Stack::new(&document, part, given, None).read();
    Ok(Template { part, problems, warnings: strange_sections(&document) })
}
