//! A resource as a control sees it: in one scenario, by paths.

use std::sync::Arc;

use base64ct::{Base64, Encoding as _};

use crate::graph::{Graph, Resource, ResourceId};
use crate::path::{Path, Step};
use crate::scenario::Scenario;
use crate::schema;
use crate::span::Span;
use crate::value::{Map, Node, Reference, Unknown, Value};
use crate::verdict::Judgement;

/// A resource as a control sees it.
#[derive(Clone, Copy)]
pub struct Subject<'g> {
    /// The whole graph.
    pub graph: &'g Graph,
    /// The choices that were taken.
    pub scenario: &'g Scenario,
    /// Which resource it is.
    pub id: ResourceId,
    /// The resource.
    pub resource: &'g Resource,
}

/// What is seen at a path.
#[derive(Clone, Debug, PartialEq)]
pub enum Seen<T> {
    /// It is written there, or the schema says that it is so where nothing is written.
    Known(T, Span),
    /// Nothing is written, and the schema has no default. The place is where it would stand.
    Absent(Span),
    /// Nobody can tell, and why.
    Unknown(Arc<Unknown>, Span),
}

impl<T> Seen<T> {
    /// Where it is, or would be.
    pub fn at(&self) -> Span {
        match self {
            Self::Known(_, at) | Self::Absent(at) | Self::Unknown(_, at) => *at,
        }
    }

    /// What is known.
    pub fn known(self) -> Option<T> {
        match self {
            Self::Known(value, _) => Some(value),
            Self::Absent(_) | Self::Unknown(..) => None,
        }
    }

    /// Goes on with what is known; what can't be gone on with is unknown for the reason given.
    pub fn and_then<U>(self, next: impl FnOnce(T) -> Result<U, Arc<Unknown>>) -> Seen<U> {
        match self {
            Self::Known(value, at) => match next(value) {
                Ok(value) => Seen::Known(value, at),
                Err(why) => Seen::Unknown(why, at),
            },
            Self::Absent(at) => Seen::Absent(at),
            Self::Unknown(why, at) => Seen::Unknown(why, at),
        }
    }
}

impl<T> Seen<T> {
    /// Judges what is known, and what is absent; of what is not known, `what` it is and why.
    pub fn judge(
        self,
        what: &str,
        known: impl FnOnce(T, Span) -> Judgement,
        absent: impl FnOnce(Span) -> Judgement,
    ) -> Judgement {
        match self {
            Self::Known(value, at) => known(value, at),
            Self::Absent(at) => absent(at),
            Self::Unknown(why, at) => Judgement::unknown(format!("{what}: {why}"), at),
        }
    }

    /// Judges only where what is seen asks for it. Where nobody can tell whether it does, nobody can tell the rest.
    pub(crate) fn judge_if(
        self,
        what: &str,
        asks: impl FnOnce(Option<T>) -> bool,
        judge: impl FnOnce() -> Judgement,
    ) -> Judgement {
        let judged = |asked: bool| if asked { judge() } else { Judgement::not_applicable() };
        match self {
            Self::Known(value, _) => judged(asks(Some(value))),
            Self::Absent(_) => judged(asks(None)),
            Self::Unknown(why, at) => Judgement::unknown(format!("{what}: {why}"), at),
        }
    }
}

impl<'g> Subject<'g> {
    /// The same scenario, another resource.
    pub fn of(&self, id: ResourceId) -> Option<Self> {
        Some(Self { id, resource: self.graph.resource(id)?, ..*self })
    }

