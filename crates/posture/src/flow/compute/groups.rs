//! Whom a network lets in: stores whose security groups take traffic from this code's.

use super::super::beanstalk;
use super::super::behind::behind;
use super::super::store::{Spoken, spoken};
use super::Far;
use super::settings::{of_other, templates};
use crate::path::Path;
use crate::span::Span;
use crate::subject::{Seen, Subject};
use crate::value::Value;

/// The stores whose security groups let this code in.
pub fn far_ends<'g>(compute: &Subject<'g>) -> Vec<Far<'g>> {
    let mut found: Vec<Far<'g>> = Vec::new();
    for own in groups(compute) {
        for (group, at) in admitting(&own) {
            let stores = group.graph.referring(group.id).filter_map(|(id, _)| compute.of(id));
            let driver = |store: &Subject<'g>| spoken(&store.resource.kind) == Some(Spoken::Driver);
            for store in
                stores.filter(|store| driver(store) && groups(store).iter().any(|it| it.id == group.id))
            {
                let end = store.of(behind(&store)).unwrap_or(store);
                if !found.iter().any(|known| known.end.id == end.id) {
                    found.push(Far::new(end, "a security group", at));
                }
            }
        }
    }
    found
}

/// The security groups of code or of a store.
pub fn groups<'g>(subject: &Subject<'g>) -> Vec<Subject<'g>> {
    let own = path_to_groups(&subject.resource.kind);
    let of = |subject: &Subject<'g>, path: &Path| {
        let values = subject.all(path).into_iter().filter_map(Seen::known);
        values.flat_map(|value| subject.targets(value)).collect::<Vec<_>>()
    };
    let mut groups = own.map(|path| of(subject, path)).unwrap_or_default();
    if &*subject.resource.kind == beanstalk::ENVIRONMENT {
        groups.extend(beanstalk::of_instances(subject, "SecurityGroups"));
    }
    for template in templates(subject) {
        groups.extend(of(&template, path!("LaunchTemplateData.SecurityGroupIds[]")));
    }
    if &*subject.resource.kind == "AWS::AutoScaling::AutoScalingGroup" {
        for launched in of_other(subject, path!("LaunchConfigurationName")) {
            groups.extend(of(&launched, path!("SecurityGroups[]")));
        }
    }
    groups
}

/// Where types of compute and stores name their security groups.
fn path_to_groups(kind: &str) -> Option<&'static Path> {
    Some(match kind {
        "AWS::Lambda::Function" | "AWS::CodeBuild::Project" => path!("VpcConfig.SecurityGroupIds[]"),
        "AWS::ECS::Service" => path!("NetworkConfiguration.AwsvpcConfiguration.SecurityGroups[]"),
        "AWS::RDS::DBInstance" => path!("VPCSecurityGroups[]"),
        "AWS::RDS::DBCluster"
        | "AWS::RDS::DBProxy"
        | "AWS::DocDB::DBCluster"
        | "AWS::Neptune::DBCluster"
        | "AWS::Redshift::Cluster" => path!("VpcSecurityGroupIds[]"),
        "AWS::ElastiCache::CacheCluster" => path!("VpcSecurityGroupIds[]"),
        "AWS::EC2::Instance"
        | "AWS::ElastiCache::ReplicationGroup"
        | "AWS::ElastiCache::ServerlessCache"
        | "AWS::MemoryDB::Cluster"
        | "AWS::RedshiftServerless::Workgroup"
        | "AWS::DAX::Cluster" => path!("SecurityGroupIds[]"),
        "AWS::MSK::Cluster" => path!("BrokerNodeGroupInfo.SecurityGroups[]"),
        "AWS::AmazonMQ::Broker" => path!("SecurityGroups[]"),
        "AWS::OpenSearchService::Domain" | "AWS::Elasticsearch::Domain" => {
            path!("VPCOptions.SecurityGroupIds[]")
        }
        _ => return None,
    })
}

/// The groups that let in traffic from this one, each with the place that says so.
fn admitting<'g>(source: &Subject<'g>) -> Vec<(Subject<'g>, Span)> {
    let mut found = Vec::new();
    for rule in source.graph.referring(source.id).filter_map(|(id, _)| source.of(id)) {
        match &*rule.resource.kind {
            "AWS::EC2::SecurityGroup" => {
                let named = rule.all(path!("SecurityGroupIngress[].SourceSecurityGroupId"));
                let at = named.into_iter().filter_map(Seen::known).find(|value| names(&rule, value, source));
                found.extend(at.map(|value| (rule, value.at)));
            }
            "AWS::EC2::SecurityGroupIngress" => {
                let Some(value) = rule.value(path!("SourceSecurityGroupId")).known() else { continue };
                if names(&rule, value, source) {
                    found
                        .extend(of_other(&rule, path!("GroupId")).into_iter().map(|group| (group, value.at)));
                }
            }
            _ => {}
        }
    }
    found
}

fn names<'g>(subject: &Subject<'g>, value: &'g Value, group: &Subject<'g>) -> bool {
    subject.targets(value).iter().any(|target| target.id == group.id)
}
