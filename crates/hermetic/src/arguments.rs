//! What people type.

mod audit;
mod ca;
mod cert;
mod export;
mod inventory;
mod policy;
mod renewal;
mod revocation;
mod scan;
mod store;
mod trail;

pub use audit::{Audit, AuditFormat, Explain};
pub use ca::{AuthorityFormat, Ca, Change, Create, ImportAuthority, Named, Rotate, RotationStep, Stores};
pub use cert::{Cert, Import, Issue};
pub use export::{ExportCertificate, ExportForm, SelfSigned};
pub use inventory::{CertificateFormat, List, Show, Standing};
pub use policy::{Evaluate, Fix, Generate, Lint, Policy, Prove};
pub use renewal::{FindingsFormat, Renew, Watch};
pub use revocation::{ListFormat, RevocationLists, Revoke};
pub use scan::{Addresses, Resolver, Scan, ScanFormat, interval};
pub use store::{Backup, Migrate, Reconcile, Restore, Store};
pub use trail::{Export, Kind, Tail, Trail, Verify};

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use hermetic_guard::RuleId;
use hermetic_hop::PartyName;
use tracing::Level;

use crate::tour::Breakage;

const EXAMPLES: &str = "\
Examples:
  hermetic up                              run ./hermetic.toml, or the tour where there is none
  hermetic up --to http://127.0.0.1:3000   put TLS before an application that is there already
  hermetic init https://shop.example.com   write a first hermetic.toml, which looks at what is there
  hermetic check                           judge ./hermetic.toml before it runs
  hermetic hops --watch                    watch the hops of the running instance
  hermetic scan db.internal:5432           see what an endpoint accepts
  hermetic audit                           judge the infrastructure code in this folder
  hermetic cert issue --name db.internal   issue a certificate

Exit status:
  0 fine   1 something falls short   2 wrong usage or input   3 could not be done or told";

