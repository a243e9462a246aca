//! `hermetic scan`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use hermetic_tls::Identity;

use super::Format;

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
    /// A host with or without a port, or a URL: https, tls, postgres, mysql, redis, rediss, smtp
    #[arg(value_name = "TARGET")]
    pub target: String,
    /// Who it must be, where that is not the host of the target
    #[arg(long, value_name = "NAME", value_parser = host)]
    pub sni: Option<Identity>,
    /// What it is measured by
    #[arg(long, value_name = "NAME", default_value = "mozilla/intermediate")]
    pub policy: String,
    /// A PEM file with the roots that are believed [default: the system's]
    #[arg(long, value_name = "FILE")]
    pub trust: Option<PathBuf>,
    /// How many connections are open at once
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=16))]
    pub concurrency: u8,
    /// How long each answer may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    pub timeout: Duration,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

fn host(text: &str) -> Result<Identity, String> {
    Identity::host(text).map_err(|error| error.to_string())
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds: &f64| (0.1..=600.0).contains(seconds));
    seconds.map(Duration::from_secs_f64).ok_or_else(|| format!("`{text}` is not between 0.1 and 600 seconds"))
}
