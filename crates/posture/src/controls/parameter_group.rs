//! The parameter group of a database: found by reference or by name, or the engine's own.

use std::sync::Arc;

use crate::controls::relation::{Meant, is_meant, meant};
use crate::path::Path;
use crate::span::Span;
use crate::subject::{Seen, Subject};
use crate::value::Unknown;

/// How databases of a kind and their parameter groups find each other.
pub(super) struct Attachment {
    /// The type of what uses a group.
    pub database: &'static str,
    /// The property that says which.
    pub property: fn() -> &'static Path,
    /// The type of the group.
    pub group: &'static str,
    /// The property that has its name.
    pub name: fn() -> &'static Path,
}

/// The group that a database uses.
pub(super) enum Group<'g> {
    /// The one that AWS has for each engine, by the name that was written where one was.
    Default(Option<Arc<str>>, Span),
    /// One that is declared in the code.
    Declared(Subject<'g>),
    /// Nobody can tell.
    Unknown(Arc<Unknown>, Span),
}

impl Attachment {
    /// The group of a database.
    pub(super) fn of<'g>(&self, database: &Subject<'g>) -> Group<'g> {
        match database.value((self.property)()) {
            Seen::Absent(at) => Group::Default(None, at),
            Seen::Unknown(why, at) => Group::Unknown(why, at),
            Seen::Known(value, at) => match meant(database, value, self.group, (self.name)()) {
                Meant::Declared(group) => Group::Declared(group),
                Meant::Elsewhere(name) if name.to_ascii_lowercase().starts_with("default.") => {
                    Group::Default(Some(name), at)
                }
                Meant::Elsewhere(name) => {
                    let why = format!("parameter group {name} is not declared here");
                    Group::Unknown(Arc::new(Unknown::Because(why.into())), at)
                }
                Meant::Unknown(why) => Group::Unknown(why, at),
            },
        }
    }

    /// Whether any database in the code uses a group; then it is judged there.
    pub(super) fn is_used(&self, group: &Subject<'_>) -> bool {
        is_meant(group, self.database, (self.property)(), (self.name)())
    }
}
