//! `hermetic cert renew` and `hermetic cert watch`.

use clap::Args;

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
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Which store.
    #[command(flatten)]
    pub place: Place,
}
