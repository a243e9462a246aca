//! What code may do: the stores that the policies of its role name.

use super::super::store::{Spoken, spoken};
use super::Far;
use crate::path::Path;
use crate::subject::{Seen, Subject};
use crate::value::{Node, Value};

/// The stores of AWS's own APIs that the role of this code may use.
pub fn far_ends<'g>(compute: &Subject<'g>) -> Vec<Far<'g>> {
    let mut found: Vec<Far<'g>> = Vec::new();
    for role in roles(compute) {
        let own = role.all(&Path::of("Policies[].PolicyDocument")).into_iter().filter_map(Seen::known);
        let mut documents: Vec<(Subject<'g>, &'g Value)> = own.map(|document| (role, document)).collect();
        for kind in ["AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"] {
            for policy in role.pointed_at_by(kind, &Path::of("Roles[]")) {
                let document = policy.value(&Path::of("PolicyDocument")).known();
                documents.extend(document.map(|document| (policy, document)));
            }
        }
        for policy in role.all(&Path::of("ManagedPolicyArns[]")).into_iter().filter_map(Seen::known) {
            for policy in role.targets(policy) {
                let document = policy.value(&Path::of("PolicyDocument")).known();
                documents.extend(document.map(|document| (policy, document)));
            }
        }
        for (subject, document) in documents {
            allowed(&subject, document, &mut found);
        }
    }
    found
}

fn roles<'g>(compute: &Subject<'g>) -> Vec<Subject<'g>> {
    let of = |subject: &Subject<'g>, path: &'static str| {
        let role = subject.value(&Path::of(path)).known();
        role.map(|role| subject.targets(role)).unwrap_or_default()
    };
    match &*compute.resource.kind {
        "AWS::Lambda::Function" => of(compute, "Role"),
        "AWS::StepFunctions::StateMachine" => of(compute, "RoleArn"),
        "AWS::AppRunner::Service" => of(compute, "InstanceConfiguration.InstanceRoleArn"),
        "AWS::ECS::Service" => {
            of(compute, "TaskDefinition").iter().flat_map(|task| of(task, "TaskRoleArn")).collect()
        }
        "AWS::EC2::Instance" => of(compute, "IamInstanceProfile")
            .iter()
            .flat_map(|profile| {
                let roles = profile.all(&Path::of("Roles[]")).into_iter().filter_map(Seen::known);
                roles.flat_map(|role| profile.targets(role)).collect::<Vec<_>>()
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn allowed<'g>(subject: &Subject<'g>, document: &'g Value, found: &mut Vec<Far<'g>>) {
    for statement in subject.below(document, &Path::of("Statement[]")).into_iter().filter_map(Seen::known) {
        let effect = statement.entry("Effect").map(|effect| subject.resolve(effect));
        let allows =
            effect.is_some_and(|effect| matches!(&effect.node, Node::Text(text) if &**text == "Allow"));
        let resource = statement.entry("Resource").filter(|_| allows);
        let mut targets = Vec::new();
        if let Some(resource) = resource {
            named(subject, resource, &mut targets);
        }
        for (end, at) in targets {
            let store = spoken(&end.resource.kind) == Some(Spoken::Api);
            if store && !found.iter().any(|known| known.end.id == end.id) {
                found.push(Far { end, wish: None, how: "a policy of its role", at });
            }
        }
    }
}

fn named<'g>(subject: &Subject<'g>, value: &'g Value, targets: &mut Vec<(Subject<'g>, crate::span::Span)>) {
    let value = subject.resolve(value);
    match &value.node {
        Node::List(list) => list.iter().for_each(|value| named(subject, value, targets)),
        _ => targets.extend(subject.targets(value).into_iter().map(|target| (target, value.at))),
    }
}
