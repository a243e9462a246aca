//! The party that a resource stands for: aliases and versions are their function, listeners their balancer.

use crate::graph::ResourceId;
use crate::path::Path;
use crate::subject::{Seen, Subject};

use super::party::role;

/// The party that a resource stands for; itself where it stands for no other.
pub fn behind(subject: &Subject<'_>) -> ResourceId {
    let mut here = *subject;
    // An alias of a version of a function is the longest that there is.
    for _ in 0..3 {
        match next(&here) {
            Some(next) if next.id != here.id => here = next,
            _ => break,
        }
    }
    here.id
}

/// The party that a resource stands for, where it is one at all.
pub fn party<'g>(subject: &Subject<'g>) -> Option<Subject<'g>> {
    subject.of(behind(subject)).filter(|party| role(&party.resource.kind).is_some())
}

fn next<'g>(subject: &Subject<'g>) -> Option<Subject<'g>> {
    let first = |path: &Path| {
        let value = subject.all(path).into_iter().find_map(Seen::known)?;
        subject.targets(value).into_iter().next()
    };
    match &*subject.resource.kind {
        "AWS::Lambda::Alias" | "AWS::Lambda::Version" => first(path!("FunctionName")),
        "AWS::Lambda::Url" => first(path!("TargetFunctionArn")),
        "AWS::ElasticLoadBalancingV2::Listener" => first(path!("LoadBalancerArn")),
        "AWS::RDS::DBInstance" | "AWS::DocDB::DBInstance" | "AWS::Neptune::DBInstance" => {
            first(path!("DBClusterIdentifier"))
        }
        "AWS::RDS::DBProxyTargetGroup" | "AWS::RDS::DBProxyEndpoint" => first(path!("DBProxyName")),
        "AWS::ApiGateway::Stage" | "AWS::ApiGateway::Deployment" => first(path!("RestApiId")),
        "AWS::ApiGatewayV2::Stage" => first(path!("ApiId")),
        "AWS::StepFunctions::StateMachineAlias" => {
            first(path!("RoutingConfiguration[].StateMachineVersionArn"))
        }
        "AWS::StepFunctions::StateMachineVersion" => first(path!("StateMachineArn")),
        "AWS::EFS::AccessPoint" | "AWS::EFS::MountTarget" => first(path!("FileSystemId")),
        "AWS::S3::AccessPoint" => first(path!("Bucket")),
        "AWS::GlobalAccelerator::Listener" => first(path!("AcceleratorArn")),
        "AWS::AppMesh::VirtualNode" => in_mesh(subject),
        _ => None,
    }
}

/// The service whose task is this node of a mesh: its agent is told the node's name.
fn in_mesh<'g>(node: &Subject<'g>) -> Option<Subject<'g>> {
    let referring = node.graph.referring(node.id).filter_map(|(id, _)| node.of(id));
    let task = referring.into_iter().find(|other| &*other.resource.kind == "AWS::ECS::TaskDefinition")?;
    let services = task.pointed_at_by("AWS::ECS::Service", path!("TaskDefinition"));
    Some(services.into_iter().next().unwrap_or(task))
}
