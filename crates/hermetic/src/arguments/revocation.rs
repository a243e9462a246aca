//! `hermetic cert revoke`.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
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

fn reason() -> impl TypedValueParser<Value = RevocationReason> {
    let names = PossibleValuesParser::new(RevocationReason::ALL.map(RevocationReason::name));
    names.try_map(|name| name.parse::<RevocationReason>())
}
