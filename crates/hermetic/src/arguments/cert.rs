//! `hermetic cert`: certificates.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use hermetic_tls::Identity;

use super::{Format, Place, Renew, Watch};

/// `hermetic cert`.
#[derive(Debug, Subcommand)]
pub enum Cert {
    /// List the certificates that were issued
    List {
        /// How to print
        #[arg(long, value_enum, default_value_t)]
        format: Format,
        /// Which authority.
        #[command(flatten)]
        place: Place,
    },
    /// Show one certificate
    Show {
        /// The serial number, or as many of its first digits as no other has
        #[arg(value_name = "SERIAL")]
        serial: String,
        /// How to print; `pem` prints the chain alone
        #[arg(long, value_enum, default_value_t)]
        format: CertificateFormat,
        /// Which authority.
        #[command(flatten)]
        place: Place,
    },
    /// Issue a certificate with a fresh key
    Issue(Issue),
    /// Renew a certificate now
    Renew(Renew),
    /// Judge all certificates: which end before anybody replaces them, live too long, or are weak
    Watch(Watch),
    /// Keep a certificate that was made elsewhere, with its chain and key
    Import(Import),
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

/// `hermetic cert issue`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("who").args(["name", "identity"]).required(true).multiple(true))]
pub struct Issue {
    /// A DNS name or IP address; may be given several times
    #[arg(long, value_name = "NAME", value_parser = host)]
    pub name: Vec<Identity>,
    /// A party, written `edge` or as a SPIFFE ID; may be given several times
    #[arg(long, value_name = "NAME")]
    pub identity: Vec<String>,
    /// What it may be used as
    #[arg(long, value_enum, default_value_t)]
    pub usage: Usage,
    /// How long it lives, such as 24h or 30d [default: as the configuration says, else 24h]
    #[arg(long, value_name = "TIME", value_parser = lifetime)]
    pub lifetime: Option<Duration>,
    /// The folder that the certificate and its key are written to
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub out: PathBuf,
    /// Which authority.
    #[command(flatten)]
    pub place: Place,
}

/// How to print a certificate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum CertificateFormat {
    /// For people.
    #[default]
    Table,
    /// For programs.
    Json,
    /// The chain, for files.
    Pem,
}

/// What a certificate may be used as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Usage {
    /// As a TLS server.
    Server,
    /// As a TLS client.
    Client,
    /// As both.
    #[default]
    Both,
}

fn host(text: &str) -> Result<Identity, String> {
    Identity::host(text).map_err(|error| error.to_string())
}

fn lifetime(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is not a time; write 24h, 90m or 30d");
    let span: jiff::Span = text.parse().map_err(|_| wrong())?;
    let duration = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).map_err(|_| wrong())?;
    Duration::try_from(duration).ok().filter(|duration| !duration.is_zero()).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

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
