//! The parameter group of a database: found by reference or by name, or the engine's own.

use std::sync::Arc;

use crate::graph::Resource;
use crate::path::Path;
use crate::span::Span;
use crate::subject::{Seen, Subject, text_of};
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
            Seen::Known(value, at) => {
                if let Some(target) = database.target(value)
                    && *target.resource.kind == *self.group
                {
                    return match target.exists() {
                        Some(true) => Group::Declared(target),
                        _ => Group::Unknown(because("the parameter group is not there in every case"), at),
                    };
                }
                match text_of(value) {
                    Err(why) => Group::Unknown(why, at),
                    Ok(name) if name.to_ascii_lowercase().starts_with("default.") => {
                        Group::Default(Some(name), at)
                    }
                    Ok(name) => self.named(database, &name).map_or_else(
                        || {
                            Group::Unknown(
                                because(&format!("parameter group {name} is not declared here")),
                                at,
                            )
                        },
                        Group::Declared,
                    ),
                }
            }
        }
    }

    /// Whether any database in the code uses a group; then it is judged there.
    pub(super) fn is_used(&self, group: &Subject<'_>) -> bool {
        let uses = |resource: &Resource| *self.database == *resource.kind;
        if group.graph.referring(group.id).any(|(_, resource)| uses(resource)) {
            return true;
        }
        let Some(name) = group.text((self.name)()).known() else { return false };
        let mut databases = group.graph.of_kind(self.database).filter_map(|(id, _)| group.of(id));
        databases.any(|database| database.text((self.property)()).known().is_some_and(|used| used == name))
    }

    fn named<'g>(&self, database: &Subject<'g>, name: &str) -> Option<Subject<'g>> {
        let mut groups = database.graph.of_kind(self.group).filter_map(|(id, _)| database.of(id));
        groups.find(|group| {
            let known = group.text((self.name)()).known();
            // RDS keeps such names in lower case.
            known.is_some_and(|known| known.eq_ignore_ascii_case(name)) && group.exists() == Some(true)
        })
    }
}

fn because(why: &str) -> Arc<Unknown> {
    Arc::new(Unknown::Because(why.into()))
}
