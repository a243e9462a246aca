//! What code may do: the stores, functions and state machines that the policies of its role name.

use super::super::beanstalk;
use super::super::behind::behind;
use super::super::store::{Spoken, spoken};
use super::Far;
use super::settings::{of_other, templates};
use crate::span::Span;
use crate::subject::{Seen, Subject, text_of};
use crate::value::{Node, Value};

/// What is used by AWS's own APIs, and what the role of this code may use of it.
pub fn far_ends<'g>(compute: &Subject<'g>) -> Vec<Far<'g>> {
    let mut found: Vec<Far<'g>> = Vec::new();
    for role in roles(compute) {
        let own = role.all(path!("Policies[].PolicyDocument")).into_iter().filter_map(Seen::known);
        let mut documents: Vec<(Subject<'g>, &'g Value)> = own.map(|document| (role, document)).collect();
        for kind in ["AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"] {
            for policy in role.pointed_at_by(kind, path!("Roles[]")) {
                let document = policy.value(path!("PolicyDocument")).known();
                documents.extend(document.map(|document| (policy, document)));
            }
        }
        for policy in role.all(path!("ManagedPolicyArns[]")).into_iter().filter_map(Seen::known) {
            for policy in role.targets(policy) {
                let document = policy.value(path!("PolicyDocument")).known();
                documents.extend(document.map(|document| (policy, document)));
            }
        }
        for (subject, document) in documents {
            allowed(compute, &subject, document, &mut found);
        }
    }
    found
}

fn roles<'g>(compute: &Subject<'g>) -> Vec<Subject<'g>> {
    match &*compute.resource.kind {
        "AWS::Lambda::Function" => of_other(compute, path!("Role")),
        "AWS::StepFunctions::StateMachine" => of_other(compute, path!("RoleArn")),
        "AWS::AppRunner::Service" => of_other(compute, path!("InstanceConfiguration.InstanceRoleArn")),
        "AWS::Batch::JobDefinition" => of_other(compute, path!("ContainerProperties.JobRoleArn")),
        "AWS::CodeBuild::Project" => of_other(compute, path!("ServiceRole")),
        "AWS::ECS::TaskDefinition" => of_other(compute, path!("TaskRoleArn")),
        "AWS::ECS::Service" => {
            let tasks = of_other(compute, path!("TaskDefinition"));
            tasks.iter().flat_map(|task| of_other(task, path!("TaskRoleArn"))).collect()
        }
        "AWS::EC2::Instance" | "AWS::AutoScaling::AutoScalingGroup" | beanstalk::ENVIRONMENT => {
            profiles(compute).iter().flat_map(of_profile).collect()
        }
        _ => Vec::new(),
    }
}

fn profiles<'g>(compute: &Subject<'g>) -> Vec<Subject<'g>> {
    let mut profiles = Vec::new();
    if &*compute.resource.kind == beanstalk::ENVIRONMENT {
        profiles.extend(beanstalk::of_instances(compute, "IamInstanceProfile"));
    } else if &*compute.resource.kind == "AWS::EC2::Instance" {
        profiles.extend(of_other(compute, path!("IamInstanceProfile")));
    } else {
        for launched in of_other(compute, path!("LaunchConfigurationName")) {
            profiles.extend(of_other(&launched, path!("IamInstanceProfile")));
        }
    }
    for template in templates(compute) {
        profiles.extend(of_other(&template, path!("LaunchTemplateData.IamInstanceProfile.Name")));
        profiles.extend(of_other(&template, path!("LaunchTemplateData.IamInstanceProfile.Arn")));
    }
    profiles
}

fn of_profile<'g>(profile: &Subject<'g>) -> Vec<Subject<'g>> {
    let roles = profile.all(path!("Roles[]")).into_iter().filter_map(Seen::known);
    roles.flat_map(|role| profile.targets(role)).collect()
}

