//! CloudFormation templates read into resources: parameters, conditions, mappings and functions worked out as far as
//! that can be done before anything is deployed.

mod cdk;
mod compared;
mod conditions;
mod distribute;
mod document;
mod expression;
mod for_each;
mod given;
mod lists;
mod mappings;
mod nested;
mod parameters;
mod sam;
mod stack;
mod surroundings;
#[cfg(test)]
mod tests;
mod text;

pub use cdk::{MANIFEST, read_assembly};
pub use given::{Given, NotGiven};
pub use parameters::is_pseudo;
pub use surroundings::{Disk, Nothing, Surroundings};

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::graph::Part;
use crate::read_error::ReadError;
use crate::span::FileId;
use crate::value::{Node, PartId};
use document::{document, names_in, strange_sections};
use nested::{Location, Reader};
use stack::Stack;

/// What a template declares, and what of it could not be read.
#[derive(Clone, Debug, Default)]
pub struct Template {
    /// What it declares, with what its nested stacks do.
    pub part: Part,
    /// What is wrong with one resource each; the others are there.
    pub problems: Vec<ReadError>,
    /// What was left aside.
    pub warnings: Vec<ReadError>,
    /// The parameters that a user may give it, by name.
    pub parameters: Vec<Arc<str>>,
    /// The templates beside it that it nests: they are in it, with the parameters that it passes.
    pub nested: Vec<PathBuf>,
}

/// Reads a template, YAML or JSON, as the part of that id, and looks at no file beside it.
///
/// # Errors
/// It is neither YAML nor JSON, or no template.
pub fn read(text: &str, file: FileId, part: PartId, given: &Given) -> Result<Template, ReadError> {
    read_among(text, file, part, given, Path::new(""), &Nothing)
}

/// Reads a template with the nested stacks whose templates are beside it.
///
/// # Errors
/// It is neither YAML nor JSON, or no template.
pub fn read_among(
    text: &str,
    file: FileId,
    part: PartId,
    given: &Given,
    path: &Path,
    surroundings: &dyn Surroundings,
) -> Result<Template, ReadError> {
    let document = document(text, file)?;
    if !matches!(document.entry("Resources").map(|resources| &resources.node), Some(Node::Map(_))) {
        let remedy = "give a template with a `Resources` section";
        return Err(ReadError::new(document.at, "there are no `Resources` here", remedy));
    }
    let reader = Reader::new(given, surroundings);
    let mut template = Template {
        warnings: strange_sections(&document),
        parameters: names_in(&document, "Parameters"),
        ..Template::default()
    };
    let stack = Stack::new(&document, part, &reader, Location::at(path), None);
    stack.read(&mut template.part, &mut template.problems);
    template.nested = reader.nested.take();
    Ok(template)
}
