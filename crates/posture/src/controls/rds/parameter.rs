//! The parameters of a database, whichever control asks for them.

use std::sync::Arc;

use super::database::{CLUSTERS, INSTANCES, version};
use crate::controls::parameter_group::{Attachment, Group};
use crate::controls::setting;
use crate::subject::{Seen, Subject};
use crate::version::Version;

/// A parameter, as the database's group sets it; absent where the engine's own default holds.
pub(crate) fn parameter(database: &Subject<'_>, name: &str) -> Seen<Arc<str>> {
    match attachment(database).of(database) {
        Group::Declared(group) => setting::in_map(&group, path!("Parameters"), name),
        Group::Default(_, at) => Seen::Absent(at),
        Group::Unknown(why, at) => Seen::Unknown(why, at),
    }
}

/// The version, or the one that the family of its parameter group is for.
pub(crate) fn release(database: &Subject<'_>) -> Option<Version> {
    version(database).or_else(|| match attachment(database).of(database) {
        Group::Declared(group) => Version::at_end(&group.text(path!("Family")).known()?),
        Group::Default(name, _) => Version::at_end(&name?),
        Group::Unknown(..) => None,
    })
}

fn attachment(database: &Subject<'_>) -> &'static Attachment {
    if &*database.resource.kind == INSTANCES.database { &INSTANCES } else { &CLUSTERS }
}
