//! `hermetic ca`: the certificate authorities.

use clap::{Args, Subcommand, ValueEnum};
use hermetic_authority::AuthorityName;

use super::{Format, Place};

/// `hermetic ca`.
#[derive(Debug, Subcommand)]
pub enum Ca {
    /// List the certificate authorities, with their states and ends
    List {
        /// How to print
        #[arg(long, value_enum, default_value_t)]
        format: Format,
        /// Which store.
        #[command(flatten)]
        place: Place,
    },
    /// Show one of them in full
    Show {
        /// Which authority.
        #[command(flatten)]
        authority: Named,
        /// How to print; `pem` prints its certificate and those above it alone
        #[arg(long, value_enum, default_value_t)]
        format: AuthorityFormat,
        /// Which store.
        #[command(flatten)]
        place: Place,
    },
    /// Print the root certificate as PEM
    Root {
        /// Print the path of its file instead
        #[arg(long)]
        path: bool,
        /// Which authority.
        #[command(flatten)]
        place: Place,
    },
    /// Make this user's browsers, or the system, believe the root certificate
    Trust(Stores),
    /// Take back what `trust` did
    Untrust(Stores),
}

/// An authority, and which of its generations.
#[derive(Clone, Debug, Args)]
pub struct Named {
    /// Its name, as `hermetic ca list` shows it
    #[arg(value_name = "NAME")]
    pub name: AuthorityName,
    /// Which of its generations [default: the one that signs]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub generation: Option<u32>,
}

/// How to print an authority.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum AuthorityFormat {
    /// For people.
    #[default]
    Table,
    /// Its certificate or request in openssl's manner.
    Text,
    /// For programs.
    Json,
    /// Its certificate and those above it up to the root, for files.
    Pem,
}

/// Whose trust `hermetic ca trust` and `untrust` change.
#[derive(Debug, Args)]
pub struct Stores {
    /// This user's browsers: Chromium and its kin, Firefox [default, unless --system is given]
    #[arg(long)]
    pub browsers: bool,
    /// The whole machine; needs root
    #[arg(long)]
    pub system: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Which authority.
    #[command(flatten)]
    pub place: Place,
}
