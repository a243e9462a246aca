//! One resource's attributes as properties in CloudFormation's shape.

use std::collections::HashMap;
use std::sync::Arc;

use base64ct::{Base64, Encoding as _};

use super::address::Address;
use super::document::Document;
use super::hints::Hints;
use super::merge;
use super::names::Names;
use super::references::{References, Target};
use super::table::{Block, Form, Goes, Rule};
use super::written::Written;
use super::{policy_document, returns};
use crate::read_error::ReadError;
use crate::scan::{Cursor, Json};
use crate::schema::{self, Properties, Shape};
use crate::span::Span;
use crate::value::{Key, Map, Node, PartId, Reference, Unknown, Value};

/// What is known of the whole document before any of it is translated.
#[derive(Clone, Copy)]
pub(super) struct Shared<'d, 't> {
    pub document: &'d Document<'t>,
    pub references: &'d References<'d, 't>,
    pub part: PartId,
}

/// What one thread translates by.
pub(super) struct Translator<'d, 't> {
    pub document: &'d Document<'t>,
    pub references: &'d References<'d, 't>,
    /// The resource that each instance has become a part of, where it has.
    pub merged: &'d HashMap<usize, usize>,
    pub part: PartId,
    pub names: Names,
}

impl<'d, 't> Translator<'d, 't> {
    pub fn new(shared: Shared<'d, 't>, merged: &'d HashMap<usize, usize>) -> Self {
        let Shared { document, references, part } = shared;
        Self { document, references, merged, part, names: Names::default() }
    }
}

/// The translation of one resource.
pub(super) struct Translation<'d, 't> {
    pub of: &'d Translator<'d, 't>,
    /// Which instance it is.
    pub instance: usize,
    pub address: Address<'d>,
    /// Where its values begin.
    pub at: Span,
}

/// A block on its way: its properties in CloudFormation, and the rules for its attributes.
#[derive(Clone, Copy)]
pub(super) struct Frame {
    pub properties: &'static Properties,
    pub rules: Option<&'static Block>,
    /// Whether attributes without a rule go nowhere.
    pub only: bool,
}

impl Frame {
    fn property(self, names: &Names, attribute: &str) -> Option<(&'static str, &'static Shape)> {
        if self.only { None } else { names.property(self.properties, attribute) }
    }
}

