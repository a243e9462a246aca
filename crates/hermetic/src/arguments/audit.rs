//! `hermetic audit` and `hermetic explain`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Format;
use super::scan::Severity;

const AUDIT: &str = "\
Examples:
  hermetic audit                                    all infrastructure code in this folder
  hermetic audit template.yaml --param Env=prod     one template, with a parameter
  hermetic audit cdk.out                            what the CDK wrote
  terraform show -json plan | hermetic audit -      a plan
  hermetic audit --flows                            follow the data, hop by hop
  hermetic audit --flows --format svg > flows.svg   as a picture
  hermetic audit --emit-config > hermetic.toml      declared, to be held against what is there
  hermetic audit --control S3.5 --control CKV_AWS_2
  hermetic audit --format sarif > audit.sarif       for code scanning
  hermetic audit --list                             what is judged

A parameter that may have one of several values is followed in each; a finding says when it holds.
What nobody can tell before it is deployed is unknown, which neither passes nor fails.

Exit status:
  0 fine
  1 something falls short
  2 wrong usage or input
  3 nothing falls short, but something can't be told";

/// `hermetic audit`.
#[derive(Debug, Args)]
#[command(after_help = AUDIT)]
pub struct Audit {
    /// Templates, plans, states, folders of them; `-` is standard input
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// The value of a template's parameter; give several one after the other
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parameter)]
    pub parameters: Vec<(String, String)>,
    /// A file of parameters, in any form that AWS's tools take
    #[arg(long = "params", value_name = "FILE")]
    pub parameter_files: Vec<PathBuf>,
    /// The region that it is deployed to, where the code asks for it
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// The account that it is deployed to, where the code asks for it
    #[arg(long, value_name = "NUMBER")]
    pub account: Option<String>,
    /// Only this control, by its id here or in another tool, such as S3.5 or CKV_AWS_379; give several one after the
    /// other
    #[arg(long = "control", value_name = "ID")]
    pub controls: Vec<String>,
    /// Only what this framework asks for, such as fsbp, pci-dss-4 or nist-800-53; give several one after the other
    #[arg(long = "framework", value_name = "NAME")]
    pub frameworks: Vec<String>,
    /// A control of one's own; give several one after the other
    #[arg(long = "control-file", value_name = "FILE")]
    pub control_files: Vec<PathBuf>,
    /// The configuration whose `[[exception]]`s and `[[requirement]]`s count [default: ./hermetic.toml, where there is one]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// An earlier audit as JSON: only what fails anew falls short
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Follow the data from clients to stores, and show the hops
    #[arg(long)]
    pub flows: bool,
    /// Print the hops and flows as a hermetic.toml, so that `hermetic check --probe` can look at what the code declares
    #[arg(long, conflicts_with_all = ["format", "list"])]
    pub emit_config: bool,
    /// Show what passes and what does not apply, too
    #[arg(long)]
    pub all: bool,
    /// The least severity that falls short
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub fail_on: Option<Severity>,
    /// List the controls, and read nothing
    #[arg(long)]
    pub list: bool,
    /// Print the JSON Schema of the report, and read nothing
    #[arg(long, conflicts_with_all = ["format", "list", "emit_config"])]
    pub schema: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub format: AuditFormat,
}

/// How an audit is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum AuditFormat {
    /// For people: the worst first.
    #[default]
    Table,
    /// For programs: one document.
    Json,
    /// A finding a line, for streams.
    Jsonl,
    /// SARIF 2.1.0, for code scanning: each finding at its line.
    Sarif,
    /// JUnit's XML, for CI.
    Junit,
    /// CSV, for spreadsheets.
    Csv,
    /// Annotations of GitHub's workflows.
    Github,
    /// The AWS Security Finding Format, for Security Hub; needs --account and --region.
    Asff,
    /// OCSF compliance findings.
    Ocsf,
    /// The flows as a picture, for documents.
    Svg,
    /// The flows as text for Graphviz.
    Dot,
    /// A page of its own with the picture and the findings.
    Html,
}

impl AuditFormat {
    /// Whether it has a place for what could not be read.
    pub fn tells_problems(self) -> bool {
        matches!(self, Self::Table | Self::Json | Self::Junit | Self::Github | Self::Html)
    }
}

/// `hermetic explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// A control, by its id here or in another tool, such as S3.5 or CKV_AWS_379; or a check of a scan
    #[arg(value_name = "ID")]
    pub id: String,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

fn parameter(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(format!("`{text}` is no parameter; write NAME=VALUE")),
    }
}
