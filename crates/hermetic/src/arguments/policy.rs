//! `hermetic policy`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use hermetic_iam::Floor;
use hermetic_iam::document::AccountId;

use super::Format;

const PROVE: &str = "\
Examples:
  hermetic policy prove bucket-policy.json --resource arn:aws:s3:::shop-orders
  hermetic policy prove queue.json --resource arn:aws:sqs:eu-west-1:111122223333:orders --format json
  aws s3api get-bucket-policy --bucket shop-orders --query Policy --output text |
    hermetic policy prove - --resource s3://shop-orders --floor 1.2

Only a Deny in the document counts: whatever it does not deny, another policy may allow.

Exit status:
  0 denied: nothing gets through   1 open: a request does   2 wrong usage or input   3 not to be decided";

const EVALUATE: &str = "\
Examples:
  hermetic policy eval --policy bucket-policy.json --request request.json
  hermetic policy eval --policy identity:role.json --policy scp:org.json --policy resource:bucket.json --request -

A request:
  { \"principal\": \"arn:aws:iam::111122223333:user/ana\", \"action\": \"s3:GetObject\",
    \"resource\": \"arn:aws:s3:::shop-orders/1\", \"context\": { \"aws:SecureTransport\": \"false\" } }

Exit status:
  0 it is allowed   1 it is denied   2 wrong usage or input";

const FIX: &str = "\
Examples:
  hermetic policy fix bucket-policy.json --resource s3://shop-orders           print it, mended
  hermetic policy fix bucket-policy.json --resource s3://shop-orders --write   mend the file
  hermetic policy fix bucket-policy.json --resource s3://shop-orders --floor 1.2";

const GENERATE: &str = "\
Examples:
  hermetic policy generate --for s3://shop-orders --floor 1.2
  hermetic policy generate --for arn:aws:sns:eu-west-1:111122223333:orders";

/// `hermetic policy`.
#[derive(Debug, Subcommand)]
pub enum Policy {
    /// Prove that nothing gets through to a resource without TLS, or find a request that does
    Prove(Prove),
    /// Find what is legal in a document and does not do what it seems to
    Lint(Lint),
    /// Say what AWS decides of a request by these documents, and which statement decides
    Eval(Evaluate),
    /// Close what is open in a document by the smallest statement that does, and prove it
    Fix(Fix),
    /// Write a document that denies insecure transport to a resource
    Generate(Generate),
}

/// `hermetic policy prove`.
#[derive(Debug, Args)]
#[command(after_help = PROVE)]
pub struct Prove {
    /// The resource's policy document; `-` is standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The resource, with all that is in it: an ARN, or s3://bucket
    #[arg(long, value_name = "ARN", value_parser = resource)]
    pub resource: String,
    /// The lowest version of TLS that may get through: 1.1, 1.2 or 1.3
    #[arg(long, value_name = "VERSION")]
    pub floor: Option<Floor>,
    /// Whose resource it is, where the ARN does not say so
    #[arg(long, value_name = "NUMBER", value_parser = account)]
    pub account: Option<AccountId>,
    /// A resource control policy that the resource inherits; give several one after the other
    #[arg(long, value_name = "FILE")]
    pub inherited: Vec<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `hermetic policy lint`.
#[derive(Debug, Args)]
pub struct Lint {
    /// The documents; `-` is standard input
    #[arg(value_name = "FILE", required_unless_present = "rules")]
    pub files: Vec<PathBuf>,
    /// List the rules
    #[arg(long, conflicts_with = "files")]
    pub rules: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `hermetic policy eval`.
#[derive(Debug, Args)]
#[command(after_help = EVALUATE)]
pub struct Evaluate {
    /// A document, behind what it is attached to: resource (also without a word), identity, boundary, session,
    /// endpoint, scp, rcp
    #[arg(long = "policy", value_name = "[KIND:]FILE", required = true)]
    pub policies: Vec<String>,
    /// The request, as JSON; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub request: PathBuf,
    /// Whose resource it is, where the ARN does not say so
    #[arg(long, value_name = "NUMBER", value_parser = account)]
    pub account: Option<AccountId>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `hermetic policy fix`.
#[derive(Debug, Args)]
#[command(after_help = FIX)]
pub struct Fix {
    /// The document; `-` is standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The resource, with all that is in it: an ARN, or s3://bucket
    #[arg(long, value_name = "ARN", value_parser = resource)]
    pub resource: String,
    /// The lowest version of TLS that may get through: 1.1, 1.2 or 1.3
    #[arg(long, value_name = "VERSION")]
    pub floor: Option<Floor>,
    /// Mend the file instead of printing it
    #[arg(long)]
    pub write: bool,
}

/// `hermetic policy generate`.
#[derive(Debug, Args)]
#[command(after_help = GENERATE)]
pub struct Generate {
    /// The resource: an ARN, or s3://bucket
    #[arg(long = "for", value_name = "ARN", value_parser = resource)]
    pub resource: String,
    /// The lowest version of TLS that may get through: 1.1, 1.2 or 1.3
    #[arg(long, value_name = "VERSION")]
    pub floor: Option<Floor>,
}

/// An ARN, also as the address of a bucket.
fn resource(text: &str) -> Result<String, String> {
    match text.strip_prefix("s3://") {
        Some(path) => Ok(format!("arn:aws:s3:::{}", path.trim_end_matches('/'))),
        None => Ok(text.to_owned()),
    }
}

fn account(text: &str) -> Result<AccountId, String> {
    AccountId::read(text).ok_or_else(|| format!("`{text}` is no account; write its twelve digits"))
}
