//! `hermetic cert`: certificates.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use hermetic_authority::AuthorityName;
use hermetic_keys::{KeyAlgorithm, KeyAlgorithmError};
use hermetic_tls::Identity;
use hermetic_x509::{DistinguishedName, ProfileKind};

use super::{ExportCertificate, Format, List, Place, Renew, Revoke, SelfSigned, Show, Watch};

/// `hermetic cert`.
#[derive(Debug, Subcommand)]
pub enum Cert {
    /// List the certificates of the store
    List(List),
    /// Show one certificate
    Show(Show),
    /// Issue a certificate, with a fresh key or for the one in a request
    Issue(Issue),
    /// Renew a certificate now
    Renew(Renew),
    /// Revoke a certificate: nobody believes it any more
    Revoke(Revoke),
    /// Judge all certificates: which end before anybody replaces them, live too long, or are weak
    Watch(Watch),
    /// Keep a certificate that was made elsewhere, with its chain and key
    Import(Import),
    /// Write a certificate to files, and its key where the profile that it was made by allows that
    Export(ExportCertificate),
    /// Make a certificate for tests, which nobody vouches for
    SelfSigned(SelfSigned),
}

/// `hermetic cert import`.
#[derive(Debug, Args)]
pub struct Import {
    /// What it is used as; where this name has a certificate, that is replaced
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Files that hold the certificate, its chain and its key: PEM, DER or PKCS#12
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// The file of the passphrase that the key or the PKCS#12 file is encrypted under
    #[arg(long, value_name = "FILE", conflicts_with = "passphrase_env")]
    pub passphrase_file: Option<PathBuf>,
    /// The environment variable that holds it
    #[arg(long, value_name = "VARIABLE")]
    pub passphrase_env: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Which authority.
    #[command(flatten)]
    pub place: Place,
}

const ISSUE_EXAMPLES: &str = "\
Examples:
  hermetic cert issue --name db.internal                        with a key that is made here
  hermetic cert issue --csr web.csr --profile server            for a key that is elsewhere
  hermetic cert issue --csr web.csr --name www.example.com      its names, and one more
  hermetic cert issue --name shop.example.com --key rsa2048 --lifetime 47d";

/// `hermetic cert issue`.
#[derive(Debug, Args)]
#[command(after_help = ISSUE_EXAMPLES)]
#[command(group = clap::ArgGroup::new("who").args(["name", "identity", "subject", "csr"]).required(true).multiple(true))]
pub struct Issue {
    /// A DNS name or IP address; may be given several times
    #[arg(long, value_name = "NAME", value_parser = host)]
    pub name: Vec<Identity>,
    /// A party, written `edge` or as a SPIFFE ID; may be given several times
    #[arg(long, value_name = "NAME")]
    pub identity: Vec<String>,
    /// Its subject, such as `CN=Builds,O=Example`, where the profile names by that
    #[arg(long, value_name = "DN")]
    pub subject: Option<DistinguishedName>,
    /// A certification request (PKCS#10, PEM or DER), for the key and the names in it; those given here come to
    /// these, and the profile judges all of them
    #[arg(long, value_name = "FILE")]
    pub csr: Option<PathBuf>,
    /// What it may be used as: a built-in profile or one of the configuration
    #[arg(long, visible_alias = "usage", value_name = "PROFILE", default_value = ProfileKind::default().name())]
    pub profile: String,
    /// Which authority signs [default: the configuration's `issuer`, else `intermediate`]
    #[arg(long, value_name = "CA")]
    pub issuer: Option<AuthorityName>,
    /// The kind of its key: p256, p384, rsa2048, rsa3072, rsa4096 or ed25519 [default: the first that the
    /// profile takes]
    #[arg(long, value_name = "KIND", value_parser = key_algorithm, conflicts_with = "csr")]
    pub key: Option<KeyAlgorithm>,
    /// How long it lives, such as 24h or 30d [default: as usual for the profile]
    #[arg(long, value_name = "TIME", value_parser = lifetime)]
    pub lifetime: Option<Duration>,
    /// The folder that the certificate and its key are written to
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub out: PathBuf,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Which authority.
    #[command(flatten)]
    pub place: Place,
}

/// A kind of key as people write it: `p256`, `P-256`, or AWS's name for it.
pub(super) fn key_algorithm(text: &str) -> Result<KeyAlgorithm, String> {
    let plain = |name: &str| name.to_ascii_lowercase().replace(['-', '_'], "");
    let known = KeyAlgorithm::ALL.into_iter().find(|known| plain(known.name()) == plain(text));
    known.map_or_else(|| text.parse().map_err(|error: KeyAlgorithmError| error.to_string()), Ok)
}

pub(super) fn host(text: &str) -> Result<Identity, String> {
    Identity::host(text).map_err(|error| error.to_string())
}

pub(super) fn lifetime(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is not a time; write 24h, 90m or 30d");
    let span: jiff::Span = text.parse().map_err(|_| wrong())?;
    let duration = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).map_err(|_| wrong())?;
    Duration::try_from(duration).ok().filter(|duration| !duration.is_zero()).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_of_key_is_read_as_people_write_it() {
        for (text, kind) in [("p256", KeyAlgorithm::EcdsaP256), ("RSA-2048", KeyAlgorithm::Rsa2048)] {
            assert_eq!(key_algorithm(text), Ok(kind));
        }
        assert_eq!(key_algorithm("EC_secp384r1"), Ok(KeyAlgorithm::EcdsaP384));
        assert!(key_algorithm("rsa1024").unwrap_err().contains("rsa1024"));
    }

    #[test]
    fn a_lifetime_is_read_as_people_write_it() {
        assert_eq!(lifetime("24h"), Ok(Duration::from_secs(86_400)));
        assert_eq!(lifetime("30d"), Ok(Duration::from_secs(30 * 86_400)));
        assert_eq!(lifetime("1h30m"), Ok(Duration::from_secs(5_400)));
        for wrong in ["", "0s", "-1h", "soon", "24"] {
            assert!(lifetime(wrong).is_err(), "{wrong}");
        }
    }
}