/// Encryption in transit, at every hop, enforced and proven.
#[derive(Debug, Parser)]
#[command(
    name = "hermetic",
    version,
    about,
    after_help = EXAMPLES,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What Hermetic can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a configuration, an edge before one application, or the tour
    Up(Up),
    /// A party of the tour, started by `up`
    #[command(hide = true)]
    Part,
    /// Write a first hermetic.toml, from an address or two
    Init(Init),
    /// Judge a configuration by what it declares, before it runs
    Check(Check),
    /// Have the running instance serve what its configuration and certificates say now
    Reload(Reload),
    /// Have the program on the disk take over from the running instance, with all of its sockets
    Upgrade(Upgrade),
    /// Show the hops of the running instance, each with its verdict and evidence
    Hops(Hops),
    /// See what an endpoint accepts on the wire, and what that is worth
    Scan(Scan),
    /// Judge infrastructure code for encryption in transit, and follow the data through it
    Audit(Audit),
    /// What a control or a check asks, why, and what to do where it does not hold
    Explain(Explain),
    /// See the wire of the running tour; break one of its hops, and mend it
    #[command(subcommand, arg_required_else_help = true)]
    Tour(Tour),
    /// List, show, issue and import certificates
    #[command(subcommand, arg_required_else_help = true)]
    Cert(Cert),
    /// The certificate authorities: list, show and make them, and have browsers believe their roots
    #[command(subcommand, arg_required_else_help = true)]
    Ca(Ca),
    /// Back the store up, restore it, and tell it then what happened since
    #[command(subcommand, arg_required_else_help = true)]
    Store(Store),
    /// The journal of all that happened to certificates: check it, read it, export it
    #[command(subcommand, arg_required_else_help = true)]
    Trail(Trail),
    /// IAM policy documents: prove that they deny insecure transport, and mend those that don't
    #[command(subcommand, arg_required_else_help = true)]
    Policy(Policy),
    /// What hermetic.toml may say
    #[command(subcommand, arg_required_else_help = true)]
    Config(Config),
    /// What TLS may be
    #[command(subcommand, arg_required_else_help = true)]
    Tls(Tls),
    /// List the guard's rules: what is refused, mended or counted
    Guard {
        /// Only this one, in full
        #[arg(value_name = "RULE", value_parser = rule(), hide_possible_values = true)]
        rule: Option<RuleId>,
        /// What they do on the listeners of this configuration, where that is not the default
        #[arg(long, value_name = "FILE", conflicts_with = "rule")]
        config: Option<PathBuf>,
        /// How to print
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

impl Command {
    /// How much it logs: what runs for long tells what happens, what answers a question only what
    /// is wrong.
    pub fn log_level(&self) -> Level {
        match self {
            Self::Up(_) | Self::Part => Level::INFO,
            _ => Level::WARN,
        }
    }
}

/// `hermetic up`.
#[derive(Debug, Args)]
pub struct Up {
    /// The configuration [default: ./hermetic.toml, or the tour where there is none]
    #[arg(long, value_name = "FILE", conflicts_with = "to")]
    pub config: Option<PathBuf>,
    /// Seal the application at this URL, without a configuration
    #[arg(long, value_name = "URL")]
    pub to: Option<String>,
    /// Move all ports of the tour and of --to; 8000 gives 8443 and 8080
    #[arg(long, value_name = "N", conflicts_with = "config")]
    pub port_base: Option<u16>,
    /// The folder of keys, certificates and the admin socket [default: .hermetic]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// `hermetic reload`.
#[derive(Debug, Args)]
pub struct Reload {
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Which instance.
    #[command(flatten)]
    pub place: Place,
}

/// `hermetic upgrade`.
#[derive(Debug, Args)]
pub struct Upgrade {
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Which instance.
    #[command(flatten)]
    pub place: Place,
}

/// `hermetic init`.
#[derive(Debug, Args)]
pub struct Init {
    /// Where data goes, in its order: `https://shop.example.com postgres://db.internal:5432`
    /// [default: asked for at the terminal]
    #[arg(value_name = "ADDRESS")]
    pub endpoints: Vec<String>,
    /// The file to write, never over one that is there
    #[arg(long, value_name = "FILE", default_value = "hermetic.toml")]
    pub config: PathBuf,
}

/// `hermetic check`.
#[derive(Debug, Args)]
pub struct Check {
    /// The configuration; - is standard input
    #[arg(value_name = "CONFIG", default_value = "hermetic.toml")]
    pub config: PathBuf,
    /// Look at each `[[hop]]` from here: a verified handshake with each far end, and the logs they name
    #[arg(long)]
    pub probe: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub format: ReportFormat,
}

/// `hermetic hops`.
#[derive(Debug, Args)]
pub struct Hops {
    /// Only this flow and its hops
    #[arg(long, value_name = "NAME")]
    pub flow: Option<PartyName>,
    /// Look again every second
    #[arg(long)]
    pub watch: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub format: ReportFormat,
    /// Which instance.
    #[command(flatten)]
    pub place: Place,
}

/// `hermetic tour`.
#[derive(Debug, Subcommand)]
pub enum Tour {
    /// Break the hop from the balancer to the application, really
    Break {
        /// How
        #[arg(value_enum)]
        kind: Breakage,
        /// How to print
        #[arg(long, value_enum, default_value_t)]
        format: Format,
        /// Which instance.
        #[command(flatten)]
        place: Place,
    },
    /// Send a secret over the path, and search it in what the relays on the hops captured
    Wire {
        /// The secret, 6 to 256 bytes [default: one by chance]
        #[arg(long, value_name = "TEXT")]
        secret: Option<String>,
        /// How to print
        #[arg(long, value_enum, default_value_t)]
        format: Format,
        /// Which instance.
        #[command(flatten)]
        place: Place,
    },
    /// Put it back
    Mend {
        /// How to print
        #[arg(long, value_enum, default_value_t)]
        format: Format,
        /// Which instance.
        #[command(flatten)]
        place: Place,
    },
}

/// `hermetic config`.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum Config {
    /// Print the JSON Schema of hermetic.toml, for editors
    Schema,
    /// Print every key of hermetic.toml with its meaning, in Markdown
    Reference,
}

/// `hermetic tls`.
#[derive(Debug, Subcommand)]
pub enum Tls {
    /// List the security policies, and how far the gateway can serve each
    Policies {
        /// Only this one, in full
        #[arg(value_name = "NAME")]
        name: Option<String>,
        /// How to print
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

/// Where an instance, its authority and its store are.
#[derive(Debug, Args)]
pub struct Place {
    /// The configuration of the instance [default: ./hermetic.toml where there is one]
    #[arg(long, value_name = "FILE", conflicts_with = "data")]
    pub config: Option<PathBuf>,
    /// The data folder of the instance [default: the configuration's, else .hermetic]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// How to print.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Table,
    /// For programs.
    Json,
}

/// How to print a report on hops.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For people.
    #[default]
    Table,
    /// For programs.
    Json,
    /// A picture, for documents.
    Svg,
    /// A page of its own with the picture and a legend.
    Html,
    /// The picture as text for Graphviz.
    Dot,
}

/// Known words, so that a slip of the finger is told with the nearest.
fn rule() -> impl TypedValueParser<Value = RuleId> {
    PossibleValuesParser::new(RuleId::ALL.map(RuleId::as_str)).try_map(|text| text.parse::<RuleId>())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_do_not_contradict_each_other() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_help_says_what_there_is_to_do() {
        insta::assert_snapshot!(Arguments::command().term_width(100).render_long_help());
    }

    #[test]
    fn what_stands_below_the_help_of_an_audit_is_broken_by_us_and_not_by_the_terminal() {
        let command = Arguments::command();
        let audit = command.find_subcommand("audit").unwrap();
        let below = audit.get_after_help().unwrap().to_string();
        assert!(below.lines().all(|line| line.chars().count() < 100), "{below}");
    }

    #[test]
    fn wrong_usage_ends_with_2() {
        for wrong in [
            &["hermetic"][..],
            &["hermetic", "hopps"],
            &["hermetic", "up", "--config", "a", "--to", "http://b"],
            &["hermetic", "cert", "issue"],
            &["hermetic", "tour", "break"],
            &["hermetic", "tour", "break", "everything"],
            &["hermetic", "cert", "issue", "--name", "under score space"],
            &["hermetic", "hops", "--flow", "a b"],
            &["hermetic", "hops", "--data", "a", "--config", "b"],
            &["hermetic", "ca", "create", "corp", "--root", "--under", "other"],
            &["hermetic", "ca", "create", "corp", "--key", "rsa1024"],
            &["hermetic", "ca", "create", "Corp"],
            &["hermetic", "ca", "create", "corp", "--permit", "example.com"],
            &["hermetic", "ca", "create", "corp", "--subject", "Example"],
            &["hermetic", "ca", "create", "corp", "--shards", "0"],
            &["hermetic", "ca", "delete", "corp", "--window", "3"],
            &["hermetic", "ca", "import", "corp"],
        ] {
            let error = Arguments::try_parse_from(wrong).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{wrong:?}: {error}");
        }
    }
}
