//! `hermetic ca`: the certificate authorities.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand, ValueEnum};
use hermetic_authority::AuthorityName;
use hermetic_keys::{KeyAlgorithm, KeyAlgorithmError};
use hermetic_x509::crl::Shards;
use hermetic_x509::{DistinguishedName, NameSubtree};

use super::cert::lifetime;
use super::{Format, Place, RevocationLists};

const CREATE: &str = "\
Examples:
  hermetic ca create root --root --subject 'CN=Example Root CA,O=Example' --key p384
  hermetic ca create intermediate --under root --permit dns:example.internal
  hermetic ca create branch --signed-elsewhere     then `hermetic ca csr` and `hermetic ca import`
  hermetic ca create vault --root --key-in hsm     a [[token]] of hermetic.toml";

const ROTATE: &str = "\
The steps are prepare (the next generation gets its key and certificate), publish (it is handed out, so
that trust in it spreads) and activate (it signs, and the one before retires). A running instance takes
them by itself in time, unless that is switched off.

Examples:
  hermetic ca rotate intermediate                    take the next step
  hermetic ca rotate intermediate --automatic off    let nothing be done by itself from now on";

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
    /// Make an authority; it issues at once, unless it is signed elsewhere
    Create(Create),
    /// Print what asks for the certificate of an authority that is signed elsewhere, as PEM
    Csr {
        /// Which authority.
        #[command(flatten)]
        authority: Named,
        /// Which store.
        #[command(flatten)]
        place: Place,
    },
    /// Give an authority the certificate that was signed elsewhere, with those above it up to the root
    Import(ImportAuthority),
    /// Have an authority issue nothing any more; it still tells of what it issued
    Disable(Change),
    /// Have a disabled authority issue again
    Enable(Change),
    /// Delete an authority that is disabled, expired or pending; for some days it can be restored
    Delete {
        /// For how many days it can be restored; then its key is erased
        #[arg(long, value_name = "DAYS", default_value_t = 30, value_parser = clap::value_parser!(u8).range(7..=30))]
        window: u8,
        /// Which.
        #[command(flatten)]
        change: Change,
    },
    /// Bring a deleted authority back to the state before
    Restore(Change),
    /// Take the next step by which another generation takes the place of the one that signs
    Rotate(Rotate),
    /// Print the revocation lists (CRLs), as they were signed last
    Crl(RevocationLists),
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

/// `hermetic ca create`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("signer").args(["root", "under", "signed_elsewhere"]), after_help = CREATE)]
pub struct Create {
    /// What to call it: small letters, digits and `.`, `_`, `-`
    #[arg(value_name = "NAME")]
    pub name: AuthorityName,
    /// Have it sign itself
    #[arg(long)]
    pub root: bool,
    /// Have this authority sign it [default: the root, where there is but one]
    #[arg(long, value_name = "CA")]
    pub under: Option<AuthorityName>,
    /// Have it signed by somebody who gets `hermetic ca csr`
    #[arg(long)]
    pub signed_elsewhere: bool,
    /// The kind of its key
    #[arg(long, value_name = "KIND", default_value = "p256", value_parser = key())]
    pub key: KeyAlgorithm,
    /// The `[[token]]` in which its key is made, and which it never leaves [default: the store]
    #[arg(long, value_name = "TOKEN")]
    pub key_in: Option<String>,
    /// Its subject, as RFC 4514 writes it: `CN=Example CA,O=Example` [default: made of its name and key]
    #[arg(long, value_name = "DN")]
    pub subject: Option<DistinguishedName>,
    /// How long each of its generations lives, such as 3650d [default: 3650d for a root, else 1825d]
    #[arg(long, value_name = "TIME", value_parser = lifetime)]
    pub lifetime: Option<Duration>,
    /// How many authorities may stand below it [default: any number below a root, else 0]
    #[arg(long, value_name = "N")]
    pub path_length: Option<u8>,
    /// Names that it and all below it may certify: `dns:example.com`, `ip:10.0.0.0/8`, `uri:`, `email:`,
    /// `directory:`; may be given several times
    #[arg(long, value_name = "NAMES")]
    pub permit: Vec<NameSubtree>,
    /// Names that they may not
    #[arg(long, value_name = "NAMES")]
    pub exclude: Vec<NameSubtree>,
    /// Over how many revocation lists its certificates are spread
    #[arg(long, value_name = "N", value_parser = shards)]
    pub shards: Option<Shards>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub format: AuthorityFormat,
    /// Which store.
    #[command(flatten)]
    pub place: Place,
}

/// `hermetic ca import`.
#[derive(Debug, Args)]
pub struct ImportAuthority {
    /// Which authority.
    #[command(flatten)]
    pub authority: Named,
    /// Files that hold the certificate and its chain, in order, up to the root: PEM or DER
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub format: AuthorityFormat,
    /// Which store.
    #[command(flatten)]
    pub place: Place,
}

/// What takes an authority from state to state.
#[derive(Debug, Args)]
pub struct Change {
    /// Which authority.
    #[command(flatten)]
    pub authority: Named,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub format: AuthorityFormat,
    /// Which store.
    #[command(flatten)]
    pub place: Place,
}

/// `hermetic ca rotate`.
#[derive(Debug, Args)]
#[command(after_help = ROTATE)]
pub struct Rotate {
    /// The authority, as `hermetic ca list` shows it
    #[arg(value_name = "NAME")]
    pub name: AuthorityName,
    /// Take just this step, be it early
    #[arg(long, value_name = "STEP", value_enum)]
    pub step: Option<RotationStep>,
    /// Take no step; from now on a running instance takes them by itself (`on`), or leaves them to you (`off`)
    #[arg(long, value_name = "on|off", conflicts_with = "step", value_parser = on_or_off)]
    pub automatic: Option<bool>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Which store.
    #[command(flatten)]
    pub place: Place,
}

fn on_or_off(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        other => Err(format!("`{other}` is neither on nor off")),
    }
}

/// A step of a rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RotationStep {
    /// Make the key and the certificate of the next generation.
    Prepare,
    /// Hand the next generation out, so that trust in it spreads.
    Publish,
    /// Have it sign, and the one before retire.
    Activate,
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

/// The kinds of keys under the names that people type.
const KEYS: &[(&str, KeyAlgorithm)] = &[
    ("p256", KeyAlgorithm::EcdsaP256),
    ("p384", KeyAlgorithm::EcdsaP384),
    ("rsa2048", KeyAlgorithm::Rsa2048),
    ("rsa3072", KeyAlgorithm::Rsa3072),
    ("rsa4096", KeyAlgorithm::Rsa4096),
    ("ed25519", KeyAlgorithm::Ed25519),
    #[cfg(feature = "ml-dsa")]
    ("mldsa44", KeyAlgorithm::MlDsa44),
    #[cfg(feature = "ml-dsa")]
    ("mldsa65", KeyAlgorithm::MlDsa65),
    #[cfg(feature = "ml-dsa")]
    ("mldsa87", KeyAlgorithm::MlDsa87),
];

fn key() -> impl TypedValueParser<Value = KeyAlgorithm> {
    PossibleValuesParser::new(KEYS.iter().map(|(word, _)| *word)).try_map(|text| {
        let kind = KEYS.iter().find(|(word, _)| *word == text).map(|(_, kind)| *kind);
        kind.ok_or(KeyAlgorithmError(text))
    })
}

fn shards(text: &str) -> Result<Shards, String> {
    let count = text.parse().map_err(|_| format!("`{text}` is no number"))?;
    Shards::new(count).map_err(|error| error.to_string())
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
