//! The services whose requests are understood, and how each speaks.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// A service whose requests are understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// Objects in buckets: S3, and any store that speaks as it does.
    S3,
    /// Queues.
    Sqs,
    /// Topics.
    Sns,
    /// Tables, and their streams.
    DynamoDb,
    /// Streams.
    Kinesis,
    /// Keys.
    Kms,
    /// Secrets.
    SecretsManager,
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::S3, Self::Sqs, Self::Sns, Self::DynamoDb, Self::Kinesis, Self::Kms, Self::SecretsManager];

    /// Its prefix in actions and ARNs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Sqs => "sqs",
            Self::Sns => "sns",
            Self::DynamoDb => "dynamodb",
            Self::Kinesis => "kinesis",
            Self::Kms => "kms",
            Self::SecretsManager => "secretsmanager",
        }
    }

    /// The most bytes of a body that says what is asked for: what the service takes by its documentation of quotas,
    /// with room for how that is written (base64, percent-encoding, escapes).
    pub const fn longest_body(self) -> usize {
        const KIB: usize = 1024;
        const MIB: usize = 1024 * KIB;
        match self {
            // A thousand keys of 1,024 bytes, each of which may be a reference (`&quot;`).
            Self::S3 => 8 * MIB,
            // 1 MiB of messages.
            Self::Sqs => 4 * MIB,
            // 256 KiB of messages.
            Self::Sns => MIB,
            // 16 MiB in a batch, as it is sent.
            Self::DynamoDb => 16 * MIB,
            // 10 MiB of records.
            Self::Kinesis => 16 * MIB,
            // 64 KiB of a secret, 32 KiB of a key's policy.
            Self::Kms | Self::SecretsManager => 512 * KIB,
        }
    }

    /// What stands before the operation in `X-Amz-Target`.
    pub(crate) const fn targets(self) -> &'static [&'static str] {
        match self {
            Self::S3 | Self::Sns => &[],
            Self::Sqs => &["AmazonSQS"],
            Self::DynamoDb => &["DynamoDB_20120810", "DynamoDBStreams_20120810"],
            Self::Kinesis => &["Kinesis_20131202"],
            Self::Kms => &["TrentService"],
            Self::SecretsManager => &["secretsmanager"],
        }
    }

    /// Whether it takes `Action=…` in a query or a form.
    pub(crate) const fn speaks_query(self) -> bool {
        matches!(self, Self::Sqs | Self::Sns)
    }
}

impl FromStr for Service {
    type Err = UnknownService;

    fn from_str(text: &str) -> Result<Self, UnknownService> {
        let found = Self::ALL.into_iter().find(|service| service.as_str() == text);
        found.ok_or_else(|| UnknownService(text.to_owned()))
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// No service whose requests are understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("requests to `{0}` are not understood; s3, sqs, sns, dynamodb, kinesis, kms and secretsmanager are")]
pub struct UnknownService(pub String);
