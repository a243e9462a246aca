//! The resource that a property means: by reference, or by a name that is written in both.

use std::sync::Arc;

use crate::path::Path;
use crate::subject::{Subject, text_of};
use crate::value::{Unknown, Value};

/// What a property means.
pub(super) enum Meant<'g> {
    /// A resource in the code.
    Declared(Subject<'g>),
    /// Something that has this name, and is not in the code.
    Elsewhere(Arc<str>),
    /// Nobody can tell.
    Unknown(Arc<Unknown>),
}

/// The resource of a kind that a value means; its name is at a path of its own. The case of names does not matter:
/// AWS keeps most of them in lower case.
pub(super) fn meant<'g>(subject: &Subject<'g>, value: &'g Value, kind: &str, name: &Path) -> Meant<'g> {
    if let Some(target) = subject.target(value)
        && *target.resource.kind == *kind
    {
        return match target.exists() {
            Some(true) => Meant::Declared(target),
            _ => Meant::Unknown(Arc::new(Unknown::Because(
                format!("{} is not there in every case", target.resource.name).into(),
            ))),
        };
    }
    let text = match text_of(value) {
        Ok(text) => text,
        Err(why) => return Meant::Unknown(why),
    };
    let mut all = subject.graph.of_kind(kind).filter_map(|(id, _)| subject.of(id));
    let declared = all.find(|resource| {
        let known = resource.text(name).known();
        known.is_some_and(|known| known.eq_ignore_ascii_case(&text)) && resource.exists() == Some(true)
    });
    declared.map_or(Meant::Elsewhere(text), Meant::Declared)
}

/// Whether any resource of a kind means this one by a property.
pub(super) fn is_meant(subject: &Subject<'_>, kind: &str, property: &Path, name: &Path) -> bool {
    if subject.graph.referring(subject.id).any(|(_, resource)| *resource.kind == *kind) {
        return true;
    }
    let Some(name) = subject.text(name).known() else { return false };
    let mut all = subject.graph.of_kind(kind).filter_map(|(id, _)| subject.of(id));
    all.any(|resource| resource.text(property).known().is_some_and(|used| used.eq_ignore_ascii_case(&name)))
}
