//! Whether the resource policy of a resource refuses cleartext: proved with the resource's own ARN, never by patterns.

use hermetic_iam::Floor;

use crate::control::Control;
use crate::policy::{self, Asked, Denials, Meant, Place, PolicyOf, Reading, Renderer};
use crate::span::Span;
use crate::subject::Subject;
use crate::value::Value;
use crate::verdict::Judgement;

/// Where the policies of some types are.
struct Bearer {
    kinds: &'static [&'static str],
    /// What requests are about, behind the resource's ARN; empty where they are about the resource and all in it.
    within: &'static str,
    /// Documents among its own properties.
    own: &'static [&'static str],
    /// Resources that are its policies.
    policies: &'static [PolicyOf],
    /// Whether several of these are one document in the end; else each replaces the others.
    joined: bool,
}

const fn own(kinds: &'static [&'static str], own: &'static [&'static str]) -> Bearer {
    Bearer { kinds, within: "", own, policies: &[], joined: false }
}

const fn by(kinds: &'static [&'static str], policies: &'static [PolicyOf]) -> Bearer {
    Bearer { kinds, within: "", own: &[], policies, joined: false }
}

const fn policy(kind: &'static str, target: &'static str, document: &'static str) -> PolicyOf {
    PolicyOf { kind, target, document }
}

/// From the CloudFormation reference of each type.
const BEARERS: &[Bearer] = &[
    by(&["AWS::S3::Bucket"], &[policy("AWS::S3::BucketPolicy", "Bucket", "PolicyDocument")]),
    own(&["AWS::S3::AccessPoint"], &["Policy"]),
    by(
        &["AWS::S3::MultiRegionAccessPoint"],
        &[policy("AWS::S3::MultiRegionAccessPointPolicy", "MrapName", "Policy")],
    ),
    by(
        &["AWS::S3ObjectLambda::AccessPoint"],
        &[policy("AWS::S3ObjectLambda::AccessPointPolicy", "ObjectLambdaAccessPoint", "PolicyDocument")],
    ),
    by(
        &["AWS::S3Express::DirectoryBucket"],
        &[policy("AWS::S3Express::BucketPolicy", "Bucket", "PolicyDocument")],
    ),
    own(&["AWS::S3Express::AccessPoint"], &["Policy"]),
    by(
        &["AWS::S3Tables::TableBucket"],
        &[policy("AWS::S3Tables::TableBucketPolicy", "TableBucketARN", "ResourcePolicy")],
    ),
    by(
        &["AWS::S3Vectors::VectorBucket"],
        &[
            policy("AWS::S3Vectors::VectorBucketPolicy", "VectorBucketArn", "Policy"),
            policy("AWS::S3Vectors::VectorBucketPolicy", "VectorBucketName", "Policy"),
        ],
    ),
    by(&["AWS::S3Outposts::Bucket"], &[policy("AWS::S3Outposts::BucketPolicy", "Bucket", "PolicyDocument")]),
    by(&["AWS::S3Files::FileSystem"], &[policy("AWS::S3Files::FileSystemPolicy", "FileSystemId", "Policy")]),
    by(
        &["AWS::SQS::Queue"],
        &[
            policy("AWS::SQS::QueuePolicy", "Queues[]", "PolicyDocument"),
            policy("AWS::SQS::QueueInlinePolicy", "Queue", "PolicyDocument"),
        ],
    ),
    by(
        &["AWS::SNS::Topic"],
        &[
            policy("AWS::SNS::TopicPolicy", "Topics[]", "PolicyDocument"),
            policy("AWS::SNS::TopicInlinePolicy", "TopicArn", "PolicyDocument"),
        ],
    ),
    own(&["AWS::KMS::Key", "AWS::KMS::ReplicaKey"], &["KeyPolicy"]),
    by(
        &["AWS::SecretsManager::Secret"],
        &[policy("AWS::SecretsManager::ResourcePolicy", "SecretId", "ResourcePolicy")],
    ),
    by(&["AWS::Kinesis::Stream"], &[policy("AWS::Kinesis::ResourcePolicy", "ResourceArn", "ResourcePolicy")]),
    own(&["AWS::DynamoDB::Table"], &["ResourcePolicy.PolicyDocument"]),
    own(&["AWS::DynamoDB::GlobalTable"], &["Replicas[].ResourcePolicy.PolicyDocument"]),
    own(&["AWS::EFS::FileSystem"], &["FileSystemPolicy"]),
    own(&["AWS::ECR::Repository"], &["RepositoryPolicyText"]),
    own(&["AWS::ECR::RegistryPolicy"], &["PolicyText"]),
    Bearer {
        joined: true,
        own: &["Policy"],
        ..by(
            &["AWS::Events::EventBus"],
            &[policy("AWS::Events::EventBusPolicy", "EventBusName", "Statement")],
        )
    },
    own(&["AWS::Backup::BackupVault", "AWS::Backup::LogicallyAirGappedBackupVault"], &["AccessPolicy"]),
    own(&["AWS::CodeArtifact::Domain", "AWS::CodeArtifact::Repository"], &["PermissionsPolicyDocument"]),
    // Requests for data name a path below the domain.
    Bearer {
        within: "/index/_doc/1",
        ..own(&["AWS::OpenSearchService::Domain", "AWS::Elasticsearch::Domain"], &["AccessPolicies"])
    },
    // A stage, a method and a path that no policy is likely to name.
    Bearer { within: "/stage/METHOD/path", ..own(&["AWS::ApiGateway::RestApi"], &["Policy"]) },
    Bearer { within: "/object", ..own(&["AWS::MediaStore::Container"], &["Policy"]) },
];

