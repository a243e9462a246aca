//! Caches that are copied to other Regions.

use super::hop::Hop;
use super::party::Party;
use super::way::Way;
use crate::subject::{Seen, Subject, text_of};

/// The hops from the primary of a global datastore to its secondaries.
pub fn hops(global: &Subject<'_>) -> Vec<Hop> {
    let members = global.all(path!("Members[]")).into_iter().filter_map(Seen::known);
    let (mut primary, mut secondaries) = (None, Vec::new());
    for member in members {
        let role = global.value_in(member, path!("Role")).and_then(text_of).known();
        let group = global.value_in(member, path!("ReplicationGroupId")).known();
        let Some(group) = group.and_then(|group| global.targets(group).into_iter().next()) else { continue };
        match role.is_none_or(|role| role.eq_ignore_ascii_case("PRIMARY")) && primary.is_none() {
            true => primary = Some(group),
            false => secondaries.push((group, member.at)),
        }
    }
    let pointing =
        global.pointed_at_by("AWS::ElastiCache::ReplicationGroup", path!("GlobalReplicationGroupId"));
    secondaries.extend(pointing.into_iter().map(|group| (group, group.resource.at)));
    let Some(primary) = primary else { return Vec::new() };
    let way = Way::by_aws("ElastiCache encrypts what a global datastore sends to other Regions");
    let to = |(group, at): (Subject<'_>, _)| {
        Hop::new(Party::Resource(primary.id), Party::Resource(group.id), way.clone(), at)
    };
    secondaries.into_iter().filter(|(group, _)| group.id != primary.id).map(to).collect()
}
