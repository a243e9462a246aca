//! Policies of an organization that refuse cleartext in its member accounts.

use crate::control::Control;
use crate::policy::{self, Asked, Denials, Place, Reading, Renderer};
use crate::subject::{Seen, Subject, text_of};
use crate::value::{Node, Value};
use crate::verdict::Judgement;

/// The type of policy that is about resources, whoever asks for them.
const RESOURCE_CONTROL: &str = "RESOURCE_CONTROL_POLICY";

/// Whether a resource control policy refuses cleartext to all services that are asked for, for everybody.
pub(super) fn judge_resource_control_policy(control: &Control, subject: &Subject<'_>) -> Judgement {
    judge(control, subject, RESOURCE_CONTROL)
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
        kind.as_deref() == Some(RESOURCE_CONTROL) && policy.exists() != Some(false)
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
    let of_service = |service: &str| -> Judgement {
        if kind == RESOURCE_CONTROL && !is_reached(service) {
            return Judgement::unknown(
                format!("resource control policies are not known to reach `{service}`"),
                at,
            );
        }
        let ask = |arn: String| {
            policy::denied(&Asked {
                denials: &denials,
                arn: &arn,
                by: Some(service),
                actions: &[],
                floor: None,
                at,
            })
        };
        examples_of(service).into_iter().map(ask).collect()
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

/// The ARNs of resources on which a service acts, of which a policy for all accounts knows nothing.
fn examples_of(service: &str) -> Vec<String> {
    match service {
        // What it gives credentials for is in IAM, but for who has them already.
        "sts" => ["iam::111122223333:role/any", "iam::111122223333:user/any", "iam::111122223333:root"]
            .into_iter()
            .chain(["sts::111122223333:self", "sts::111122223333:federated-user/any"])
            .map(|resource| format!("arn:aws:{resource}"))
            .collect(),
        "s3" => vec!["arn:aws:s3:::any-bucket".to_owned()],
        _ => vec![policy::any_of(service)],
    }
}

/// Whether resource control policies reach a service.
pub(in crate::controls) fn is_reached(service: &str) -> bool {
    REACHED.contains(&service)
}

/// The services that resource control policies reach (AWS Organizations user guide, resource control policies).
const REACHED: [&str; 62] = [
    "aoss",
    "appconfig",
    "appstream",
    "autoscaling",
    "autoscaling-plans",
    "budgets",
    "clouddirectory",
    "cloudfront",
    "cloudsearch",
    "cloudtrail-data",
    "codeartifact",
    "codebuild",
    "codecommit",
    "codepipeline",
    "cognito-identity",
    "cognito-idp",
    "comprehend",
    "comprehendmedical",
    "compute-optimizer",
    "cost-optimization-hub",
    "dax",
    "dsql",
    "dynamodb",
    "ecr",
    "ecr-public",
    "events",
    "firehose",
    "fis",
    "fms",
    "gamelift",
    "health",
    "inspector-scan",
    "kendra",
    "kinesisvideo",
    "kms",
    "logs",
    "memorydb",
    "networkmonitor",
    "notifications",
    "opensearch",
    "pca-connector-ad",
    "personalize",
    "polly",
    "pricing",
    "resource-groups",
    "rolesanywhere",
    "s3",
    "secretsmanager",
    "servicediscovery",
    "signin",
    "sqs",
    "sts",
    "support",
    "swf",
    "textract",
    "timestream-influxdb",
    "transcribe",
    "transfer",
    "translate",
    "wafv2",
    "workspaces",
    "xray",
];
