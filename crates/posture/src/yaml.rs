//! YAML read into values with their places. Short forms such as `!Ref` become the maps that they are short for.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Tag};

use crate::plain::plain;
use crate::read_error::ReadError;
use crate::span::{FileId, Span};
use crate::value::{Key, Map, Node, Value};

/// Nested deeper than this, nobody wrote it by hand, nor by any tool that is known.
pub(crate) const DEEPEST: usize = 200;

/// Values that aliases stand for: a bomb of aliases is far above, any template far below.
const MOST_ALIASED: usize = 1_000_000;

/// Reads the first document of a YAML text.
///
/// # Errors
/// It is no YAML, or a key is there twice, or it is too deep or too large.
pub(crate) fn read(text: &str, file: FileId) -> Result<Value, ReadError> {
    let mut builder = Builder { open: Vec::new(), anchors: HashMap::new(), aliased: 0, whole: None };
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| {
            let at = place(file, error.marker());
            // The parser looks ahead, and gives up on what is deep before it is here.
            if error.info().contains("recursion limit") {
                return too_deep(at);
            }
            ReadError::new(
                at,
                format!("this is no YAML: {}", error.info()),
                "mend the syntax here or just above",
            )
        })?;
        builder.take(event, place(file, &span.start))?;
        if builder.whole.is_some() {
            break;
        }
    }
    Ok(builder.whole.map_or_else(|| Value::new(Node::Null, file.start()), |(value, _)| value))
}

fn place(file: FileId, mark: &Marker) -> Span {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Span { file, line: number(mark.line()), column: number(mark.col().saturating_add(1)) }
}

fn too_deep(at: Span) -> ReadError {
    ReadError::new(at, format!("this is nested more than {DEEPEST} deep"), "give a file that AWS takes")
}

/// A value, and its size.
type Sized = (Value, Size);

/// How many values one is with all that are in it, and how deep they nest.
#[derive(Clone, Copy)]
struct Size {
    values: usize,
    depth: usize,
}

const ONE: Size = Size { values: 1, depth: 1 };

struct Builder {
    open: Vec<Open>,
    anchors: HashMap<usize, Sized>,
    aliased: usize,
    whole: Option<Sized>,
}

/// A list or map that is not closed yet.
struct Open {
    at: Span,
    anchor: usize,
    tag: Option<String>,
    size: Size,
    held: Held,
}

enum Held {
    List(Vec<Value>),
    Map(Vec<(Key, Value)>, Option<Key>),
}

