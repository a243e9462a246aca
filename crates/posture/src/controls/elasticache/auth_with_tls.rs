//! Replication groups that ask who their clients are, and over TLS alone.

use crate::control::Control;
use crate::path::Path;
use crate::subject::{Seen, Subject};
use crate::value::Node;
use crate::verdict::Judgement;

use super::global;

/// Judges a replication group.
pub(super) fn judge(_: &Control, group: &Subject<'_>) -> Judgement {
    global::by_primary(group, of_group)
}

fn of_group(group: &Subject<'_>) -> Judgement {
    let asked = is_set(group, path!("AuthToken")).or(is_set(group, path!("UserGroupIds")));
    let encrypted = match group.bool(path!("TransitEncryptionEnabled")) {
        Seen::Known(true, at) => Judgement::pass("clients authenticate over TLS", at),
        Seen::Known(false, at) | Seen::Absent(at) => Judgement::fail(
            "TransitEncryptionEnabled is not true, so what clients authenticate with is in clear text",
            at,
        ),
        Seen::Unknown(why, at) => Judgement::unknown(format!("TransitEncryptionEnabled: {why}"), at),
    };
    asked.and(encrypted)
}

/// A secret is set also where nobody can tell what it is.
fn is_set(group: &Subject<'_>, path: &Path) -> Judgement {
    match group.value(path) {
        Seen::Known(value, at) => match &value.node {
            Node::List(elements) if elements.is_empty() => Judgement::fail(format!("{path} is empty"), at),
            _ => Judgement::pass(format!("{path} is set"), at),
        },
        Seen::Absent(at) => {
            Judgement::fail(format!("{path} is not set, so clients need not say who they are"), at)
        }
        Seen::Unknown(why, at) if why.is_written() => Judgement::pass(format!("{path} is set"), at),
        Seen::Unknown(why, at) => Judgement::unknown(format!("{path}: {why}"), at),
    }
}
