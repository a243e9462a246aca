//! Whom a network lets in: stores whose security groups take traffic from this code's.

use super::super::store::{Spoken, is_store, spoken};
use super::Far;
use crate::graph::ResourceId;
use crate::path::Path;
use crate::span::Span;
use crate::subject::{Seen, Subject};

/// Where types of compute and stores name their security groups.
const GROUPS: [(&str, &str); 14] = [
    ("AWS::Lambda::Function", "VpcConfig.SecurityGroupIds[]"),
    ("AWS::ECS::Service", "NetworkConfiguration.AwsvpcConfiguration.SecurityGroups[]"),
    ("AWS::EC2::Instance", "SecurityGroupIds[]"),
    ("AWS::RDS::DBInstance", "VPCSecurityGroups[]"),
    ("AWS::RDS::DBCluster", "VpcSecurityGroupIds[]"),
    ("AWS::RDS::DBProxy", "VpcSecurityGroupIds[]"),
    ("AWS::ElastiCache::ReplicationGroup", "SecurityGroupIds[]"),
    ("AWS::ElastiCache::CacheCluster", "VpcSecurityGroupIds[]"),
    ("AWS::MemoryDB::Cluster", "SecurityGroupIds[]"),
    ("AWS::DocDB::DBCluster", "VpcSecurityGroupIds[]"),
    ("AWS::Neptune::DBCluster", "VpcSecurityGroupIds[]"),
    ("AWS::Redshift::Cluster", "VpcSecurityGroupIds[]"),
    ("AWS::MSK::Cluster", "BrokerNodeGroupInfo.SecurityGroups[]"),
    ("AWS::DAX::Cluster", "SecurityGroupIds[]"),
];

/// The stores whose security groups let this code in.
pub fn far_ends<'g>(compute: &Subject<'g>) -> Vec<Far<'g>> {
    let own = groups_of(compute);
    if own.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<Far<'g>> = Vec::new();
    let stores = compute.graph.resources().filter(|(_, resource)| is_store(&resource.kind));
    for store in stores.filter_map(|(id, _)| compute.of(id)) {
        let driver = spoken(&store.resource.kind) == Some(Spoken::Driver);
        let let_in = groups_of(&store).iter().find_map(|group| admits(&store.of(*group)?, &own));
        if let (true, Some(at)) = (driver, let_in) {
            let end = store.of(super::super::api::behind(&store)).unwrap_or(store);
            if !found.iter().any(|known| known.end.id == end.id) {
                found.push(Far { end, wish: None, how: "a security group", at });
            }
        }
    }
    found
}

fn groups_of(subject: &Subject<'_>) -> Vec<ResourceId> {
    let Some((_, path)) = GROUPS.iter().find(|(kind, _)| *kind == &*subject.resource.kind) else {
        return Vec::new();
    };
    let values = subject.all(&Path::of(path)).into_iter().filter_map(Seen::known);
    values.flat_map(|value| subject.targets(value)).map(|group| group.id).collect()
}

/// Where a group lets in one of these; none where it does not.
fn admits(group: &Subject<'_>, sources: &[ResourceId]) -> Option<Span> {
    let inline = group.all(&Path::of("SecurityGroupIngress[].SourceSecurityGroupId"));
    let mut named: Vec<_> = inline.into_iter().filter_map(Seen::known).map(|value| (*group, value)).collect();
    for rule in group.pointed_at_by("AWS::EC2::SecurityGroupIngress", &Path::of("GroupId")) {
        let source = rule.value(&Path::of("SourceSecurityGroupId")).known();
        named.extend(source.map(|source| (rule, source)));
    }
    let admitted = |(subject, value): &(Subject<'_>, &crate::value::Value)| {
        subject.targets(value).iter().any(|target| sources.contains(&target.id))
    };
    named.iter().find(|named| admitted(named)).map(|(_, value)| value.at)
}
