//! Secondaries of a global datastore: they encrypt as their primary does, and can't say otherwise.

use std::sync::Arc;

use crate::control::Control;
use crate::subject::{Seen, Subject, text_of};
use crate::value::{Node, Unknown, Value};
use crate::verdict::Judgement;

/// Judges a replication group by the rules of the control, and a secondary by its primary.
pub(super) fn judge(control: &Control, group: &Subject<'_>) -> Judgement {
    by_primary(group, |group| control.judge_by_rules(group))
}

/// Judges the group that says how this one encrypts; unknown where that was not read.
pub(super) fn by_primary(group: &Subject<'_>, judge: impl Fn(&Subject<'_>) -> Judgement) -> Judgement {
    let written = group.written("TransitEncryptionEnabled").into_iter().next();
    let says_itself = written.is_some_and(|value| !is_after_apply(value));
    let global = group.value(path!("GlobalReplicationGroupId"));
    if says_itself || matches!(global, Seen::Absent(_)) {
        return judge(group);
    }
    let at = global.at();
    match primary_of(group) {
        Some(primary) if primary.id != group.id => judge(&primary),
        _ => Judgement::unknown(
            "it encrypts as the primary of its global datastore does, which was not read",
            at,
        ),
    }
}

/// The primary of the global datastore that a group is in.
pub(crate) fn primary_of<'g>(group: &Subject<'g>) -> Option<Subject<'g>> {
    let global = group.value(path!("GlobalReplicationGroupId")).known()?;
    primary(group, global)
}

/// Terraform knows it only once the group is there.
fn is_after_apply(value: &Value) -> bool {
    matches!(&value.node, Node::Unknown(why) if **why == Unknown::AfterApply)
}

fn primary<'g>(group: &Subject<'g>, global: &'g Value) -> Option<Subject<'g>> {
    let global = group.target(global)?;
    let members = global.all(path!("Members[]")).into_iter().filter_map(Seen::known);
    let mut primaries = members.filter(|member| {
        let role: Option<Arc<str>> = global.value_in(member, path!("Role")).and_then(text_of).known();
        role.is_none_or(|role| role.eq_ignore_ascii_case("PRIMARY"))
    });
    let id = global.value_in(primaries.next()?, path!("ReplicationGroupId")).known()?;
    global.target(id).filter(|primary| &*primary.resource.kind == "AWS::ElastiCache::ReplicationGroup")
}
