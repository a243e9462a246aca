//! `hermetic cert export` and `hermetic cert self-signed`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use hermetic_keys::KeyAlgorithm;
use hermetic_tls::Identity;
use hermetic_x509::ProfileKind;

use super::cert::{host, key_algorithm, lifetime};
use super::{Format, Place};

const EXAMPLES: &str = "\
Examples:
  hermetic cert export shop.example.com                            the chain as PEM
  hermetic cert export shop.example.com --key --passphrase-file p  and the key under a passphrase
  hermetic cert export 3f0a7c21 --format p12 --passphrase-env P --out shop.p12";

/// `hermetic cert export`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ExportCertificate {
    /// Its serial number or the first digits of it, its SHA-256 fingerprint, what it is used as, or a name in it
    #[arg(value_name = "SERIAL|NAME|FINGERPRINT")]
    pub certificate: String,
    /// The folder that it is written to, or the file of the certificate; others go beside it
    #[arg(long, value_name = "DIR|FILE", default_value = ".")]
    pub out: PathBuf,
    /// What to write; p12 has the key in it always
    #[arg(long, value_enum, default_value_t)]
    pub format: ExportForm,
    /// Its private key, too, where the profile that it was made by allows that; always under a passphrase
    #[arg(long)]
    pub key: bool,
    /// PKCS#12 as macOS before 15, Windows before 2019 and Java before 8u301 read it: weak by today's measure
    #[arg(long)]
    pub old: bool,
    /// The file of the passphrase of the key
    #[arg(long, value_name = "FILE", conflicts_with = "passphrase_env")]
    pub passphrase_file: Option<PathBuf>,
    /// The environment variable that holds it
    #[arg(long, value_name = "VARIABLE")]
    pub passphrase_env: Option<String>,
    /// Which store.
    #[command(flatten)]
    pub place: Place,
}

/// In what form a certificate is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ExportForm {
    /// The certificate and its chain in one file, the key (PKCS#8) in another.
    #[default]
    Pem,
    /// The same, each certificate in a file of its own.
    Der,
    /// All of it in one PKCS#12 file.
    P12,
}

/// `hermetic cert self-signed`.
#[derive(Debug, Args)]
pub struct SelfSigned {
    /// A DNS name or IP address; may be given several times
    #[arg(long, value_name = "NAME", value_parser = host, required = true)]
    pub name: Vec<Identity>,
    /// What it may be used as: a built-in profile or one of the configuration
    #[arg(long, value_name = "PROFILE", default_value = ProfileKind::Server.name())]
    pub profile: String,
    /// The kind of its key: p256, p384, rsa2048, rsa3072, rsa4096 or ed25519
    #[arg(long, value_name = "KIND", default_value = "p256", value_parser = key_algorithm)]
    pub key: KeyAlgorithm,
    /// How long it lives, such as 24h or 30d [default: as usual for the profile]
    #[arg(long, value_name = "TIME", value_parser = lifetime)]
    pub lifetime: Option<Duration>,
    /// The folder that the certificate and its key are written to
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub out: PathBuf,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Which store.
    #[command(flatten)]
    pub place: Place,
}