impl Builder {
    fn take(&mut self, event: Event<'_>, at: Span) -> Result<(), ReadError> {
        match event {
            Event::Scalar(text, style, anchor, tag) => self.scalar(&text, style, anchor, tag.as_deref(), at),
            Event::SequenceStart(anchor, tag) => {
                self.begin(anchor, tag.as_deref(), Held::List(Vec::new()), at)
            }
            Event::MappingStart(anchor, tag) => {
                self.begin(anchor, tag.as_deref(), Held::Map(Vec::new(), None), at)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(anchor) => {
                let known = self.anchors.get(&anchor).cloned();
                let (value, size) = known.ok_or_else(|| {
                    ReadError::new(at, "this alias is part of what it stands for", "write the value out")
                })?;
                self.alias(at, size)?;
                self.put(value, size)
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
        }
    }

    /// An alias costs nothing to write: what it stands for is counted, and where it ends up.
    fn alias(&mut self, at: Span, size: Size) -> Result<(), ReadError> {
        self.aliased = self.aliased.saturating_add(size.values);
        if self.aliased > MOST_ALIASED {
            let what = format!("aliases make this more than {MOST_ALIASED} values");
            return Err(ReadError::new(at, what, "write out what they stand for, or less of it"));
        }
        self.deep(at, size.depth)
    }

    fn deep(&self, at: Span, depth: usize) -> Result<(), ReadError> {
        if self.open.len() + depth <= DEEPEST {
            return Ok(());
        }
        Err(too_deep(at))
    }

    fn begin(&mut self, anchor: usize, tag: Option<&Tag>, held: Held, at: Span) -> Result<(), ReadError> {
        self.deep(at, 1)?;
        self.open.push(Open { at, anchor, tag: tag.and_then(short_form), size: ONE, held });
        Ok(())
    }

    fn end(&mut self) -> Result<(), ReadError> {
        let Some(Open { at, anchor, tag, size, held }) = self.open.pop() else { return Ok(()) };
        let node = match held {
            Held::List(elements) => Node::List(elements.into()),
            Held::Map(entries, _) => Node::Map(Arc::new(Map { entries: merged(entries)? })),
        };
        let value = long_form(tag, Value::new(node, at));
        self.name(anchor, &value, size);
        self.put(value, size)
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        at: Span,
    ) -> Result<(), ReadError> {
        // A key stays as it is written, whatever it looks like.
        if let Some(Open { held: Held::Map(_, key @ None), .. }) = self.open.last_mut() {
            *key = Some(Key { text: text.into(), at });
            return Ok(());
        }
        let is_text = tag.is_some_and(|tag| tag.is_yaml_core_schema() && tag.suffix == "str");
        let node = match style {
            ScalarStyle::Plain if !is_text => plain(text),
            _ => Node::Text(text.into()),
        };
        let value = long_form(tag.and_then(short_form), Value::new(node, at));
        self.name(anchor, &value, ONE);
        self.put(value, ONE)
    }

    fn name(&mut self, anchor: usize, value: &Value, size: Size) {
        if anchor > 0 {
            self.anchors.insert(anchor, (value.clone(), size));
        }
    }

    /// Puts a finished value where it belongs.
    fn put(&mut self, value: Value, size: Size) -> Result<(), ReadError> {
        let Some(open) = self.open.last_mut() else {
            self.whole = Some((value, size));
            return Ok(());
        };
        open.size.values = open.size.values.saturating_add(size.values);
        open.size.depth = open.size.depth.max(size.depth + 1);
        match &mut open.held {
            Held::List(elements) => elements.push(value),
            Held::Map(entries, key) => match key.take() {
                Some(key) => entries.push((key, value)),
                None => {
                    return Err(ReadError::new(value.at, "this key is no text", "name the value by text"));
                }
            },
        }
        Ok(())
    }
}

/// The long name of a short form: `Fn::Sub` for `!Sub`. YAML's own tags are none.
fn short_form(tag: &Tag) -> Option<String> {
    match (tag.handle.as_str(), tag.suffix.as_str()) {
        (_, _) if tag.is_yaml_core_schema() => None,
        ("!", name @ ("Ref" | "Condition")) => Some(name.to_owned()),
        ("!", "") => None,
        ("!", name) => Some(format!("Fn::{name}")),
        (handle, name) => Some(format!("{handle}{name}")),
    }
}

fn long_form(name: Option<String>, value: Value) -> Value {
    let Some(name) = name else { return value };
    let at = value.at;
    let value = match (name.as_str(), &value.node) {
        ("Fn::GetAtt", Node::Text(text)) => match text.split_once('.') {
            Some((resource, attribute)) => {
                let parts = [Value::text(resource, at), Value::text(attribute, at)];
                Value::new(Node::List(Arc::new(parts)), at)
            }
            None => value,
        },
        _ => value,
    };
    let key = Key { text: name.into(), at };
    Value::new(Node::Map(Arc::new(Map { entries: vec![(key, value)] })), at)
}

/// The entries with those of `<<` behind them; a name that is there already hides theirs.
fn merged(entries: Vec<(Key, Value)>) -> Result<Vec<(Key, Value)>, ReadError> {
    let (merges, mut entries): (Vec<_>, Vec<_>) =
        entries.into_iter().partition(|(key, _)| &*key.text == "<<");
    refuse_twice(&entries)?;
    if merges.is_empty() {
        return Ok(entries);
    }
    let mut known: HashSet<Arc<str>> = entries.iter().map(|(key, _)| Arc::clone(&key.text)).collect();
    for (_, merge) in merges {
        let maps: &[Value] = match &merge.node {
            Node::List(maps) => maps,
            _ => std::slice::from_ref(&merge),
        };
        for map in maps {
            let Node::Map(map) = &map.node else {
                return Err(ReadError::new(merge.at, "`<<` merges what is no map", "give it a map"));
            };
            for (key, value) in &map.entries {
                if known.insert(Arc::clone(&key.text)) {
                    entries.push((key.clone(), value.clone()));
                }
            }
        }
    }
    Ok(entries)
}

/// A key that is there twice is a mistake: one of the two values would be ignored.
fn refuse_twice(entries: &[(Key, Value)]) -> Result<(), ReadError> {
    let mut seen = HashMap::with_capacity(entries.len());
    for (key, _) in entries {
        if let Some(first) = seen.insert(&*key.text, key.at) {
            let what = format!("`{}` is here a second time, after line {}", key.text, first.line);
            return Err(ReadError::new(key.at, what, "remove or rename one of them"));
        }
    }
    Ok(())
}
