//! Policies of an organization that refuse cleartext in its member accounts.

use crate::control::Control;
use crate::policy::{self, Asked, Denials, Place, Reading, Renderer};
use crate::subject::{Seen, Subject, text_of};
use crate::value::{Node, Value};
use crate::verdict::Judgement;

/// Whether a resource control policy refuses cleartext to all services that are asked for, for everybody.
pub(super) fn judge_resource_control_policy(control: &Control, subject: &Subject<'_>) -> Judgement {
    judge(control, subject, "RESOURCE_CONTROL_POLICY")
}

/// Whether a service control policy refuses cleartext to the organization's own principals.
pub(super) fn judge_service_control_policy(control: &Control, subject: &Subject<'_>) -> Judgement {
    judge(control, subject, "SERVICE_CONTROL_POLICY")
}

/// What the resource control policies of the graph deny in the account of a resource: surely where they are attached to
/// a root, else perhaps.
pub(in crate::controls) fn resource_control_policies(subject: &Subject<'_>) -> Vec<Denials> {
    let policies = subject.graph.of_kind("AWS::Organizations::Policy").filter_map(|(id, _)| subject.of(id));
    let of_type = policies.filter(|policy| {
        let kind = policy.at("Type").and_then(text_of).known();
        kind.as_deref() == Some("RESOURCE_CONTROL_POLICY") && policy.exists() != Some(false)
    });
    let denials = of_type.filter_map(|policy| {
        let denials = read(&policy)?.ok()?;
        match reach(&policy) {
            Reach::Root if policy.exists().is_some() => Some(denials),
            Reach::Root | Reach::Part => Some(denials.perhaps()),
            Reach::Nothing => None,
        }
    });
    denials.collect()
}

fn judge(control: &Control, subject: &Subject<'_>, kind: &str) -> Judgement {
    match subject.at("Type").and_then(text_of) {
        Seen::Known(known, _) if &*known == kind => {}
        Seen::Unknown(why, at) => return Judgement::unknown(format!("Type: {why}"), at),
        _ => return Judgement::not_applicable(),
    }
    let at = subject.at("Content").at();
    let denials = match read(subject) {
        Some(Ok(denials)) => [denials],
        Some(Err(why)) => return Judgement::unknown(format!("the policy can't be read: {why}"), at),
        None => return Judgement::fail("it has no Content", at),
    };
    let ask =
        |arn: String| policy::denied(&Asked { denials: &denials, arn: &arn, actions: &[], floor: None, at });
    let of_service = |service: &str| match examples_of(service) {
        [] => Judgement::unknown(format!("what `{service}` can do is not known here"), at),
        examples => examples.iter().map(|resource| ask(format!("arn:aws:{resource}"))).collect(),
    };
    let proved: Judgement = control.listed("services").into_iter().map(of_service).collect();
    proved.and(attached(subject))
}

fn attached(subject: &Subject<'_>) -> Judgement {
    let at = subject.at("TargetIds").at();
    match reach(subject) {
        Reach::Root => Judgement::pass("it is attached to the root", at),
        Reach::Part => {
            Judgement::unknown("whether it reaches every account is not known: it is attached to no root", at)
        }
        Reach::Nothing => Judgement::fail("it is attached to nothing (TargetIds is not set)", at),
    }
}

fn read(policy: &Subject<'_>) -> Option<Result<Denials, String>> {
    let content = policy.written("Content").into_iter().next()?;
    let reading = Reading { service_exemption: true, short: None };
    Some(policy::read(&Renderer::new(*policy, Place::default()), content, reading))
}

/// How far a policy reaches.
enum Reach {
    /// All member accounts.
    Root,
    /// Some, and here nobody can tell whether these are all.
    Part,
    Nothing,
}

fn reach(policy: &Subject<'_>) -> Reach {
    let targets = policy.written("TargetIds[]");
    if targets.iter().any(|target| is_root(target)) {
        Reach::Root
    } else if targets.is_empty() {
        Reach::Nothing
    } else {
        Reach::Part
    }
}

fn is_root(target: &Value) -> bool {
    match &target.node {
        Node::Text(id) => id.starts_with("r-"),
        Node::Reference(reference) => reference.attribute.as_deref() == Some("RootId"),
        _ => false,
    }
}

/// Resources of a service, of which a policy for all accounts knows nothing; none of a service that is not known.
fn examples_of(service: &str) -> &'static [&'static str] {
    match service {
        "s3" => &["s3:::any-bucket"],
        "sqs" => &["sqs:us-east-1:111122223333:any-queue"],
        "kms" => &["kms:us-east-1:111122223333:key/any-key"],
        "secretsmanager" => &["secretsmanager:us-east-1:111122223333:secret:any-secret-a1b2c3"],
        "sts" => &["sts::111122223333:self", "sts::111122223333:federated-user/anybody"],
        "dynamodb" => &["dynamodb:us-east-1:111122223333:table/any-table"],
        "ecr" => &["ecr:us-east-1:111122223333:repository/any-repository"],
        "sns" => &["sns:us-east-1:111122223333:any-topic"],
        "lambda" => &["lambda:us-east-1:111122223333:function:any-function"],
        _ => &[],
    }
}
