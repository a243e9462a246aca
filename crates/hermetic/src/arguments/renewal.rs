//! `hermetic cert renew` and `hermetic cert watch`.

use clap::{Args, ValueEnum};

use super::{Format, Place};

/// `hermetic cert renew`.
#[derive(Debug, Args)]
pub struct Renew {
    /// Its serial number or the first digits of it, what it is used as, or a name in it
    #[arg(value_name = "SERIAL|NAME")]
    pub certificate: String,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Which authority.
    #[command(flatten)]
    pub place: Place,
}

/// `hermetic cert watch`.
#[derive(Debug, Args)]
pub struct Watch {
    /// Print what happens to certificates as it happens, in place of judging them
    #[arg(long)]
    pub follow: bool,
    /// How many days before its end a certificate falls short [default: the configuration's
    /// `expiry_warning`, else 14]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=3650), conflicts_with = "follow")]
    pub days: Option<u16>,
    /// How to print; sarif, asff and ocsf are of findings alone
    #[arg(long, value_enum, default_value_t)]
    pub format: FindingsFormat,
    /// The account whose Security Hub the findings are for
    #[arg(long, value_name = "DIGITS", required_if_eq("format", "asff"), value_parser = account)]
    pub aws_account: Option<String>,
    /// Its region
    #[arg(long, value_name = "REGION", required_if_eq("format", "asff"))]
    pub aws_region: Option<String>,
    /// Which store.
    #[command(flatten)]
    pub place: Place,
}

/// How to print findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum FindingsFormat {
    /// For people.
    #[default]
    Table,
    /// For programs.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// The AWS Security Finding Format, for Security Hub.
    Asff,
    /// OCSF 1.8, Compliance Finding, for Security Lake and other collectors.
    Ocsf,
}

pub(super) fn account(text: &str) -> Result<String, String> {
    let is_account = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_account.then(|| text.to_owned()).ok_or_else(|| format!("`{text}` is no account; it has twelve digits"))
}
