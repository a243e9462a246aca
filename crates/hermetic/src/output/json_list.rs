//! A JSON document with a list in it that is printed as it comes: however long it is, a page of it is held.

use std::ops::ControlFlow;

use serde::Serialize;
use serde_json::Value;

use super::print_while_read;
use crate::exit::Failure;

/// A document whose list is not at its end yet.
#[derive(Debug)]
pub struct JsonList {
    is_empty: bool,
}

impl JsonList {
    /// Prints the head of a document of this schema, up to its list.
    pub fn begin(schema: &str, list: &str) -> Result<Self, Failure> {
        Self::open(&format!("{{\n  \"schema\": {},\n  {}: [", Value::from(schema), Value::from(list)))
    }

    /// Prints the head of any document, which ends where its list begins.
    pub fn open(head: &str) -> Result<Self, Failure> {
        super::print(head)?;
        Ok(Self { is_empty: true })
    }

    /// Prints some of the list; breaks where nobody reads any more.
    pub fn page<T: Serialize>(
        &mut self,
        page: impl IntoIterator<Item = T>,
    ) -> Result<ControlFlow<()>, Failure> {
        let mut text = String::new();
        for item in page {
            let item = serde_json::to_string_pretty(&item)
                .map_err(|error| Failure::unable(format!("the result can't be written as JSON: {error}")))?;
            text.push_str(if self.is_empty { "\n    " } else { ",\n    " });
            // No text in JSON has a line break in it.
            text.push_str(&item.replace('\n', "\n    "));
            self.is_empty = false;
        }
        print_while_read(&text)
    }

    /// Ends the list, and the document with these members behind it.
    pub fn end<const N: usize>(self, members: [(&str, Value); N]) -> Result<(), Failure> {
        let member = |(name, value): (&str, Value)| {
            let value = format!("{value:#}").replace('\n', "\n  ");
            format!(",\n  {}: {value}", Value::from(name))
        };
        self.close(&(members.map(member).concat() + "\n}\n"))
    }

    /// Ends the list, and the document with this behind it.
    pub fn close(self, tail: &str) -> Result<(), Failure> {
        let end = if self.is_empty { "]" } else { "\n  ]" };
        super::print(&format!("{end}{tail}"))
    }
}
