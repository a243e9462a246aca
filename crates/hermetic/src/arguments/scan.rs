//! `hermetic scan`.

use std::net::{IpAddr, SocketAddr};
use std::num::{NonZeroU16, NonZeroU32};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, ValueEnum};
use hermetic_probe::findings::Software;
use hermetic_probe::way::{Proxy, ProxyError};
use hermetic_tls::Identity;

const EXAMPLES: &str = "\
Examples:
  hermetic scan example.com                      its HTTPS port
  hermetic scan db.internal:5432                 PostgreSQL, by its port
  hermetic scan smtp://mail.example.com:587      STARTTLS, said by the scheme
  hermetic scan 10.0.1.5:8443 --sni shop.internal --trust ca.pem
  hermetic scan example.com --policy elb/ELBSecurityPolicy-TLS13-1-2-2021-06
  hermetic scan hermetic.toml                    its listeners, upstreams and hops
  hermetic scan 10.0.0.0/24:8443 --fast          each address of a range, by a few connections
  hermetic scan @targets.txt --format jsonl      a target a line, a report a line
  hermetic scan example.com --ip all             each address behind the name
  hermetic scan example.com --policy house.toml  a policy of one's own
  hermetic scan a.test b.test --format html > scan.html
  hermetic scan example.com --watch=10m          again and again, and what changes
  hermetic scan example.com --format json > known.json; hermetic scan example.com --baseline known.json
  hermetic scan example.com --revocation --aia   asks lists, OCSP responders and issuers, too

Exit status:
  0 all sealed   1 one falls short   2 wrong usage, or a line that is no target
  3 of one no handshake and no cleartext answer could be had, and none falls short";

/// `hermetic scan`.
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Scan {
    /// Hosts with or without a port, URLs (https, tls, postgres, mysql, redis, smtp, imap, pop3, ftp, ldap, mqtt,
    /// amqp, nats and their twins with an `s`), ranges (10.0.0.0/28:8443), lists (@FILE, - for standard input)
    /// or a hermetic.toml
    #[arg(value_name = "TARGET", required_unless_present_any = ["lists", "schema"])]
    pub targets: Vec<String>,
    /// A file with a target a line; what stands behind a # is a comment
    #[arg(long = "targets", value_name = "FILE")]
    pub lists: Vec<PathBuf>,
    /// Which of the addresses behind a name
    #[arg(long, value_enum, default_value_t, hide_possible_values = true, value_name = "one|all")]
    pub ip: Addresses,
    /// Who it must be, where that is not the host of the target
    #[arg(long, value_name = "NAME", value_parser = server_name)]
    pub sni: Option<Identity>,
    /// The least severity of a finding that ends the scan with 1 [default: the verdict says]
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub fail_on: Option<Severity>,
    /// An earlier scan, as json or jsonl: 1 only for what is new since
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Scan again and again, and print what changes; every 5 minutes, or so often as 30s, 10m or 1h behind the `=` says
    #[arg(long, value_name = "INTERVAL", num_args = 0..=1, require_equals = true, default_missing_value = "5m",
          value_parser = interval)]
    pub watch: Option<Duration>,
    /// What the endpoints are, where they don't show it: nginx, apache, haproxy, postfix and so on; for the remedies
    #[arg(long, value_name = "NAME", value_parser = Software::from_str)]
    pub software: Option<Software>,
    /// Ask little: versions, the best suite, the certificate, post-quantum groups; none of --revocation, --aia, --dns
    /// and --http-port
    #[arg(long, conflicts_with_all = ["revocation", "aia", "dns", "http_port"])]
    pub fast: bool,
    /// What it is measured by: a policy of `hermetic tls policies`, or a file of one's own (.toml or .json)
    #[arg(long, value_name = "NAME|FILE", default_value = "mozilla/intermediate")]
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
    /// How many targets are looked at at once
    #[arg(long, value_name = "N", default_value = "256")]
    pub concurrency: NonZeroU16,
    /// How many connections are open to one host at once
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub per_host: u16,
    /// How many connections are opened a second, in all [default: no limit]
    #[arg(long, value_name = "N", value_parser = rate)]
    pub rate: Option<f64>,
    /// How many connections are opened a second to one host [default: no limit]
    #[arg(long, value_name = "N", value_parser = rate)]
    pub host_rate: Option<f64>,
    /// How long each answer may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    pub timeout: Duration,
    /// How long one target is asked at the most, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = seconds)]
    pub deadline: Duration,
    /// How many connections one target is asked by at the most
    #[arg(long, value_name = "N", default_value = "500", value_parser = budget)]
    pub budget: u32,
    /// Ask the lists and OCSP responders that the certificates name whether they are revoked
    #[arg(long)]
    pub revocation: bool,
    /// Fetch issuers that the server does not send from where the certificates say that they are
    #[arg(long)]
    pub aia: bool,
    /// Whom to ask for DNS records: an address, or `off` [default: the system's resolver]
    #[arg(long, value_name = "ADDRESS", value_parser = Resolver::from_str)]
    pub dns: Option<Resolver>,
    /// The port for HTTP in cleartext [default: 80 beside 443]
    #[arg(long, value_name = "PORT")]
    pub http_port: Option<u16>,
    /// Say how many connections it took, on standard error
    #[arg(long)]
    pub verbose: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub format: ScanFormat,
    /// Print the JSON Schema of what json and jsonl print, and scan nothing
    #[arg(long)]
    pub schema: bool,
    /// The account whose Security Hub the findings are for
    #[arg(long, value_name = "DIGITS", required_if_eq("format", "asff"), value_parser = super::renewal::account)]
    pub aws_account: Option<String>,
    /// Its region
    #[arg(long, value_name = "REGION", required_if_eq("format", "asff"))]
    pub aws_region: Option<String>,
}

