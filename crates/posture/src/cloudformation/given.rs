//! What the user gives for a template's parameters, pseudo parameters such as `AWS::Region` among them.

use std::collections::HashMap;
use std::sync::Arc;

use super::document::document;
use crate::read_error::ReadError;
use crate::span::FileId;
use crate::subject::text_of;
use crate::value::{Map, Node, Value};

/// Values for parameters, by name.
#[derive(Clone, Debug, Default)]
pub struct Given {
    values: HashMap<Arc<str>, Arc<str>>,
}

/// Text that is no `NAME=VALUE`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` gives no parameter; write NAME=VALUE")]
pub struct NotGiven(String);

const SHAPES: &str = "write {\"Name\": \"value\"}, or the list of ParameterKey and ParameterValue that the AWS CLI takes, \
                      or CodePipeline's {\"Parameters\": {…}}";

impl Given {
    /// Takes one value.
    pub fn set(&mut self, name: &str, value: &str) {
        self.values.insert(name.into(), value.into());
    }

    /// Takes one value written `NAME=VALUE`.
    ///
    /// # Errors
    /// There is no equals sign, or no name before it.
    pub fn take(&mut self, text: &str) -> Result<(), NotGiven> {
        match text.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() => {
                self.set(name.trim(), value);
                Ok(())
            }
            _ => Err(NotGiven(text.to_owned())),
        }
    }

    /// Takes the values of a parameter file, JSON or YAML, in any of the shapes that AWS's tools take.
    ///
    /// # Errors
    /// It is neither JSON nor YAML, or of another shape.
    pub fn take_file(&mut self, text: &str, file: FileId) -> Result<(), ReadError> {
        let whole = document(text, file)?;
        self.take_all(whole.entry("Parameters").unwrap_or(&whole))
    }

    /// The names of what is given.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(|name| &**name)
    }

    pub(super) fn value(&self, name: &str) -> Option<&Arc<str>> {
        self.values.get(name)
    }

    fn take_all(&mut self, values: &Value) -> Result<(), ReadError> {
        match &values.node {
            Node::Map(map) => self.take_map(map),
            Node::List(elements) => elements.iter().try_for_each(|element| self.take_element(element)),
            _ => Err(ReadError::new(values.at, "there are no parameters here", SHAPES)),
        }
    }

    fn take_map(&mut self, map: &Map) -> Result<(), ReadError> {
        for (name, value) in &map.entries {
            self.set(&name.text, &written(value)?);
        }
        Ok(())
    }

    fn take_element(&mut self, element: &Value) -> Result<(), ReadError> {
        if let Node::Text(text) = &element.node {
            return self.take(text).map_err(|wrong| ReadError::new(element.at, wrong.to_string(), SHAPES));
        }
        let Some(Node::Text(name)) = element.entry("ParameterKey").map(|name| &name.node) else {
            return Err(ReadError::new(element.at, "this gives no parameter", SHAPES));
        };
        // Without a value it says UsePreviousValue, which nobody knows here.
        if let Some(value) = element.entry("ParameterValue") {
            self.set(name, &written(value)?);
        }
        Ok(())
    }
}

/// A list's values are told between commas, as CloudFormation wants them.
fn written(value: &Value) -> Result<String, ReadError> {
    let text = |value: &Value| {
        text_of(value).map_err(|_| ReadError::new(value.at, "the value of a parameter is no text", SHAPES))
    };
    match &value.node {
        Node::List(elements) => {
            let elements: Result<Vec<_>, _> = elements.iter().map(text).collect();
            Ok(elements?.join(","))
        }
        Node::Null => Ok(String::new()),
        _ => text(value).map(|text| text.to_string()),
    }
}