/// Judges whether cleartext is refused.
pub(super) fn judge(control: &Control, subject: &Subject<'_>) -> Judgement {
    judge_above(control, subject, None)
}

/// Judges whether TLS below the control's minimum is refused; cleartext is left to the other control.
pub(super) fn judge_minimum_version(control: &Control, subject: &Subject<'_>) -> Judgement {
    let minimum = control.parameters.get("minimum").and_then(toml::Value::as_str);
    let floor = minimum.and_then(|minimum| minimum.parse().ok()).unwrap_or(Floor::Tls1_2);
    judge_above(control, subject, Some(floor))
}

fn judge_above(control: &Control, subject: &Subject<'_>, floor: Option<Floor>) -> Judgement {
    subject.graph.settled().judgement(control, subject, || proved(control, subject, floor))
}

fn proved(control: &Control, subject: &Subject<'_>, floor: Option<Floor>) -> Judgement {
    let kind = &*subject.resource.kind;
    let question = Wanted { control, floor };
    if let Some(bearer) = BEARERS.iter().find(|bearer| bearer.kinds.contains(&kind)) {
        return question.of_resource(subject, bearer);
    }
    let of = |bearer: &'static Bearer| {
        let policies = bearer.policies.iter().filter(|policy| policy.kind == kind);
        policies.map(move |policy| (bearer, policy))
    };
    let policies = BEARERS.iter().flat_map(of);
    let judged = policies.map(|(bearer, policy)| question.of_policy(subject, bearer, policy));
    judged.collect()
}

/// Judges one document for a resource of a service that it does not name.
pub(super) fn judge_document<'g>(
    control: &Control,
    subject: &Subject<'g>,
    document: &'g Value,
    service: &str,
) -> Judgement {
    let wanted = Wanted { control, floor: None };
    let document = Document { value: document, in_statements: false, perhaps_by: None };
    match wanted.read(subject, &document, service_of(&subject.resource.kind)) {
        Ok((denials, _)) => policy::denied(&Asked {
            denials: &[denials],
            arn: &policy::any_of(service),
            by: Some(service),
            actions: &wanted.actions(),
            floor: None,
            at: document.value.at,
        }),
        Err(broken) => broken,
    }
}

/// How ARNs of an API may begin in the policy of the API itself.
const SHORT: &str = "execute-api:/";

struct Wanted<'c> {
    control: &'c Control,
    floor: Option<Floor>,
}

