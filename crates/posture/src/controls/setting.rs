//! The value of a named setting: from a map of names, or from a list of names and values.

use std::sync::Arc;

use crate::path::Path;
use crate::span::Span;
use crate::subject::{Seen, Subject, text_of};
use crate::value::{Map, Node, Unknown, Value};

/// The setting of that name, whatever its case, in the map at a path.
pub(super) fn in_map(subject: &Subject<'_>, map: &Path, name: &str) -> Seen<Arc<str>> {
    match subject.value(map) {
        Seen::Known(value, at) => match &value.node {
            Node::Map(map) => in_entries(subject, map, name).unwrap_or(Seen::Absent(at)),
            _ => Seen::Unknown(because(format!("it is no map, so {name} is not known")), at),
        },
        Seen::Absent(at) => Seen::Absent(at),
        Seen::Unknown(why, at) => Seen::Unknown(why, at),
    }
}

/// The setting of that name, whatever its case, in the list at a path, whose elements have a name and a value.
pub(super) fn in_list(
    subject: &Subject<'_>,
    list: &Path,
    keys: (&Path, &Path),
    name: &str,
) -> Seen<Arc<str>> {
    among(subject, subject.all(list), keys, name, subject.resource.at)
}

/// The same in a list below any value.
pub(super) fn below(
    subject: &Subject<'_>,
    value: &Value,
    list: &Path,
    keys: (&Path, &Path),
    name: &str,
) -> Seen<Arc<str>> {
    among(subject, subject.below(value, list), keys, name, value.at)
}

fn among(
    subject: &Subject<'_>,
    elements: Vec<Seen<&Value>>,
    keys: (&Path, &Path),
    name: &str,
    owner: Span,
) -> Seen<Arc<str>> {
    let at = elements.first().map_or(owner, Seen::at);
    let mut found = Seen::Absent(at);
    for element in elements {
        match element {
            Seen::Known(element, _) => match named(subject, element, keys, name) {
                Seen::Absent(_) => {}
                seen @ Seen::Known(..) => return seen,
                seen @ Seen::Unknown(..) => found = seen,
            },
            Seen::Absent(_) => {}
            Seen::Unknown(why, at) => found = Seen::Unknown(why, at),
        }
    }
    found
}

/// The value of an element, where it has that name; a name that is not known may be it.
fn named(subject: &Subject<'_>, element: &Value, (key, value): (&Path, &Path), name: &str) -> Seen<Arc<str>> {
    let text = |path: &Path| match subject.below(element, path).into_iter().next() {
        Some(seen) => seen.and_then(text_of),
        None => Seen::Absent(element.at),
    };
    match text(key) {
        Seen::Known(known, _) if known.eq_ignore_ascii_case(name) => text(value),
        Seen::Known(_, at) | Seen::Absent(at) => Seen::Absent(at),
        unknown @ Seen::Unknown(..) => unknown,
    }
}

fn in_entries(subject: &Subject<'_>, map: &Map, name: &str) -> Option<Seen<Arc<str>>> {
    let (_, value) = map.entries.iter().find(|(key, _)| key.text.eq_ignore_ascii_case(name))?;
    Some(subject.seen(value).and_then(text_of))
}

fn because(why: String) -> Arc<Unknown> {
    Arc::new(Unknown::Because(why.into()))
}
