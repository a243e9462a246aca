//! JSON walked in place: what nobody asks for is passed over, and every value knows its line and column.
//!
//! A [`Cursor`] is small and copied freely: a place that was passed over can be gone back to later, so a plan of
//! 100 MB is never held a second time.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use crate::plain::number;
use crate::read_error::ReadError;
use crate::span::{FileId, Span};
use crate::value::{Key, Map, Node, Value};
use crate::yaml::DEEPEST;

/// A place in a JSON text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'t> {
    text: &'t str,
    byte: usize,
    depth: usize,
    line: u32,
    line_start: usize,
    /// Bytes of this line that begin no character.
    wide: usize,
    place: Place,
}

/// Where values are said to stand.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// Where they are in this file.
    In(FileId),
    /// All at one place: that of the text that holds this JSON.
    At(Span),
}

/// A JSON value without places, borrowed from its text where it can be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json<'t> {
    Null,
    Bool(bool),
    Number(f64),
    Text(Cow<'t, str>),
    List(Vec<Json<'t>>),
    /// Sorted by name.
    Map(Vec<(Cow<'t, str>, Json<'t>)>),
}

impl<'t> Cursor<'t> {
    /// The start of a file.
    pub(crate) fn new(text: &'t str, file: FileId) -> Self {
        Self { text, byte: 0, depth: 0, line: 1, line_start: 0, wide: 0, place: Place::In(file) }
    }

    /// The start of JSON that stands in another file's text.
    pub(crate) fn within(text: &'t str, at: Span) -> Self {
        Self { text, byte: 0, depth: 0, line: 1, line_start: 0, wide: 0, place: Place::At(at) }
    }

    /// The next byte that is no space.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        loop {
            match self.text.as_bytes().get(self.byte)? {
                b'\n' => {
                    self.byte += 1;
                    (self.line, self.line_start, self.wide) = (self.line.saturating_add(1), self.byte, 0);
                }
                b' ' | b'\t' | b'\r' => self.byte += 1,
                byte => return Some(*byte),
            }
        }
    }

    /// Where the next value stands.
    pub(crate) fn here(&mut self) -> Span {
        self.peek();
        self.here_now()
    }

    /// Where this is, spaces or not.
    pub(crate) fn here_now(&self) -> Span {
        match self.place {
            Place::At(at) => at,
            Place::In(file) => {
                let column = self.byte - self.line_start - self.wide + 1;
                Span { file, line: self.line, column: u32::try_from(column).unwrap_or(u32::MAX) }
            }
        }
    }

    /// Walks through an object. Each entry's value must be taken or skipped.
    pub(crate) fn object(
        &mut self,
        mut entry: impl FnMut(&mut Self, Cow<'t, str>) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        self.object_with_places(|cursor, key, _| entry(cursor, key))
    }

    fn object_with_places(
        &mut self,
        mut entry: impl FnMut(&mut Self, Cow<'t, str>, Span) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        self.open(b'{', "an object")?;
        let mut keys = Keys::default();
        while !self.closes(b'}', keys.none())? {
            let at = self.here();
            let key = self.string()?;
            if keys.has(key.clone()) {
                let what = format!("`{key}` is here a second time");
                return Err(ReadError::new(at, what, "remove or rename one of them"));
            }
            self.pass(b':', "`:`")?;
            entry(self, key, at)?;
        }
        self.depth -= 1;
        Ok(())
    }

    /// Walks through a list. Each element must be taken or skipped.
    pub(crate) fn list(
        &mut self,
        mut element: impl FnMut(&mut Self, usize) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        self.open(b'[', "a list")?;
        let mut index = 0;
        while !self.closes(b']', index == 0)? {
            element(self, index)?;
            index += 1;
        }
        self.depth -= 1;
        Ok(())
    }

    /// Passes over a value, and gives where it was. Its brackets and quotes are checked, the rest of it is not.
    pub(crate) fn skip(&mut self) -> Result<Self, ReadError> {
        self.peek();
        let start = *self;
        let mut open = Vec::new();
        loop {
            match self.peek() {
                Some(b'"') => drop(self.raw_string()?),
                Some(byte @ (b'{' | b'[')) => {
                    open.push(byte + 2);
                    if self.depth + open.len() > DEEPEST {
                        return Err(self.too_deep());
                    }
                    self.byte += 1;
                }
                Some(byte) if open.last() == Some(&byte) => {
                    open.pop();
                    self.byte += 1;
                }
                Some(b',' | b':') if !open.is_empty() => {
                    self.byte += 1;
                    continue;
                }
                Some(_) => drop(self.word()?),
                None => return Err(self.cut()),
            }
            if open.is_empty() {
                return Ok(start);
            }
        }
    }

    /// Takes a text, or passes over what is none.
    pub(crate) fn text(&mut self) -> Result<Option<Cow<'t, str>>, ReadError> {
        match self.peek() {
            Some(b'"') => self.string().map(Some),
            _ => self.skip().map(|_| None),
        }
    }

    /// Takes a value without places.
    pub(crate) fn json(&mut self) -> Result<Json<'t>, ReadError> {
        match self.peek() {
            Some(b'{') => {
                let mut entries = Vec::new();
                self.object(|cursor, key| {
                    entries.push((key, cursor.json()?));
                    Ok(())
                })?;
                entries.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
                Ok(Json::Map(entries))
            }
            Some(b'[') => {
                let mut elements = Vec::new();
                self.list(|cursor, _| {
                    elements.push(cursor.json()?);
                    Ok(())
                })?;
                Ok(Json::List(elements))
            }
            Some(b'"') => self.string().map(Json::Text),
            Some(_) => self.word(),
            None => Err(self.cut()),
        }
    }

    /// Takes a value with its places.
    pub(crate) fn value(&mut self) -> Result<Value, ReadError> {
        let at = self.here();
        let node = match self.peek() {
            Some(b'{') => {
                let mut entries = Vec::new();
                self.object_with_places(|cursor, key, at| {
                    let key = Key { text: key.into(), at };
                    entries.push((key, cursor.value()?));
                    Ok(())
                })?;
                Node::Map(Arc::new(Map { entries }))
            }
            Some(b'[') => {
                let mut elements = Vec::new();
                self.list(|cursor, _| {
                    elements.push(cursor.value()?);
                    Ok(())
                })?;
                Node::List(elements.into())
            }
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ => self.json()?.node(),
        };
        Ok(Value::new(node, at))
    }

    /// A number as it is written: a version `8.0` stays that.
    fn number(&mut self) -> Result<Node, ReadError> {
        let start = self.byte;
        self.word()?;
        let written = self.text.get(start..self.byte).unwrap_or_default();
        Ok(number(written).unwrap_or_else(|| Node::Text(written.into())))
    }

    /// Nothing may follow.
    pub(crate) fn end(&mut self) -> Result<(), ReadError> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.wrong("something follows the end of the JSON value", "remove it")),
        }
    }

    fn open(&mut self, bracket: u8, words: &str) -> Result<(), ReadError> {
        match self.peek() {
            Some(byte) if byte == bracket => {}
            Some(_) => return Err(self.wrong(format!("here {words} should be"), "mend the syntax")),
            None => return Err(self.cut()),
        }
        self.byte += 1;
        self.depth += 1;
        if self.depth > DEEPEST { Err(self.too_deep()) } else { Ok(()) }
    }

    /// Passes the closing bracket, or the comma before the next entry.
    fn closes(&mut self, bracket: u8, first: bool) -> Result<bool, ReadError> {
        match self.peek() {
            Some(byte) if byte == bracket => {
                self.byte += 1;
                Ok(true)
            }
            Some(_) if first => Ok(false),
            Some(_) => {
                let words = if bracket == b'}' { "`,` or `}`" } else { "`,` or `]`" };
                self.pass(b',', words).map(|()| false)
            }
            None => Err(self.cut()),
        }
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

    fn word(&mut self) -> Result<Json<'t>, ReadError> {
        let rest = self.text.get(self.byte..).unwrap_or_default();
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
        let end = rest.bytes().position(|byte| !is_word(byte)).unwrap_or(rest.len());
        let word = rest.get(..end).unwrap_or_default();
        let value = match word {
            "true" => Json::Bool(true),
            "false" => Json::Bool(false),
            "null" => Json::Null,
            _ if word.starts_with(|c: char| c == '-' || c.is_ascii_digit()) => match word.parse() {
                Ok(number) => Json::Number(number),
                Err(_) => return Err(self.wrong(format!("`{word}` is no number"), "mend it")),
            },
            "" => return Err(self.wrong("this is no JSON value", "mend the syntax here or just before")),
            _ => return Err(self.wrong(format!("`{word}` is no JSON value"), "put text into quotes")),
        };
        self.byte += end;
        Ok(value)
    }

    fn string(&mut self) -> Result<Cow<'t, str>, ReadError> {
        let before = *self;
        let (raw, escaped) = self.raw_string()?;
        if !escaped {
            return Ok(Cow::Borrowed(raw.get(1..raw.len() - 1).unwrap_or_default()));
        }
        serde_json::from_str(raw).map(Cow::Owned).map_err(|error| {
            let remedy = "mend its escapes";
            ReadError::new({ before }.here(), format!("this text is no JSON: {error}"), remedy)
        })
    }

    /// The text with its quotes, and whether it has escapes.
    fn raw_string(&mut self) -> Result<(&'t str, bool), ReadError> {
        match self.peek() {
            Some(b'"') => {}
            Some(_) => return Err(self.wrong("here text in quotes should be", "mend the syntax")),
            None => return Err(self.cut()),
        }
        let rest = self.text.get(self.byte..).unwrap_or_default();
        let (mut end, mut escaped) = (1, false);
        loop {
            let ahead = rest.as_bytes().get(end..).unwrap_or_default();
            match ahead.iter().position(|byte| matches!(byte, b'"' | b'\\' | ..0x20)) {
                Some(at) => end += at,
                None => return Err(self.cut()),
            }
            match rest.as_bytes().get(end) {
                Some(b'"') => break,
                Some(b'\\') => (end, escaped) = (end + 2, true),
                _ => return Err(self.wrong("a line ends within this text", "close its quotes")),
            }
        }
        let raw = rest.get(..=end).unwrap_or_default();
        self.byte += raw.len();
        if !raw.is_ascii() {
            self.wide += raw.bytes().filter(|byte| (0x80..0xC0).contains(byte)).count();
        }
        Ok((raw, escaped))
    }

    pub(crate) fn wrong(&mut self, what: impl Into<String>, remedy: &str) -> ReadError {
        ReadError::new(self.here(), what, remedy)
    }

    fn cut(&mut self) -> ReadError {
        self.wrong("the file ends in the middle of a value", "give the whole file")
    }

    fn too_deep(&mut self) -> ReadError {
        let what = format!("this is nested more than {DEEPEST} deep");
        self.wrong(what, "give a file that a tool wrote")
    }
}

