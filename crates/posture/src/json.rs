//! JSON read into values with their places.

use std::sync::Arc;

use crate::plain::number;
use crate::read_error::ReadError;
use crate::span::{FileId, Span};
use crate::value::{Key, Map, Node, Value};
use crate::yaml::{DEEPEST, refuse_twice};

/// Reads a JSON text.
///
/// # Errors
/// It is no JSON, or a key is there twice, or it is too deep.
pub(crate) fn read(text: &str, file: FileId) -> Result<Value, ReadError> {
    let mut reader = Reader { text, file, byte: 0, line: 1, column: 1, counted: 0 };
    let value = reader.value(0)?;
    match reader.peek() {
        None => Ok(value),
        Some(_) => Err(reader.wrong("something follows the end of the JSON value", "remove it")),
    }
}

struct Reader<'t> {
    text: &'t str,
    file: FileId,
    byte: usize,
    line: u32,
    /// The column of the byte up to which columns are counted: a file of one long line is not counted again and again.
    column: u32,
    counted: usize,
}

impl<'t> Reader<'t> {
    fn value(&mut self, depth: usize) -> Result<Value, ReadError> {
        if depth > DEEPEST {
            let what = format!("this is nested more than {DEEPEST} deep");
            return Err(self.wrong(what, "give a file that a tool wrote"));
        }
        let next = self.peek();
        let at = self.here();
        let node = match next {
            Some(b'{') => self.map(depth)?,
            Some(b'[') => self.list(depth)?,
            Some(b'"') => Node::Text(self.string()?.into()),
            Some(b't' | b'f' | b'n' | b'-' | b'0'..=b'9') => self.word()?,
            Some(_) => return Err(self.wrong("this is no JSON value", "mend the syntax here or just before")),
            None => return Err(self.cut()),
        };
        Ok(Value::new(node, at))
    }

    fn map(&mut self, depth: usize) -> Result<Node, ReadError> {
        self.byte += 1;
        let mut entries = Vec::new();
        while self.peek() != Some(b'}') {
            if !entries.is_empty() {
                self.pass(b',', "`,` or `}`")?;
            }
            let next = self.peek();
            let at = self.here();
            let text = match next {
                Some(b'"') => self.string()?.into(),
                None => return Err(self.cut()),
                Some(_) => return Err(self.wrong("here a name in quotes should be", "mend the syntax")),
            };
            self.pass(b':', "`:`")?;
            entries.push((Key { text, at }, self.value(depth + 1)?));
        }
        self.byte += 1;
        refuse_twice(&entries)?;
        Ok(Node::Map(Arc::new(Map { entries })))
    }

    fn list(&mut self, depth: usize) -> Result<Node, ReadError> {
        self.byte += 1;
        let mut elements = Vec::new();
        while self.peek() != Some(b']') {
            if !elements.is_empty() {
                self.pass(b',', "`,` or `]`")?;
            }
            elements.push(self.value(depth + 1)?);
        }
        self.byte += 1;
        Ok(Node::List(elements.into()))
    }

    fn word(&mut self) -> Result<Node, ReadError> {
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"+-.".contains(c)).unwrap_or(rest.len());
        let word = rest.get(..end).unwrap_or_default();
        let node = match word {
            "true" => Node::Bool(true),
            "false" => Node::Bool(false),
            "null" => Node::Null,
            _ if word.parse::<f64>().is_ok() => number(word).unwrap_or_else(|| Node::Text(word.into())),
            _ => return Err(self.wrong(format!("`{word}` is no JSON value"), "put text into quotes")),
        };
        self.byte += end;
        Ok(node)
    }

    /// The text between quotes. `serde_json` knows all the escapes.
    fn string(&mut self) -> Result<String, ReadError> {
        let rest = self.rest();
        let mut escaped = false;
        let end = rest.bytes().skip(1).position(|byte| {
            let closes = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            closes
        });
        let Some(quoted) = end.and_then(|end| rest.get(..end + 2)) else { return Err(self.cut()) };
        let inner = quoted.get(1..quoted.len() - 1).unwrap_or_default();
        let text = if inner.bytes().any(|byte| byte == b'\\' || byte < 0x20) {
            serde_json::from_str(quoted)
                .map_err(|error| self.wrong(format!("this text is no JSON: {error}"), "mend its escapes"))?
        } else {
            inner.to_owned()
        };
        self.byte += quoted.len();
        Ok(text)
    }

    fn pass(&mut self, wanted: u8, words: &str) -> Result<(), ReadError> {
        match self.peek() {
            Some(byte) if byte == wanted => {
                self.byte += 1;
                Ok(())
            }
            Some(_) => Err(self.wrong(format!("here {words} should be"), "mend the syntax")),
            None => Err(self.cut()),
        }
    }

    /// The next byte that is no space.
    fn peek(&mut self) -> Option<u8> {
        loop {
            match self.text.as_bytes().get(self.byte)? {
                b'\n' => {
                    self.line += 1;
                    self.byte += 1;
                    (self.column, self.counted) = (1, self.byte);
                }
                b' ' | b'\t' | b'\r' => self.byte += 1,
                byte => return Some(*byte),
            }
        }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.byte..).unwrap_or_default()
    }

    fn here(&mut self) -> Span {
        let between = self.text.get(self.counted..self.byte).unwrap_or_default();
        self.column = self.column.saturating_add(u32::try_from(between.chars().count()).unwrap_or(u32::MAX));
        self.counted = self.byte;
        Span { file: self.file, line: self.line, column: self.column }
    }

    fn wrong(&mut self, what: impl Into<String>, remedy: &str) -> ReadError {
        ReadError::new(self.here(), what, remedy)
    }

    fn cut(&mut self) -> ReadError {
        self.wrong("the file ends in the middle of a value", "give the whole file")
    }
}