/// The severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Severity {
    /// It can wait, or worse
    Low,
    /// It should be mended in days, or worse
    Medium,
    /// An attack is known, or the far end is not who it must be; or worse
    High,
    /// Anybody can read or forge what passes, or it is an outage
    Critical,
}

impl From<Severity> for hermetic_hop::Severity {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Low => Self::Low,
            Severity::Medium => Self::Medium,
            Severity::High => Self::High,
            Severity::Critical => Self::Critical,
        }
    }
}

/// Who is asked for DNS records.
#[derive(Clone, Copy, Debug)]
pub enum Resolver {
    /// Nobody.
    Off,
    /// The resolver there.
    At(SocketAddr),
}

impl FromStr for Resolver {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self::Off);
        }
        let bare = text.parse().map(|address: IpAddr| SocketAddr::new(address, 53));
        let address = bare.or_else(|_| text.parse());
        address
            .map(Self::At)
            .map_err(|_| format!("`{text}` is no address such as 127.0.0.53 or [::1]:5353, nor `off`"))
    }
}

/// Which of the addresses behind a name are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Addresses {
    /// The first that takes a connection
    #[default]
    One,
    /// Each, IPv4 and IPv6
    All,
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
    /// A page of its own with pictures, to send to somebody
    Html,
    /// A finding a line, for spreadsheets
    Csv,
    /// A test for each check, for CI
    Junit,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// The AWS Security Finding Format, for Security Hub
    Asff,
    /// Events of OCSF 1.8.0, for collectors
    Ocsf,
}

/// A wildcard is what a certificate has, and no name that a client asks for (RFC 6066 section 3).
fn server_name(text: &str) -> Result<Identity, String> {
    if let Some((_, below)) = text.split_once("*.") {
        return Err(format!("`{text}` is a wildcard; write a name that it covers, such as www.{below}"));
    }
    Identity::host(text).map_err(|error| error.to_string())
}

fn proxy(text: &str) -> Result<Proxy, String> {
    text.parse().map_err(|error: ProxyError| error.to_string())
}

fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate: &f64| (0.01..=1e6).contains(rate));
    rate.ok_or_else(|| format!("`{text}` is not between 0.01 and 1000000 a second"))
}

fn budget(text: &str) -> Result<u32, String> {
    let budget = text.parse::<NonZeroU32>().map_err(|error| error.to_string())?;
    Ok(budget.get())
}

/// `30s`, `10m`, `1h`, or seconds without a unit.
pub fn interval(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is no interval between 1s and 7d, such as 30s, 10m or 1h");
    let (number, unit) = match text.char_indices().last() {
        Some((at, unit)) if unit.is_ascii_alphabetic() => (text.get(..at).unwrap_or_default(), unit),
        _ => (text, 's'),
    };
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    let whole: u64 = number.parse().map_err(|_| wrong())?;
    let interval = whole.checked_mul(seconds).filter(|all| (1..=7 * 86_400).contains(all));
    interval.map(Duration::from_secs).ok_or_else(wrong)
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds: &f64| (0.1..=600.0).contains(seconds));
    seconds.map(Duration::from_secs_f64).ok_or_else(|| format!("`{text}` is not between 0.1 and 600 seconds"))
}
