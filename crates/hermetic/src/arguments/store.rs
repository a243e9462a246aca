//! `hermetic store`: the store as a whole.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Format, Place};

/// `hermetic store`.
#[derive(Debug, Subcommand)]
pub enum Store {
    /// Write a copy of the store into a file, while instances go on with it
    Backup(Backup),
    /// Put a backup in the place of the store; it must be reconciled then
    Restore(Restore),
    /// Have a store that was restored learn what happened since its backup, and issue again
    Reconcile(Reconcile),
    /// Take the store to an empty database: from SQLite to PostgreSQL, or back
    Migrate(Migrate),
}

/// `hermetic store migrate`.
#[derive(Debug, Args)]
pub struct Migrate {
    /// Where it goes: the URL of a PostgreSQL database, as `store` of the configuration has it, or a data folder
    #[arg(long, value_name = "PLACE")]
    pub to: String,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Which store.
    #[command(flatten)]
    pub place: Place,
}

/// `hermetic store backup`.
#[derive(Debug, Args)]
pub struct Backup {
    /// The file to write, never over one that is there
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Put the file of the key that private keys are sealed under into the backup, too
    #[arg(long)]
    pub with_key: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Which store.
    #[command(flatten)]
    pub place: Place,
}

/// `hermetic store restore`.
#[derive(Debug, Args)]
pub struct Restore {
    /// The backup
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Put the store that is there aside
    #[arg(long)]
    pub replace: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Which store.
    #[command(flatten)]
    pub place: Place,
}

/// `hermetic store reconcile`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("evidence").args(["trail", "without_trail"]).required(true))]
pub struct Reconcile {
    /// An export of the journal from after the backup, as `hermetic trail export` wrote it
    #[arg(long, value_name = "EXPORT")]
    pub trail: Option<PathBuf>,
    /// Decide that nothing has to be learnt: what was revoked since the backup is valid again
    #[arg(long, requires = "reason")]
    pub without_trail: bool,
    /// Why that is so; stands in the journal
    #[arg(long, value_name = "TEXT", conflicts_with = "trail")]
    pub reason: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Which store.
    #[command(flatten)]
    pub place: Place,
}
