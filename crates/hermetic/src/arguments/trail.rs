//! `hermetic trail`: the journal of the store.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Subcommand};
use hermetic_store::JournalHead;

use super::{Format, Place};

/// `hermetic trail`.
#[derive(Debug, Subcommand)]
pub enum Trail {
    /// Check that no entry was changed, removed or put elsewhere, and show where the journal ends
    Verify(Verify),
    /// Show the latest entries
    Tail(Tail),
    /// Print entries as lines of JSON, each of which can be checked by itself
    Export(Export),
}

/// `hermetic trail verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// Where the journal ended once, as this command showed it then; finds out that its end was cut off
    #[arg(long, value_name = "NUMBER:HASH")]
    pub expect: Option<JournalHead>,
    /// Check an export instead of the store
    #[arg(long, value_name = "EXPORT", conflicts_with_all = ["config", "data"])]
    pub file: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Which store.
    #[command(flatten)]
    pub place: Place,
}

/// `hermetic trail tail`.
#[derive(Debug, Args)]
pub struct Tail {
    /// How many
    #[arg(short = 'n', long = "lines", value_name = "N", default_value_t = 20)]
    pub most: usize,
    /// Go on with each new entry
    #[arg(long)]
    pub follow: bool,
    /// Only entries of this kind, such as `certificate.revoked` or `certificate.*`; may be given several times
    #[arg(long, value_name = "KIND")]
    pub kind: Vec<Kind>,
    /// How to print; `json` prints an entry a line
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Which store.
    #[command(flatten)]
    pub place: Place,
}

/// `hermetic trail export`.
#[derive(Debug, Args)]
pub struct Export {
    /// The number of the first entry
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    pub from: u64,
    /// The file to write, never over one that is there [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Which store.
    #[command(flatten)]
    pub place: Place,
}

/// A kind of entries, or all kinds that begin alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// This one.
    Exactly(String),
    /// Those that begin like this.
    Beginning(String),
}

impl Kind {
    /// Whether it is, or has, this kind.
    pub fn has(&self, kind: &str) -> bool {
        match self {
            Self::Exactly(wanted) => kind == wanted,
            Self::Beginning(start) => kind.starts_with(start),
        }
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (start, is_start) = text.strip_suffix('*').map_or((text, false), |start| (start, true));
        let is_kind = start.bytes().all(|byte| byte.is_ascii_lowercase() || b"._".contains(&byte));
        if !is_kind || text.is_empty() {
            return Err(format!(
                "`{text}` is no kind of entries; write certificate.revoked or certificate.*"
            ));
        }
        Ok(if is_start { Self::Beginning(start.to_owned()) } else { Self::Exactly(start.to_owned()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_one_or_all_that_begin_alike() {
        let has = |wanted: &str, kind: &str| wanted.parse::<Kind>().unwrap().has(kind);
        assert!(has("certificate.*", "certificate.issued"));
        assert!(has("*", "crl.signed"));
        assert!(has("crl.signed", "crl.signed"));
        assert!(!has("certificate", "certificate.issued"));
        assert!(!has("certificate.*", "authority.created"));
        for wrong in ["", "cert*.issued", "CRL", "a b"] {
            assert!(wrong.parse::<Kind>().is_err(), "{wrong}");
        }
    }
}