/// Up to so many keys are looked through faster than hashed.
const FEW_KEYS: usize = 32;

/// The keys of an object. Most that Terraform writes are sorted, and those need no look to tell that none is there twice.
#[derive(Default)]
struct Keys<'t> {
    unsorted: bool,
    few: Vec<Cow<'t, str>>,
    many: HashSet<Cow<'t, str>>,
}

impl<'t> Keys<'t> {
    fn none(&self) -> bool {
        self.few.is_empty()
    }

    /// Whether it was there before.
    fn has(&mut self, key: Cow<'t, str>) -> bool {
        if !self.unsorted && self.few.last().is_none_or(|last| *last < key) {
            self.few.push(key);
            return false;
        }
        self.unsorted = true;
        if self.few.len() > FEW_KEYS {
            if self.many.is_empty() {
                self.many.extend(self.few.iter().cloned());
            }
            return !self.many.insert(key);
        }
        let is_there = self.few.contains(&key);
        if !is_there {
            self.few.push(key);
        }
        is_there
    }
}

impl<'t> Json<'t> {
    /// The value of that name, where this is an object that has it.
    pub(crate) fn entry(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Map(entries) => {
                let found = entries.binary_search_by(|(key, _)| (**key).cmp(name)).ok()?;
                entries.get(found).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// The elements of a list; none of what is no list.
    pub(crate) fn elements(&self) -> &[Self] {
        match self {
            Self::List(elements) => elements,
            _ => &[],
        }
    }

    /// The text, where it is one.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A scalar as a value's node; nothing of what is none.
    pub(crate) fn node(self) -> Node {
        match self {
            Self::Null | Self::List(_) | Self::Map(_) => Node::Null,
            Self::Bool(known) => Node::Bool(known),
            Self::Number(number) => Node::Number(number),
            Self::Text(text) => Node::Text(text.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cursor(text: &str) -> Cursor<'_> {
        Cursor::new(text, FileId::NOWHERE)
    }

    fn refused(text: &str) -> String {
        cursor(text).value().unwrap_err().to_string()
    }

    #[test]
    fn columns_count_characters_also_after_wide_ones_in_the_same_line() {
        let text = "\n{\"é€😀\": \"ü\", \"b\": 1}";
        let value = cursor(text).value().unwrap();
        let at = value.entry("b").unwrap().at;
        assert_eq!((at.line, at.column), (2, 19));
    }

    #[test]
    fn a_place_that_was_passed_over_can_be_gone_back_to() {
        let text = "{\"a\": [1,\n {\"x\": 2}], \"b\": 3}";
        let mut passed = None;
        cursor(text)
            .object(|cursor, _| {
                passed = passed.or(Some(cursor.skip()?));
                Ok(())
            })
            .unwrap();
        let value = passed.unwrap().value().unwrap();
        let Node::List(elements) = &value.node else { panic!() };
        assert_eq!((elements[1].at.line, elements[1].at.column), (2, 2));
    }

    #[test]
    fn a_key_that_is_there_twice_is_refused_in_any_order() {
        assert!(refused(r#"{"b": 1, "a": 2, "b": 3}"#).contains("second time"));
        assert!(refused(r#"{"b": 1, "a": 2, "a": 3}"#).contains("second time"));
        let many: Vec<String> = (0..200).map(|place| format!("\"{place}\": 1")).collect();
        let sorted: Vec<String> = (100..200).map(|place| format!("\"{place}\": 1")).collect();
        for keys in [many, sorted] {
            let whole = format!("{{{}}}", keys.join(", "));
            assert!(cursor(&whole).json().is_ok());
            for twice in [&keys[0], &keys[40], &keys[99]] {
                assert!(refused(&format!("{{{}, {twice}}}", keys.join(", "))).contains("second time"));
            }
        }
    }

    #[test]
    fn half_a_file_is_said_to_be_half() {
        let whole = r#"{"a": [true, "x"], "b": {"c": null}}"#;
        for end in 0..whole.len() {
            let half = &whole[..end];
            assert!(cursor(half).value().is_err() && cursor(half).skip().is_err(), "{half}");
        }
        assert!(refused(r#"{"a": ["#).contains("ends in the middle"));
    }

    #[test]
    fn what_is_nested_without_end_is_refused_read_or_skipped() {
        let deep = "[".repeat(100_000);
        assert!(refused(&deep).contains("nested more"));
        assert!(cursor(&deep).skip().unwrap_err().to_string().contains("nested more"));
    }

    fn any_json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i32>().prop_map(Into::into),
            "\\PC*".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
                proptest::collection::hash_map("\\PC*", inner, 0..6)
                    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }

    fn same(read: &Json<'_>, wanted: &serde_json::Value) -> bool {
        match (read, wanted) {
            (Json::Null, serde_json::Value::Null) => true,
            (Json::Bool(read), serde_json::Value::Bool(wanted)) => read == wanted,
            (Json::Number(read), serde_json::Value::Number(wanted)) => Some(*read) == wanted.as_f64(),
            (Json::Text(read), serde_json::Value::String(wanted)) => read == wanted,
            (Json::List(read), serde_json::Value::Array(wanted)) => {
                read.len() == wanted.len() && read.iter().zip(wanted).all(|(read, wanted)| same(read, wanted))
            }
            (Json::Map(read), serde_json::Value::Object(wanted)) => {
                read.len() == wanted.len()
                    && read.iter().all(|(key, read)| wanted.get(&**key).is_some_and(|w| same(read, w)))
            }
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn what_serde_json_writes_reads_back_short_or_pretty(json in any_json()) {
            for text in [json.to_string(), serde_json::to_string_pretty(&json).unwrap()] {
                let mut read = cursor(&text);
                prop_assert!(same(&read.json().unwrap(), &json));
                prop_assert!(read.end().is_ok());
                let mut skipped = cursor(&text);
                skipped.skip().unwrap();
                prop_assert!(skipped.end().is_ok());
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "[\\[\\]{}\",:\\\\0-9a-z\n \u{e9}]*") {
            let _ = cursor(&text).value();
            let _ = cursor(&text).skip();
        }
    }
}