/// Where a document stands.
struct Document<'g> {
    value: &'g Value,
    in_statements: bool,
    /// Whose it is, where it is only perhaps for the resource.
    perhaps_by: Option<(Subject<'g>, &'static PolicyOf)>,
}

impl Wanted<'_> {
    fn of_resource(&self, subject: &Subject<'_>, bearer: &'static Bearer) -> Judgement {
        let documents = documents(subject, bearer);
        let inherited = self.inherited(subject);
        if documents.is_empty() {
            let proved = self.proved(subject, bearer, &inherited, &Place::default(), subject.resource.at);
            return match inherited.is_empty() {
                true => Judgement::fail(
                    format!("it has no policy, so nothing refuses {}", policy::travelling(self.floor)),
                    subject.resource.at,
                ),
                false => proved,
            };
        }
        // Where one is surely its policy, what only may be is not.
        let is_sure = |document: &&Document<'_>| document.perhaps_by.is_none();
        let sure = documents.iter().any(|document| is_sure(&document));
        let documents: Vec<&Document<'_>> =
            documents.iter().filter(|document| !sure || is_sure(document)).collect();
        let service = service_of(&subject.resource.kind);
        let read = documents.iter().map(|document| self.read(subject, document, service));
        let denials: Result<Vec<(Denials, Place)>, Judgement> = read.collect();
        let denials = match denials {
            Ok(denials) => denials,
            Err(broken) => return broken,
        };
        let at = documents.first().map_or(subject.resource.at, |document| document.value.at);
        if bearer.joined {
            let place = denials.first().map(|(_, place)| place.clone()).unwrap_or_default();
            let all: Vec<Denials> =
                denials.into_iter().map(|(denials, _)| denials).chain(inherited).collect();
            return self.proved(subject, bearer, &all, &place, at);
        }
        let each = denials.into_iter().zip(&documents).map(|((denials, place), document)| {
            let all: Vec<Denials> = std::iter::once(denials).chain(inherited.iter().cloned()).collect();
            let perhaps = document.perhaps_by.as_ref();
            match perhaps.and_then(|(policy, of)| policy::perhaps_for(subject, policy, of, &place)) {
                Some(arn) => self.ask(&all, &format!("{arn}{}", bearer.within), document.value.at),
                None => self.proved(subject, bearer, &all, &place, document.value.at),
            }
        });
        each.collect()
    }

    /// What is in the graph is judged with its policies; a policy of anything else stands for itself.
    fn of_policy(&self, subject: &Subject<'_>, bearer: &Bearer, of: &PolicyOf) -> Judgement {
        let judged = |kind: &&&str| self.control.types.iter().any(|judged| **judged == ***kind);
        let kinds: Vec<&str> = bearer.kinds.iter().filter(judged).copied().collect();
        let by_name = bearer.kinds.first().copied().unwrap_or_default();
        if policy::outside(subject, of, &kinds, by_name, &Place::default()).is_empty() {
            return Judgement::not_applicable();
        }
        let of_document = |value| {
            let document = Document { value, in_statements: bearer.joined, perhaps_by: None };
            let (denials, place) = match self.read(subject, &document, service_of(by_name)) {
                Ok(read) => read,
                Err(broken) => return broken,
            };
            let arns = policy::outside(subject, of, &kinds, by_name, &place).into_iter();
            let proved = arns.map(|arn| {
                let arn = format!("{arn}{}", bearer.within);
                self.ask(std::slice::from_ref(&denials), &arn, value.at)
            });
            proved.collect()
        };
        subject.written(of.document).into_iter().map(of_document).collect()
    }

    fn read<'g>(
        &self,
        subject: &Subject<'g>,
        document: &Document<'g>,
        service: &str,
    ) -> Result<(Denials, Place), Judgement> {
        let service_exemption = self.flag("allow_service_exemption", true);
        let read = || {
            let text = Renderer::new(*subject, Place::default()).json(document.value).to_string();
            let place = Place::default().written_in(&text, service);
            let renderer = Renderer::new(*subject, place.clone());
            let api = format!("{}/", renderer.arn(subject.resource));
            let short = text.contains(SHORT).then_some((SHORT, &*api));
            let reading = Reading { service_exemption, short };
            let read = match document.in_statements {
                true => policy::read_statements(&renderer, document.value, reading),
                false => policy::read(&renderer, document.value, reading),
            };
            read.map(|denials| (denials, place))
        };
        let broken = |why| Judgement::unknown(format!("the policy can't be read: {why}"), document.value.at);
        let settled = subject.graph.settled();
        let (denials, place) =
            settled.policy(subject, document.value, service_exemption, read).map_err(broken)?;
        Ok((if document.perhaps_by.is_some() { denials.perhaps() } else { denials }, place))
    }

    fn proved(
        &self,
        subject: &Subject<'_>,
        bearer: &Bearer,
        denials: &[Denials],
        place: &Place,
        at: Span,
    ) -> Judgement {
        let arn = Renderer::new(*subject, place.clone()).arn(subject.resource);
        self.ask(denials, &format!("{arn}{}", bearer.within), at)
    }

    fn ask(&self, denials: &[Denials], arn: &str, at: Span) -> Judgement {
        let actions = self.actions();
        policy::denied(&Asked { denials, arn, by: None, actions: &actions, floor: self.floor, at })
    }

    /// The actions that must be denied at least; none stands for all.
    fn actions(&self) -> Vec<String> {
        if self.flag("require_all_actions", false) {
            return Vec::new();
        }
        let listed = self.control.parameters.get("minimum_actions").and_then(toml::Value::as_array);
        listed.into_iter().flatten().filter_map(toml::Value::as_str).map(str::to_owned).collect()
    }

    /// What resource control policies of the organization deny.
    fn inherited(&self, subject: &Subject<'_>) -> Vec<Denials> {
        if !self.flag("accept_organization_rcp", true)
            || !super::organizations::is_reached(service_of(&subject.resource.kind))
        {
            return Vec::new();
        }
        super::organizations::resource_control_policies(subject)
    }

    fn flag(&self, name: &str, otherwise: bool) -> bool {
        self.control.parameters.get(name).and_then(toml::Value::as_bool).unwrap_or(otherwise)
    }
}

