//! Names and ARNs of resources before they are deployed: those that are written, and others made up, always the same.

use hermetic_iam::services::Service;

use crate::graph::Resource;

/// Where resources are, as far as ARNs tell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) partition: String,
    pub(crate) region: String,
    pub(crate) account: String,
}

/// What `Ref` of a resource gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Referred {
    Name,
    Arn,
    /// `https://sqs.region.amazonaws.com/account/name`.
    QueueUrl,
}

/// How a type is named.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Naming {
    /// The type.
    pub(crate) kind: &'static str,
    /// The property with its name, where that can be chosen.
    pub(crate) name: &'static str,
    /// Its ARN behind the partition, with `{region}`, `{account}` and `{name}`.
    pub(crate) arn: &'static str,
    /// What `Ref` gives.
    pub(crate) referred: Referred,
}

const fn naming(kind: &'static str, name: &'static str, arn: &'static str, referred: Referred) -> Naming {
    Naming { kind, name, arn, referred }
}

/// From the CloudFormation reference (return values) and the Service Authorization Reference (forms of ARNs).
const NAMINGS: &[Naming] = &[
    naming("AWS::S3::Bucket", "BucketName", "s3:::{name}", Referred::Name),
    naming("AWS::S3::AccessPoint", "Name", "s3:{region}:{account}:accesspoint/{name}", Referred::Name),
    naming("AWS::S3::MultiRegionAccessPoint", "Name", "s3::{account}:accesspoint/{name}", Referred::Name),
    naming(
        "AWS::S3ObjectLambda::AccessPoint",
        "Name",
        "s3-object-lambda:{region}:{account}:accesspoint/{name}",
        Referred::Name,
    ),
    naming(
        "AWS::S3Express::DirectoryBucket",
        "BucketName",
        "s3express:{region}:{account}:bucket/{name}",
        Referred::Name,
    ),
    naming(
        "AWS::S3Express::AccessPoint",
        "Name",
        "s3express:{region}:{account}:accesspoint/{name}",
        Referred::Name,
    ),
    naming(
        "AWS::S3Tables::TableBucket",
        "TableBucketName",
        "s3tables:{region}:{account}:bucket/{name}",
        Referred::Arn,
    ),
    naming(
        "AWS::S3Vectors::VectorBucket",
        "VectorBucketName",
        "s3vectors:{region}:{account}:bucket/{name}",
        Referred::Arn,
    ),
    naming(
        "AWS::S3Outposts::Bucket",
        "BucketName",
        "s3-outposts:{region}:{account}:outpost/op-01ac5d28a6a232904/bucket/{name}",
        Referred::Arn,
    ),
    naming("AWS::S3Files::FileSystem", "", "s3files:{region}:{account}:file-system/{name}", Referred::Name),
    naming("AWS::SQS::Queue", "QueueName", "sqs:{region}:{account}:{name}", Referred::QueueUrl),
    naming("AWS::SNS::Topic", "TopicName", "sns:{region}:{account}:{name}", Referred::Arn),
    naming("AWS::KMS::Key", "", "kms:{region}:{account}:key/{name}", Referred::Name),
    naming("AWS::KMS::ReplicaKey", "", "kms:{region}:{account}:key/{name}", Referred::Name),
    naming(
        "AWS::SecretsManager::Secret",
        "Name",
        "secretsmanager:{region}:{account}:secret:{name}-a1b2c3",
        Referred::Arn,
    ),
    naming("AWS::Kinesis::Stream", "Name", "kinesis:{region}:{account}:stream/{name}", Referred::Name),
    naming("AWS::DynamoDB::Table", "TableName", "dynamodb:{region}:{account}:table/{name}", Referred::Name),
    naming(
        "AWS::DynamoDB::GlobalTable",
        "TableName",
        "dynamodb:{region}:{account}:table/{name}",
        Referred::Name,
    ),
    naming(
        "AWS::EFS::FileSystem",
        "",
        "elasticfilesystem:{region}:{account}:file-system/{name}",
        Referred::Name,
    ),
    naming(
        "AWS::ECR::Repository",
        "RepositoryName",
        "ecr:{region}:{account}:repository/{name}",
        Referred::Name,
    ),
    naming("AWS::ECR::RegistryPolicy", "", "ecr:{region}:{account}:repository/{name}", Referred::Name),
    naming("AWS::Events::EventBus", "Name", "events:{region}:{account}:event-bus/{name}", Referred::Name),
    naming(
        "AWS::Backup::BackupVault",
        "BackupVaultName",
        "backup:{region}:{account}:backup-vault:{name}",
        Referred::Name,
    ),
    naming(
        "AWS::Backup::LogicallyAirGappedBackupVault",
        "BackupVaultName",
        "backup:{region}:{account}:backup-vault:{name}",
        Referred::Name,
    ),
    naming(
        "AWS::CodeArtifact::Domain",
        "DomainName",
        "codeartifact:{region}:{account}:domain/{name}",
        Referred::Arn,
    ),
    naming(
        "AWS::CodeArtifact::Repository",
        "RepositoryName",
        "codeartifact:{region}:{account}:repository/domain/{name}",
        Referred::Arn,
    ),
    naming(
        "AWS::OpenSearchService::Domain",
        "DomainName",
        "es:{region}:{account}:domain/{name}",
        Referred::Name,
    ),
    naming("AWS::Elasticsearch::Domain", "DomainName", "es:{region}:{account}:domain/{name}", Referred::Name),
    naming("AWS::ApiGateway::RestApi", "", "execute-api:{region}:{account}:{name}", Referred::Name),
    naming(
        "AWS::MediaStore::Container",
        "ContainerName",
        "mediastore:{region}:{account}:container/{name}",
        Referred::Name,
    ),
    naming("AWS::IAM::Role", "RoleName", "iam::{account}:role/{name}", Referred::Name),
    naming("AWS::IAM::User", "UserName", "iam::{account}:user/{name}", Referred::Name),
    naming(
        "AWS::Lambda::Function",
        "FunctionName",
        "lambda:{region}:{account}:function:{name}",
        Referred::Name,
    ),
];