fn allowed<'g>(compute: &Subject<'g>, subject: &Subject<'g>, document: &'g Value, found: &mut Vec<Far<'g>>) {
    if let Node::Pieces(pieces) = &subject.resolve(document).node {
        return referred(subject, pieces, found);
    }
    for statement in subject.below(document, path!("Statement[]")).into_iter().filter_map(Seen::known) {
        let effect = subject.value_in(statement, path!("Effect")).and_then(text_of).known();
        if effect.as_deref() != Some("Allow") {
            continue;
        }
        let mut targets = Vec::new();
        if let Some(resource) = statement.entry("Resource") {
            named(subject, resource, &mut targets);
        }
        for (end, at) in targets {
            let Some(end) = end.of(behind(&end)).filter(|end| {
                is_used(subject, statement, end) && !is_for_the_poller(compute, subject, statement, end)
            }) else {
                continue;
            };
            if !found.iter().any(|known| known.end.id == end.id) {
                found.push(Far::new(end, "a policy of its role", at));
            }
        }
    }
}

/// Of a policy that Terraform knows after apply alone a plan tells whom it refers to.
fn referred<'g>(subject: &Subject<'g>, pieces: &'g [Value], found: &mut Vec<Far<'g>>) {
    for piece in pieces {
        for target in subject.targets(piece) {
            let Some(end) = target.of(behind(&target)) else { continue };
            let is_new = !found.iter().any(|known| known.end.id == end.id);
            if is_new && spoken(&end.resource.kind) == Some(Spoken::Api) {
                found.push(Far::new(end, "a policy of its role", piece.at));
            }
        }
    }
}

/// Whether what is allowed moves data: any use of a store, and calls of a function or state machine.
fn is_used<'g>(subject: &Subject<'g>, statement: &'g Value, end: &Subject<'g>) -> bool {
    let calls: &[&str] = match &*end.resource.kind {
        "AWS::Lambda::Function" => &["lambda:invoke", "lambda:*"],
        "AWS::StepFunctions::StateMachine" => &["states:start", "states:*"],
        kind => return spoken(kind) == Some(Spoken::Api),
    };
    actions(subject, statement)
        .any(|action| action == "*" || calls.iter().any(|call| action.starts_with(call)))
}

/// What Lambda's poller needs to read a queue or stream. It takes the function's leave for that, and the function has no
/// way there of its own.
const POLLED: [&str; 12] = [
    "sqs:receivemessage",
    "sqs:deletemessage",
    "sqs:changemessagevisibility",
    "sqs:getqueueattributes",
    "sqs:getqueueurl",
    "kinesis:getrecords",
    "kinesis:getsharditerator",
    "kinesis:describestream",
    "kinesis:describestreamsummary",
    "kinesis:listshards",
    "kinesis:liststreams",
    "kinesis:subscribetoshard",
];

fn is_for_the_poller<'g>(
    compute: &Subject<'g>,
    subject: &Subject<'g>,
    statement: &'g Value,
    end: &Subject<'g>,
) -> bool {
    let mappings = compute.pointed_at_by("AWS::Lambda::EventSourceMapping", path!("FunctionName"));
    mappings.iter().any(|mapping| end.is_target_of(mapping, path!("EventSourceArn")))
        && actions(subject, statement).all(|action| POLLED.contains(&action.as_str()))
}

/// The actions of a statement that are known, in lower case.
fn actions<'g>(subject: &Subject<'g>, statement: &'g Value) -> impl Iterator<Item = String> {
    let actions = subject.below(statement, path!("Action[]")).into_iter().filter_map(Seen::known);
    actions.filter_map(|action| Some(text_of(action).ok()?.to_ascii_lowercase()))
}

fn named<'g>(subject: &Subject<'g>, value: &'g Value, targets: &mut Vec<(Subject<'g>, Span)>) {
    let value = subject.resolve(value);
    match &value.node {
        Node::List(list) => list.iter().for_each(|value| named(subject, value, targets)),
        _ => targets.extend(subject.targets(value).into_iter().map(|target| (target, value.at))),
    }
}