/// The service that the ARNs of a type have.
fn service_of(kind: &str) -> &'static str {
    policy::naming_of(kind).arn.split(':').next().unwrap_or_default()
}

fn documents<'g>(subject: &Subject<'g>, bearer: &'static Bearer) -> Vec<Document<'g>> {
    let own = bearer.own.iter().flat_map(|path| subject.written(path));
    let own = own.map(|value| Document { value, in_statements: false, perhaps_by: None });
    let attached = bearer.policies.iter().flat_map(|of| {
        policy::policies(subject, of).into_iter().flat_map(move |(policy, meant)| {
            let values = policy.written(of.document).into_iter();
            let perhaps_by = (meant == Meant::Perhaps).then_some((policy, of));
            values.map(move |value| Document { value, in_statements: bearer.joined, perhaps_by })
        })
    });
    own.chain(attached).collect()
}

#[cfg(test)]
mod tests {
    use crate::audit::audit;
    use crate::cloudformation::{Given, read};
    use crate::controls;
    use crate::graph::Graph;
    use crate::span::Files;
    use crate::value::PartId;
    use crate::verdict::Standing;

    #[test]
    fn a_policy_that_nobody_can_read_is_told_of_once() {
        let template = "Resources:\n  Data: { Type: 'AWS::S3::Bucket' }\n  Policy:\n    Type: AWS::S3::BucketPolicy\n    \
                        Properties: { Bucket: !Ref Data, PolicyDocument: '{ no JSON' }";
        let mut files = Files::default();
        let file = files.add("data.yaml");
        let part = read(template, file, PartId(0), &Given::default()).unwrap().part;
        let graph = Graph::new(files, vec![part]);
        let control: Vec<_> = controls::called("s3-bucket-ssl-requests-only").collect();
        let findings = audit(&graph, &control);
        assert_eq!(findings.iter().filter(|finding| finding.standing == Standing::Unknown).count(), 1);
    }
}
