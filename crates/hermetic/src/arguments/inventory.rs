//! `hermetic cert list` and `hermetic cert show`.

use std::time::Duration;

use clap::{Args, ValueEnum};
use hermetic_store::Cursor;
use hermetic_tls::Identity;

use super::cert::lifetime;
use super::{Format, Place};

const EXAMPLES: &str = "\
Examples:
  hermetic cert list --name shop.example.com    what serves this host, wildcards among them
  hermetic cert list --in-use --expires-within 30d
  hermetic cert list --issuer intermediate --state revoked --format json";

/// `hermetic cert list`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct List {
    /// Only those that serve this name: it, or a wildcard for it
    #[arg(long, value_name = "NAME", conflicts_with = "below")]
    pub name: Option<Identity>,
    /// Only those with a name in this domain
    #[arg(long, value_name = "DOMAIN")]
    pub below: Option<Identity>,
    /// Only those that are used as this, such as `listener edge`
    #[arg(long = "for", value_name = "USE")]
    pub used_as: Option<String>,
    /// Only those that this authority signed, in any of its generations
    #[arg(long, value_name = "CA")]
    pub issuer: Option<String>,
    /// Only those that were made by this profile
    #[arg(long, value_name = "PROFILE")]
    pub profile: Option<String>,
    /// Only those that stand so
    #[arg(long, value_enum)]
    pub state: Option<Standing>,
    /// Only those that end within this time, such as 30d, and are not over; the soonest first
    #[arg(long, value_name = "TIME", value_parser = lifetime)]
    pub expires_within: Option<Duration>,
    /// Only those that a process uses
    #[arg(long, conflicts_with = "unused")]
    pub in_use: bool,
    /// Only those that no process uses
    #[arg(long)]
    pub unused: bool,
    /// At most so many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: Option<u32>,
    /// Those after the list that `--limit` cut off and that told this as its `next`
    #[arg(long, value_name = "NEXT")]
    pub after: Option<Cursor>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Which store.
    #[command(flatten)]
    pub place: Place,
}

/// How a certificate stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Standing {
    /// Issued or imported, and not over.
    Issued,
    /// Over, and never revoked.
    Expired,
    /// Taken back before its end.
    Revoked,
    /// A crash came between signature and record: perhaps signed, never handed out.
    PresumedIssued,
    /// About to be signed.
    Intended,
}

/// `hermetic cert show`.
#[derive(Debug, Args)]
pub struct Show {
    /// Its serial number or the first digits of it, its SHA-256 fingerprint, what it is used as, or a name in it
    #[arg(value_name = "SERIAL|NAME|FINGERPRINT")]
    pub certificate: String,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub format: CertificateFormat,
    /// Which store.
    #[command(flatten)]
    pub place: Place,
}

/// How to print a certificate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum CertificateFormat {
    /// What the store knows of it, for people.
    #[default]
    Table,
    /// Every field of the certificate, in openssl's manner.
    Text,
    /// For programs.
    Json,
    /// The chain, for files.
    Pem,
}
