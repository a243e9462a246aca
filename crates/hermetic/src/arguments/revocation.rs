//! `hermetic cert revoke` and `hermetic ca crl`.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use hermetic_authority::AuthorityName;
use hermetic_x509::RevocationReason;

use super::{Format, Place};

const REVOKE_EXAMPLES: &str = "\
Examples:
  hermetic cert revoke 3f0a7c21b4de                          it is no longer to be believed
  hermetic cert revoke 3f0a7c21b4de --reason keyCompromise   because its key is out

What is revoked stays revoked.";

/// `hermetic cert revoke`.
#[derive(Debug, Args)]
#[command(after_help = REVOKE_EXAMPLES)]
pub struct Revoke {
    /// Its serial number, or as many of its first digits as no other has
    #[arg(value_name = "SERIAL")]
    pub serial: String,
    /// Why (RFC 5280 section 5.3.1)
    #[arg(long, value_name = "REASON", value_parser = reason(), default_value = "unspecified")]
    pub reason: RevocationReason,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Which authority.
    #[command(flatten)]
    pub place: Place,
}

const LIST_EXAMPLES: &str = "\
Examples:
  hermetic ca crl                                  which CRLs there are, and until when they are good
  hermetic ca crl --format pem > crl.pem           all of them, for programs that take a file
  hermetic ca crl intermediate --shard 3 --format text";

/// `hermetic ca crl`.
#[derive(Debug, Args)]
#[command(after_help = LIST_EXAMPLES)]
pub struct RevocationLists {
    /// The authority [default: all of them]
    #[arg(value_name = "NAME")]
    pub name: Option<AuthorityName>,
    /// Only the one of this number
    #[arg(long, value_name = "N", requires = "name")]
    pub shard: Option<u16>,
    /// How to print; `der` is of one CRL
    #[arg(long, value_enum, default_value_t)]
    pub format: ListFormat,
    /// Which authority.
    #[command(flatten)]
    pub place: Place,
}

/// How to print revocation lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// A line for each.
    #[default]
    Table,
    /// As OpenSSL shows them.
    Text,
    /// For programs.
    Json,
    /// The lists, for files.
    Pem,
    /// The one list, for files.
    Der,
}

fn reason() -> impl TypedValueParser<Value = RevocationReason> {
    let names = PossibleValuesParser::new(RevocationReason::ALL.map(RevocationReason::name));
    names.try_map(|name| name.parse::<RevocationReason>())
}