/// An ARN of no service.
const UNLISTED: &str = "unlisted:{region}:{account}:{name}";

/// Whether this is the service in the ARN of what has none that is known.
pub(super) fn is_unlisted(service: &str) -> bool {
    UNLISTED.split(':').next() == Some(service)
}

/// How a type is named; a type that is not listed has a made-up ARN, which no document can name by hand.
pub(crate) fn naming_of(kind: &str) -> Naming {
    let listed = NAMINGS.iter().find(|naming| naming.kind == kind);
    listed.copied().unwrap_or(naming("", "", UNLISTED, Referred::Name))
}

/// The ARN of a resource on which a service acts, that no policy names.
pub(crate) fn any_of(service: &str) -> String {
    if service == "s3" {
        return "arn:aws:s3:::any-bucket".to_owned();
    }
    let unlisted = || format!("arn:${{Partition}}:{service}:${{Region}}:${{Account}}:any");
    let known = Service::named(service).and_then(|service| service.types.first());
    let form = known.map_or_else(unlisted, |kind| kind.arn.to_owned());
    let (mut arn, mut rest) = (String::new(), form.as_str());
    while let Some((before, inner)) = rest.split_once("${") {
        let (name, behind) = inner.split_once('}').unwrap_or((inner, ""));
        arn.push_str(before);
        arn.push_str(match name {
            "Partition" => "aws",
            "Region" => "us-east-1",
            "Account" => "111122223333",
            _ => "any",
        });
        rest = behind;
    }
    arn + rest
}

impl Naming {
    /// The ARN of one that is called so.
    pub(crate) fn arn_of(&self, name: &str, place: &Place) -> String {
        let form = format!("arn:{}:{}", place.partition, self.arn);
        form.replace("{region}", &place.region).replace("{account}", &place.account).replace("{name}", name)
    }
}

/// The name of what has none yet: from its logical id, which no other has.
pub(crate) fn made_up(resource: &Resource) -> String {
    format!("{}-{}", plain(&resource.name), resource.part.0)
}

/// Only what may stand in every name.
pub(crate) fn plain(text: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    text.chars().map(plain).collect()
}

impl Default for Place {
    /// Account and Region of AWS's own examples.
    fn default() -> Self {
        Self { partition: "aws".into(), region: "us-east-1".into(), account: "111122223333".into() }
    }
}

impl Place {
    /// This place, as far as ARNs in a text say another: a document that writes its own account by hand is meant for
    /// that account.
    pub(crate) fn written_in(mut self, text: &str, service: &str) -> Self {
        let arns = text.match_indices("arn:").filter_map(|(at, _)| text.get(at..));
        for arn in arns {
            let mut parts = arn.splitn(6, ':').skip(1);
            let (Some(partition), Some(of), Some(region), Some(account)) =
                (parts.next(), parts.next(), parts.next(), parts.next())
            else {
                continue;
            };
            if of != service || parts.next().is_none() {
                continue;
            }
            let known = |part: &str| !part.is_empty() && !part.contains(['*', '?', '$', '"']);
            if known(partition) {
                self.partition = partition.to_owned();
            }
            if known(region) {
                self.region = region.to_owned();
            }
            if known(account) {
                self.account = account.to_owned();
            }
        }
        self
    }
}
