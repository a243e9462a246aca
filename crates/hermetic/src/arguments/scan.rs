//! `hermetic scan`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use hermetic_probe::way::{Proxy, ProxyError};
use hermetic_tls::Identity;

const EXAMPLES: &str = "\
Examples:
  hermetic scan example.com                      its HTTPS port
  hermetic scan db.internal:5432                 PostgreSQL, by its port
  hermetic scan smtp://mail.example.com:587      STARTTLS, said by the scheme
  hermetic scan 10.0.1.5:8443 --sni shop.internal --trust ca.pem
  hermetic scan example.com --policy elb/ELBSecurityPolicy-TLS13-1-2-2021-06

Exit status:
  0 sealed   1 it falls short   2 wrong usage or input   3 no handshake and no cleartext answer could be had";

/// `hermetic scan`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Scan {
    /// Hosts with or without a port, or URLs: https, tls, postgres, mysql, redis, rediss, smtp
    #[arg(value_name = "TARGET", required = true)]
    pub targets: Vec<String>,
    /// Who it must be, where that is not the host of the target
    #[arg(long, value_name = "NAME", value_parser = host)]
    pub sni: Option<Identity>,
    /// Ask little: versions, the best suite, the certificate, post-quantum groups
    #[arg(long)]
    pub fast: bool,
    /// What it is measured by
    #[arg(long, value_name = "NAME", default_value = "mozilla/intermediate")]
    pub policy: String,
    /// A PEM file with the roots that are believed [default: the system's]
    #[arg(long, value_name = "FILE")]
    pub trust: Option<PathBuf>,
    /// A PEM file with who we are, to an endpoint that asks for a client certificate
    #[arg(long, value_name = "FILE")]
    pub client_cert: Option<PathBuf>,
    /// A PEM file with its key, where that is not in the same file
    #[arg(long, value_name = "FILE", requires = "client_cert")]
    pub client_key: Option<PathBuf>,
    /// What to connect through: socks5://, socks5h:// or http://HOST:PORT
    #[arg(long, value_name = "URL", value_parser = proxy)]
    pub proxy: Option<Proxy>,
    /// How many connections are open to one host at once
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=16))]
    pub per_host: u8,
    /// How long each answer may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    pub timeout: Duration,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub format: ScanFormat,
}

/// How to print scans.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ScanFormat {
    /// Pages for people
    #[default]
    Table,
    /// A document for programs: the report of one target, or a list of many
    Json,
    /// A report a line, as they come
    Jsonl,
}

fn host(text: &str) -> Result<Identity, String> {
    Identity::host(text).map_err(|error| error.to_string())
}

fn proxy(text: &str) -> Result<Proxy, String> {
    text.parse().map_err(|error: ProxyError| error.to_string())
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds: &f64| (0.1..=600.0).contains(seconds));
    seconds.map(Duration::from_secs_f64).ok_or_else(|| format!("`{text}` is not between 0.1 and 600 seconds"))
}