    /// What all steps of a path lead to: one value, or one for each element where the path goes through lists.
    /// A list that is not there gives nothing at all.
    pub fn all(&self, path: &Path) -> Vec<Seen<&'g Value>> {
        // A misspelt path would see nothing, ever.
        #[cfg(test)]
        assert!(
            !schema::knows_type(&self.resource.kind) || schema::knows(&self.resource.kind, path),
            "{} has no {path}",
            self.resource.kind
        );
        let mut found = Vec::new();
        self.walk(&self.resource.properties, path.steps(), &mut found);
        // A default holds for the whole path, and only where none of its lists is walked.
        if let [Seen::Absent(at)] = found.as_slice()
            && !path.walks_lists()
            && let Some(default) = schema::default(&self.resource.kind, path)
        {
            return vec![Seen::Known(default, *at)];
        }
        found
    }

    /// The one value at a path that goes through no lists.
    pub fn value(&self, path: &Path) -> Seen<&'g Value> {
        let absent = Seen::Absent(self.resource.at);
        self.all(path).into_iter().next().unwrap_or(absent)
    }

    /// Text at a path.
    pub fn text(&self, path: &Path) -> Seen<Arc<str>> {
        self.value(path).and_then(text_of)
    }

    /// True or false at a path, also where it is written as text.
    pub fn bool(&self, path: &Path) -> Seen<bool> {
        self.value(path).and_then(bool_of)
    }

    /// A number at a path, also where it is written as text.
    pub fn number(&self, path: &Path) -> Seen<f64> {
        self.value(path).and_then(number_of)
    }

    /// A value as it is seen in this scenario.
    pub fn seen(&self, value: &'g Value) -> Seen<&'g Value> {
        let mut found = Vec::new();
        self.walk(value, &[], &mut found);
        found.pop().unwrap_or(Seen::Absent(value.at))
    }

    /// The one value at a path that is written in this crate.
    pub(crate) fn at(&self, path: &str) -> Seen<&'g Value> {
        self.value(&self.own(path))
    }

    /// All that a path leads to that is written in this crate.
    pub(crate) fn each(&self, path: &str) -> Vec<Seen<&'g Value>> {
        self.all(&self.own(path))
    }

    /// The values at a path as they are written, also what is not known.
    pub(crate) fn written(&self, path: &str) -> Vec<&'g Value> {
        let mut values = vec![self.resolve(&self.resource.properties)];
        for step in self.own(path).steps() {
            values = values.into_iter().flat_map(|value| self.step(value, step)).collect();
        }
        values
    }

    fn step(&self, value: &'g Value, step: &Step) -> Vec<&'g Value> {
        let next: Vec<&Value> = match (step, &value.node) {
            (Step::Name(name), Node::Map(map)) => map.entry(name).into_iter().collect(),
            (Step::Name(_), _) => Vec::new(),
            (Step::Each, Node::List(elements)) => elements.iter().collect(),
            (Step::Each, _) => vec![value],
        };
        next.into_iter().map(|value| self.resolve(value)).filter(|value| value.node != Node::Null).collect()
    }

    /// A path that is written in this crate: a misspelt one fails the tests, for each control is run there.
    fn own(&self, path: &str) -> Path {
        let path: Path = path.parse().unwrap_or_default();
        #[cfg(test)]
        assert!(
            !schema::knows_type(&self.resource.kind) || schema::knows(&self.resource.kind, &path),
            "{} has no {path}",
            self.resource.kind
        );
        path
    }

    /// What is at a path below any value.
    pub fn below(&self, value: &'g Value, path: &Path) -> Vec<Seen<&'g Value>> {
        let mut found = Vec::new();
        self.walk(value, path.steps(), &mut found);
        found
    }

    /// The one value at a path below any value.
    pub fn value_in(&self, value: &'g Value, path: &Path) -> Seen<&'g Value> {
        self.below(value, path).into_iter().next().unwrap_or(Seen::Absent(value.at))
    }

    /// The resource that a value points at, whichever of its attributes is named.
    pub fn target(&self, value: &'g Value) -> Option<Self> {
        let reference = self.reference(value)?;
        self.of(self.graph.target(reference)?)
    }

    /// The resources that a value points at, also from within text.
    pub fn targets(&self, value: &'g Value) -> Vec<Self> {
        let value = self.resolve(value);
        match &value.node {
            Node::Reference(_) => self.target(value).into_iter().collect(),
            Node::Pieces(pieces) => pieces.iter().flat_map(|piece| self.targets(piece)).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether a value points at this very resource.
    pub fn is_target_of(&self, other: &Self, path: &Path) -> bool {
        let points = |seen: Seen<&'g Value>| {
            seen.known().is_some_and(|value| other.targets(value).iter().any(|target| target.id == self.id))
        };
        other.all(path).into_iter().any(points)
    }

    /// The resources of a type whose value at a path points at this one.
    pub fn pointed_at_by(&self, kind: &str, path: &Path) -> Vec<Self> {
        let of_kind = self.graph.referring(self.id).filter(|(_, resource)| &*resource.kind == kind);
        let others = of_kind.filter_map(|(id, _)| self.of(id));
        others.filter(|other| other.exists() != Some(false) && self.is_target_of(other, path)).collect()
    }

    /// Whether the resource is there in this scenario.
    pub fn exists(&self) -> Option<bool> {
        self.graph.exists(self.scenario, self.resource)
    }

    /// A value in this scenario.
    pub fn resolve(&self, value: &'g Value) -> &'g Value {
        self.graph.resolve(self.scenario, value)
    }

    fn reference(&self, value: &'g Value) -> Option<&'g Reference> {
        match &self.resolve(value).node {
            Node::Reference(reference) => Some(reference),
            _ => None,
        }
    }

    fn walk(&self, value: &'g Value, steps: &[Step], found: &mut Vec<Seen<&'g Value>>) {
        let value = self.resolve(value);
        if let Some(why) = self.graph.why_unknown(value) {
            found.push(Seen::Unknown(why, value.at));
            return;
        }
        let Some((step, rest)) = steps.split_first() else {
            found.push(match value.node {
                Node::Null => Seen::Absent(value.at),
                _ => Seen::Known(value, value.at),
            });
            return;
        };
        match (step, &value.node) {
            (Step::Name(name), Node::Map(map)) => match map.entry(name) {
                Some(next) => self.walk(next, rest, found),
                None => match not_written(map, value.at) {
                    // A list that is not there has no elements.
                    Seen::Absent(_) if rest.contains(&Step::Each) => {}
                    seen => found.push(seen),
                },
            },
            (Step::Each, Node::List(elements)) => {
                // An element that is there in other scenarios alone is none.
                let there = elements.iter().filter(|element| self.resolve(element).node != Node::Null);
                there.for_each(|element| self.walk(element, rest, found));
            }
            // A single element may stand without its list in YAML of old, and in Terraform.
            (Step::Each, Node::Map(_) | Node::Text(_)) => self.walk(value, rest, found),
            (Step::Each, Node::Null) => {}
            (Step::Name(_), Node::Null) if rest.contains(&Step::Each) => {}
            (Step::Name(_), Node::Null) => found.push(Seen::Absent(value.at)),
            (Step::Each | Step::Name(_), _) => {
                let why =
                    Unknown::Because(format!("{step} is looked for in what is no {}", step.wants()).into());
                found.push(Seen::Unknown(Arc::new(why), value.at));
            }
        }
    }
}

/// What is not written in a map: where a macro or a loop adds names that nobody knows, it may be there all the same.
fn not_written<'g>(map: &Map, at: Span) -> Seen<&'g Value> {
    let added = map.entries.iter().find(|(key, _)| key.text.starts_with("Fn::"));
    match added.map(|(_, value)| &value.node) {
        Some(Node::Unknown(why)) => Seen::Unknown(Arc::clone(why), at),
        _ => Seen::Absent(at),
    }
}

/// The text of a value that was resolved.
///
/// # Errors
/// It is no text, or only part of it is known.
pub fn text_of(value: &Value) -> Result<Arc<str>, Arc<Unknown>> {
    match &value.node {
        Node::Text(text) => Ok(Arc::clone(text)),
        Node::Bool(known) => Ok(if *known { "true" } else { "false" }.into()),
        Node::Number(number) => Ok(number.to_string().into()),
        Node::Reference(reference) => Err(because(format!("it is whatever {} is", described(reference)))),
        Node::Base64(value) => Ok(Base64::encode_string(text_of(value)?.as_bytes()).into()),
        Node::Pieces(_) => Err(because("only part of the text is known".to_owned())),
        Node::Unknown(why) => Err(Arc::clone(why)),
        Node::Import(name) => Err(Arc::new(Unknown::Imported(Arc::clone(name)))),
        Node::Null | Node::List(_) | Node::Map(_) | Node::Switch(_) => {
            Err(because("it is no text".to_owned()))
        }
    }
}

/// Text as far as it is known, with `…` for what is not; nothing where none of it is.
pub(crate) fn known_text(value: &Value) -> Option<String> {
    match &value.node {
        Node::Pieces(pieces) => {
            let piece = |piece: &Value| known_text(piece).unwrap_or_else(|| "…".to_owned());
            Some(pieces.iter().map(piece).collect())
        }
        _ => text_of(value).ok().map(|text| text.to_string()),
    }
}

/// True or false, also as text, whatever its case.
///
/// # Errors
/// It is neither.
pub fn bool_of(value: &Value) -> Result<bool, Arc<Unknown>> {
    match &value.node {
        Node::Bool(known) => Ok(*known),
        Node::Text(text) if text.eq_ignore_ascii_case("true") => Ok(true),
        Node::Text(text) if text.eq_ignore_ascii_case("false") => Ok(false),
        Node::Text(text) => Err(because(format!("`{text}` is neither true nor false"))),
        _ => text_of(value).and(Err(because("it is neither true nor false".to_owned()))),
    }
}

/// A number, also as text.
///
/// # Errors
/// It is none.
pub fn number_of(value: &Value) -> Result<f64, Arc<Unknown>> {
    match &value.node {
        Node::Number(number) => Ok(*number),
        Node::Text(text) => text.trim().parse().map_err(|_| because(format!("`{text}` is no number"))),
        _ => text_of(value).and(Err(because("it is no number".to_owned()))),
    }
}

fn described(reference: &Reference) -> String {
    match &reference.attribute {
        Some(attribute) => format!("{}.{attribute}", reference.name),
        None => reference.name.to_string(),
    }
}

fn because(why: String) -> Arc<Unknown> {
    Arc::new(Unknown::Because(why.into()))
}