impl<'t> Translation<'_, 't> {
    /// Reads a block's attributes into properties.
    pub fn block(
        &self,
        cursor: &mut Cursor<'t>,
        frame: Frame,
        hints: Hints<'_, 't>,
        out: &mut Map,
    ) -> Result<(), ReadError> {
        let mut seen = Vec::new();
        cursor.object(|cursor, name| {
            // Most attributes of most resources are not set.
            if cursor.peek() == Some(b'n') {
                return cursor.skip().map(drop);
            }
            let hint = hints.of(&name);
            if hint.is_unknown() {
                cursor.skip()?;
                return Ok(());
            }
            self.attribute(&name, Some(cursor), frame, hint, out)?;
            if hint.unknown.is_some() {
                seen.push(name);
            }
            Ok(())
        })?;
        if let Some(Json::Map(unknown)) = hints.unknown {
            for (name, _) in unknown.iter().filter(|(name, _)| !seen.contains(name)) {
                self.attribute(name, None, frame, hints.of(name), out)?;
            }
        }
        Ok(())
    }

    /// One attribute, known or not, into the property that it belongs to.
    fn attribute(
        &self,
        name: &str,
        cursor: Option<&mut Cursor<'t>>,
        frame: Frame,
        hints: Hints<'_, 't>,
        out: &mut Map,
    ) -> Result<(), ReadError> {
        let field = frame.rules.and_then(|rules| rules.field(name));
        let inner = field.map(|field| &field.block);
        let rules = field.map_or(&[][..], |field| &field.rules);
        if rules.is_empty() {
            return match frame.property(&self.of.names, name) {
                Some((property, shape)) => {
                    let value = self.value(cursor, Some(shape), inner, hints)?;
                    merge::at_name(out, property, value);
                    Ok(())
                }
                None => skip(cursor),
            };
        }
        let start = cursor.as_deref().copied();
        for rule in rules {
            self.by_rule(rule, inner, start, frame, hints, out)?;
        }
        skip(cursor)
    }

    fn by_rule(
        &self,
        rule: &Rule,
        inner: Option<&'static Block>,
        start: Option<Cursor<'t>>,
        frame: Frame,
        hints: Hints<'_, 't>,
        out: &mut Map,
    ) -> Result<(), ReadError> {
        let mut start = start;
        match &rule.to {
            Goes::Nowhere => Ok(()),
            Goes::Here => self.dissolve(start.as_mut(), Frame { rules: inner, ..frame }, hints, out),
            Goes::To(path) => {
                let shape = schema::at(frame.properties, path.steps());
                let value = self.ruled(start.as_mut(), rule, shape, inner, hints)?;
                merge::at(out, path, rule.index, value);
                Ok(())
            }
        }
    }

    /// What is in a block goes where the block itself would.
    fn dissolve(
        &self,
        cursor: Option<&mut Cursor<'t>>,
        frame: Frame,
        hints: Hints<'_, 't>,
        out: &mut Map,
    ) -> Result<(), ReadError> {
        let Some(cursor) = cursor else {
            if hints.is_unknown() && !matches!(hints.written, Written::Nothing) {
                for (name, _) in frame.rules.into_iter().flat_map(Block::fields) {
                    self.attribute(name, None, frame, hints, out)?;
                }
            }
            return Ok(());
        };
        match cursor.peek() {
            Some(b'{') => self.block(cursor, frame, hints, out),
            Some(b'[') => cursor.list(|cursor, index| {
                let hints = hints.element(index, *cursor);
                match cursor.peek() {
                    Some(b'{') => self.block(cursor, frame, hints, out),
                    _ => cursor.skip().map(drop),
                }
            }),
            _ => cursor.skip().map(drop),
        }
    }

    /// A value whose rule says more than where it goes.
    fn ruled(
        &self,
        cursor: Option<&mut Cursor<'t>>,
        rule: &Rule,
        shape: Option<&'static Shape>,
        inner: Option<&'static Block>,
        hints: Hints<'_, 't>,
    ) -> Result<Option<Value>, ReadError> {
        let value = match (rule.form, cursor) {
            (Form::Json, Some(cursor)) => self.embedded(cursor, shape, hints)?,
            (Form::Json, None) => self.unknown(None, hints).map(|value| self.document_of(value, hints)),
            (Form::Pairs, Some(cursor)) => self.raw(cursor, hints)?.map(merge::pairs),
            (Form::Base64, Some(cursor)) => self.decoded(cursor, hints)?,
            (Form::Spread, cursor) => self.value(cursor, shape, inner, hints)?.map(merge::spread_each),
            (_, cursor) => self.value(cursor, shape, inner, hints)?,
        };
        Ok(value.map(|value| merge::by_rule(value, rule)))
    }

    /// A value in the shape that the schema has for it.
    fn value(
        &self,
        cursor: Option<&mut Cursor<'t>>,
        shape: Option<&'static Shape>,
        inner: Option<&'static Block>,
        hints: Hints<'_, 't>,
    ) -> Result<Option<Value>, ReadError> {
        let Some(cursor) = cursor else { return Ok(self.unknown(shape, hints)) };
        let at = cursor.here();
        let element = shape.and_then(Shape::element);
        let properties = shape.and_then(Shape::properties);
        match (cursor.peek(), element, properties) {
            (Some(b'['), None, Some(_)) => self.first(cursor, shape, inner, hints),
            (Some(b'['), element, _) => self.list(cursor, element, inner, hints),
            (Some(b'{'), Some(element), _) => match merge::named_by(element.properties()) {
                Some(name) => Ok(self.raw(cursor, hints)?.map(|map| merge::pairs_of(map, name))),
                None => {
                    let only = self.value(Some(cursor), Some(element), inner, hints)?;
                    Ok(only.map(|only| Value::new(Node::List([only].into()), at)))
                }
            },
            (Some(b'{'), None, Some(properties)) => {
                let mut out = Map::default();
                let frame = Frame { properties, rules: inner, only: false };
                self.block(cursor, frame, hints, &mut out)?;
                Ok(Some(Value::new(Node::Map(Arc::new(out)), at)))
            }
            (Some(b'{'), None, None) => self.raw(cursor, hints),
            (Some(b'"'), ..) => {
                let text = cursor.text()?.unwrap_or_default();
                // The provider's older resources write what is not set as empty text.
                let text = (!text.is_empty()).then(|| Value::new(self.text(text.into(), hints), at));
                Ok(text.map(|text| merge::alone(text, properties)))
            }
            _ => Ok(scalar(cursor)?.map(|node| merge::alone(Value::new(node, at), properties))),
        }
    }

    /// A block that Terraform has as a list of at most one.
    fn first(
        &self,
        cursor: &mut Cursor<'t>,
        shape: Option<&'static Shape>,
        inner: Option<&'static Block>,
        hints: Hints<'_, 't>,
    ) -> Result<Option<Value>, ReadError> {
        let mut first = None;
        cursor.list(|cursor, index| {
            let hints = hints.element(index, *cursor);
            match index {
                0 => first = self.element(cursor, shape, inner, hints)?,
                _ => drop(cursor.skip()?),
            }
            Ok(())
        })?;
        Ok(first)
    }

    fn list(
        &self,
        cursor: &mut Cursor<'t>,
        shape: Option<&'static Shape>,
        inner: Option<&'static Block>,
        hints: Hints<'_, 't>,
    ) -> Result<Option<Value>, ReadError> {
        let at = cursor.here();
        let mut elements = Vec::new();
        let references = self.one_by_one(hints);
        cursor.list(|cursor, index| {
            let hints = hints.element(index, *cursor);
            let value = match references.get(index) {
                Some(reference) if hints.is_unknown() => {
                    cursor.skip()?;
                    Some(reference.clone())
                }
                _ => self.element(cursor, shape, inner, hints)?,
            };
            elements.extend(value);
            Ok(())
        })?;
        // An empty list and none at all are one to Terraform.
        Ok((!elements.is_empty()).then(|| Value::new(Node::List(elements.into()), at)))
    }

    fn element(
        &self,
        cursor: &mut Cursor<'t>,
        shape: Option<&'static Shape>,
        inner: Option<&'static Block>,
        hints: Hints<'_, 't>,
    ) -> Result<Option<Value>, ReadError> {
        if hints.is_unknown() {
            cursor.skip()?;
            return Ok(self.unknown(None, hints));
        }
        self.value(Some(cursor), shape, inner, hints)
    }

    /// A value as it is written in Terraform.
    pub fn raw(&self, cursor: &mut Cursor<'t>, hints: Hints<'_, 't>) -> Result<Option<Value>, ReadError> {
        let at = cursor.here();
        match cursor.peek() {
            Some(b'{') => {
                let mut entries = Vec::new();
                cursor.object(|cursor, name| {
                    let key = Key { text: (&*name).into(), at: cursor.here() };
                    let hints = hints.of(&name);
                    let value = if hints.is_unknown() {
                        cursor.skip()?;
                        self.unknown(None, hints)
                    } else {
                        self.raw(cursor, hints)?
                    };
                    entries.extend(value.map(|value| (key, value)));
                    Ok(())
                })?;
                self.rest(&mut entries, hints, at);
                Ok(Some(Value::new(Node::Map(Arc::new(Map { entries })), at)))
            }
            Some(b'[') => {
                let mut elements = Vec::new();
                cursor.list(|cursor, index| {
                    let hints = hints.element(index, *cursor);
                    let value = if hints.is_unknown() {
                        cursor.skip()?;
                        self.unknown(None, hints)
                    } else {
                        self.raw(cursor, hints)?
                    };
                    elements.extend(value);
                    Ok(())
                })?;
                Ok(Some(Value::new(Node::List(elements.into()), at)))
            }
            Some(b'"') => {
                let text = cursor.text()?.unwrap_or_default();
                Ok(Some(Value::new(self.text(text.into(), hints), at)))
            }
            _ => Ok(scalar(cursor)?.map(|node| Value::new(node, at))),
        }
    }

    /// What is unknown and not even named among the values.
    fn rest(&self, entries: &mut Vec<(Key, Value)>, hints: Hints<'_, 't>, at: Span) {
        let Some(Json::Map(unknown)) = hints.unknown else { return };
        for (name, value) in unknown {
            if *value == Json::Bool(true) && !entries.iter().any(|(key, _)| *key.text == **name) {
                let value = self.unknown(None, hints.of(name));
                entries.extend(value.map(|value| (Key { text: (&**name).into(), at }, value)));
            }
        }
    }

    /// Text, or what it names, where the code says so or only one thing in the world is called so.
    fn text(&self, text: Arc<str>, hints: Hints<'_, 't>) -> Node {
        if hints.is_secret() {
            let why = Unknown::Withheld { in_code: hints.written.is_in_code() };
            return Node::Pieces([Value::unknown(why, self.at)].into());
        }
        match self.named_by(&text, hints) {
            Some(target) => Node::Reference(self.reference(&target)),
            None => self.naming(text),
        }
    }

    /// Text in whose midst something is named, as a URL names its host: pieces, as `Fn::Sub` gives them.
    fn naming(&self, text: Arc<str>) -> Node {
        let mut pieces = Vec::new();
        let mut done = 0;
        for (place, instance, attribute) in self.of.references.within(&text) {
            if instance == self.instance {
                continue;
            }
            let before = text.get(done..place.start).filter(|before| !before.is_empty());
            pieces.extend(before.map(|before| Value::text(before, self.at)));
            let target = Target { instance, attribute: attribute.to_owned() };
            pieces.push(Value::new(Node::Reference(self.reference(&target)), self.at));
            done = place.end;
        }
        if pieces.is_empty() {
            return Node::Text(text);
        }
        let rest = text.get(done..).filter(|rest| !rest.is_empty());
        pieces.extend(rest.map(|rest| Value::text(rest, self.at)));
        Node::Pieces(pieces.into())
    }

    fn named_by(&self, text: &str, hints: Hints<'_, 't>) -> Option<Target> {
        let is = |target: &Target| {
            let instance = self.of.document.instances.get(target.instance);
            instance.is_some_and(|i| !i.is_data() && i.identity(&target.attribute) == Some(text))
        };
        if let Written::Expression(expression) = hints.written
            && expression.entry("references").is_some()
            && let [target] = self.of.references.targets(self.address, expression).as_slice()
            && is(target)
        {
            return Some(target.clone());
        }
        let among = || self.of.references.among_dependencies(self.instance, text);
        let here = || if hints.pointer { among() } else { None };
        let (instance, attribute) = self.of.references.called(text).or_else(here)?;
        let target = Target { instance, attribute: attribute.to_owned() };
        (instance != self.instance).then_some(target)
    }

    /// JSON within text. What is no JSON stays text.
    fn embedded(
        &self,
        cursor: &mut Cursor<'t>,
        shape: Option<&'static Shape>,
        hints: Hints<'_, 't>,
    ) -> Result<Option<Value>, ReadError> {
        if cursor.peek() != Some(b'"') || hints.is_secret() {
            return self.value(Some(cursor), shape, None, hints);
        }
        let at = cursor.here();
        let text = cursor.text()?.unwrap_or_default();
        if text.is_empty() {
            return Ok(None);
        }
        let mut within = Cursor::within(&text, at);
        let shaped = shape.filter(|shape| shape.element().unwrap_or(shape).properties().is_some());
        let read = match shaped {
            Some(shape) => self.value(Some(&mut within), Some(shape), None, Hints::NONE),
            None => self.raw(&mut within, Hints::NONE),
        };
        let whole = read.ok().flatten().filter(|_| within.end().is_ok());
        Ok(Some(whole.unwrap_or_else(|| Value::text(&*text, at))))
    }

    /// Text in Base64, decoded; what is none stays as it is.
    fn decoded(&self, cursor: &mut Cursor<'t>, hints: Hints<'_, 't>) -> Result<Option<Value>, ReadError> {
        let at = cursor.here();
        let text = cursor.text()?.unwrap_or_default();
        let decoded = Base64::decode_vec(&text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        Ok(match decoded {
            _ if text.is_empty() => None,
            Some(decoded) => {
                let inner = Value::new(self.text(decoded.into(), hints), at);
                Some(Value::new(Node::Base64(Arc::new(inner)), at))
            }
            None => Some(Value::text(&*text, at)),
        })
    }

    /// A value that nobody knows before apply: what it points at, where the code says so.
    fn unknown(&self, shape: Option<&'static Shape>, hints: Hints<'_, 't>) -> Option<Value> {
        if !hints.is_unknown() {
            return None;
        }
        let value = |node| Some(Value::new(node, self.at));
        let after_apply = || Some(Value::unknown(Unknown::AfterApply, self.at));
        let expression = match hints.written {
            Written::Nothing => return None,
            Written::Expression(expression) => expression,
            Written::Unseen | Written::Block(_) | Written::Blocks(_) => return after_apply(),
        };
        let references = self.pointers(expression, hints);
        let lists = shape.and_then(Shape::element).is_some_and(|element| element.properties().is_none());
        match references.as_slice() {
            [] => after_apply(),
            _ if lists => value(Node::List(references.into())),
            [reference] => Some(reference.clone()),
            _ => value(Node::Pieces(references.into())),
        }
    }

    /// The resources that the elements of a list point at, where there is one for each.
    fn one_by_one(&self, hints: Hints<'_, 't>) -> Vec<Value> {
        let unknown = hints.unknown.map_or(&[][..], Json::elements);
        let Written::Expression(expression) = hints.written else { return Vec::new() };
        if !unknown.contains(&Json::Bool(true)) {
            return Vec::new();
        }
        let references = self.pointers(expression, hints);
        if references.len() == unknown.len() { references } else { Vec::new() }
    }

    fn pointers(&self, expression: &Json<'_>, hints: Hints<'_, 't>) -> Vec<Value> {
        let mut targets = self.of.references.targets(self.address, expression);
        targets
            .retain(|target| self.of.document.instances.get(target.instance).is_some_and(|i| !i.is_data()));
        for target in targets.iter_mut().filter(|target| hints.arn && target.attribute.is_empty()) {
            target.attribute = "arn".to_owned();
        }
        let references = targets.iter().map(|target| Node::Reference(self.reference(target)));
        references.map(|node| Value::new(node, self.at)).collect()
    }

    /// The policy document that an unknown text is, where a data source makes it of statements that are known.
    fn document_of(&self, value: Value, hints: Hints<'_, 't>) -> Value {
        let Written::Expression(expression) = hints.written else { return part_of(value) };
        let targets = self.of.references.targets(self.address, expression);
        match targets.as_slice() {
            [target] => policy_document::of(self.of, target.instance).unwrap_or_else(|| part_of(value)),
            _ => part_of(value),
        }
    }

    fn reference(&self, target: &Target) -> Reference {
        let owner = self.of.merged.get(&target.instance).unwrap_or(&target.instance);
        let instances = &self.of.document.instances;
        let kind = instances.get(target.instance).map_or("", |instance| &*instance.kind);
        Reference {
            part: self.of.part,
            name: instances.get(*owner).map_or_else(|| "".into(), |owner| Arc::clone(&owner.address)),
            attribute: returns::attribute(kind, &target.attribute),
        }
    }
}

/// A document that names a resource is not that resource.
fn part_of(value: Value) -> Value {
    let Node::Reference(_) = value.node else { return value };
    let at = value.at;
    Value::new(Node::Pieces([value, Value::unknown(Unknown::AfterApply, at)].into()), at)
}

fn skip(cursor: Option<&mut Cursor<'_>>) -> Result<(), ReadError> {
    match cursor {
        Some(cursor) => cursor.skip().map(drop),
        None => Ok(()),
    }
}

fn scalar(cursor: &mut Cursor<'_>) -> Result<Option<Node>, ReadError> {
    Ok(match cursor.json()? {
        Json::Null => None,
        json => Some(json.node()),
    })
}
