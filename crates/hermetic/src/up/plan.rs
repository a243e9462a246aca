//! What `up` is to run: a configuration file, an edge before one application, or the tour.

use std::path::{Path, PathBuf};

use hermetic_config::{Attempt, Configuration, ConfigurationError, FileRead};
use hermetic_tls::SystemClock;
use http::Uri;

use super::Options;
use super::file::ConfigurationFile;
use crate::tour::{self, Ports};

/// What to run.
#[derive(Debug)]
pub enum Plan {
    /// A configuration, in this process.
    Configuration {
        /// What it says.
        configuration: Box<Configuration>,
        /// Where it says so.
        file: ConfigurationFile,
        /// What was read for it.
        read: Vec<FileRead>,
    },
    /// An edge before an application that is there already, in this process.
    Edge {
        /// Edge, redirect and upstream.
        configuration: Box<Configuration>,
        /// Its ports.
        ports: Ports,
    },
    /// The tour, each party a process.
    Tour {
        /// The whole path.
        configuration: Box<Configuration>,
        /// The same as text, for the parts.
        text: String,
        /// Its ports.
        ports: Ports,
    },
}

/// What can't be run.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The configuration is wrong.
    #[error(transparent)]
    Configuration(#[from] ConfigurationError),
    /// `--to` and `--config` together.
    #[error("--to seals one application without a configuration; leave out --to or --config")]
    Both,
    /// `--port-base` with a configuration that names its ports itself.
    #[error("--port-base moves the ports of the tour and of --to; {} names its own", .0.display())]
    PortBase(PathBuf),
    /// Ports that pass 65535.
    #[error("--port-base {0} is too high; at most 65000")]
    TooHigh(u16),
    /// Not a URL that can be sealed.
    #[error("--to {0}: write http://host:port, or https://host[:port]")]
    To(String),
}

/// The configuration that is run where none is named.
const HERE: &str = "hermetic.toml";

impl Plan {
    /// What these options ask for.
    pub fn of(options: &Options) -> Result<Self, PlanError> {
        let file = options.config.clone().or_else(|| Some(PathBuf::from(HERE)).filter(|file| file.exists()));
        match (&options.to, file) {
            (Some(_), Some(_)) if options.config.is_some() => Err(PlanError::Both),
            (None, Some(file)) if options.port_base.is_some() => Err(PlanError::PortBase(file)),
            (None, Some(file)) => {
                let file = ConfigurationFile { path: file, data: options.data.clone() };
                let Attempt { outcome, files } = file.attempt();
                Ok(Self::Configuration { configuration: Box::new(outcome?), file, read: files })
            }
            (to, _) => Self::made(to.as_deref(), options),
        }
    }

    /// The configuration of it.
    pub fn configuration(&self) -> &Configuration {
        match self {
            Self::Configuration { configuration, .. }
            | Self::Edge { configuration, .. }
            | Self::Tour { configuration, .. } => configuration,
        }
    }

    fn made(to: Option<&str>, options: &Options) -> Result<Self, PlanError> {
        let base = options.port_base.unwrap_or(Ports::DEFAULT_BASE);
        let ports = Ports::above(base).ok_or(PlanError::TooHigh(base))?;
        let data = options.data.clone().unwrap_or_else(|| PathBuf::from(".hermetic"));
        let (name, text) = match to {
            Some(to) => (format!("--to {to}"), edge(to, ports)?),
            None => ("tour".to_owned(), tour::configuration(ports)),
        };
        let mut configuration = Box::new(hermetic_config::parse(&text, Path::new(&name), &SystemClock)?);
        configuration.move_data(data);
        configuration.drain = super::TOUR_DRAIN;
        Ok(match to {
            Some(_) => Self::Edge { configuration, ports },
            None => Self::Tour { configuration, text, ports },
        })
    }
}

/// The same edge as the tour's, before the application at `to`.
fn edge(to: &str, ports: Ports) -> Result<String, PlanError> {
    let wrong = || PlanError::To(to.to_owned());
    let target: Uri = to.parse().map_err(|_| wrong())?;
    let host = target.host().ok_or_else(wrong)?;
    if !matches!(target.path(), "" | "/") || target.query().is_some() {
        return Err(wrong());
    }
    let (port, tls) = match target.scheme_str() {
        Some("http") => (target.port_u16().unwrap_or(80), String::new()),
        Some("https") => {
            let name = host.trim_matches(['[', ']']);
            (target.port_u16().unwrap_or(443), format!("tls = {{ trust = \"system\", name = \"{name}\" }}\n"))
        }
        _ => return Err(wrong()),
    };
    let doors = tour::doors(ports);
    Ok(format!(
        r#"{doors}
[[route]]
listener = "edge"
to = "app"

[[upstream]]
name = "app"
endpoints = ["{host}:{port}"]
{tls}
[[flow]]
name = "sealed"
path = ["client", "edge", "app"]
"#
    ))
}
