//! `hermetic.toml`: what a person wrote, parsed into types that can't be wrong.
//!
//! A text becomes a [`Configuration`] only if all of it is valid; otherwise every problem in it is
//! told at once, each with its place and a hint. What a person may write is in [`written`], from
//! which the JSON Schema and the reference page are generated.

mod model;

pub use model::{
    Authority, CertificateSource, Clients, Configuration, Destination, Endpoint, HostPattern, Https,
    Listener, Protocol, Route, Trust, Upstream, UpstreamTransport,
};

use std::path::{Path, PathBuf};

use hermetic_hop::{HopName, Mode, Transport};
use hermetic_tls::{Clock, SecurityPolicy};

/// One thing that is wrong in a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

/// Why a configuration can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigurationError {
    /// The file can't be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The text is wrong in these places.
    #[error("{}", problems.iter().map(|p| format!("{}:{}:{}: {}", path.display(), p.line, p.column, p.message)).collect::<Vec<_>>().join("\n"))]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Everything that is wrong, in the order of the text.
        problems: Vec<Problem>,
    },
}

/// A hop as the configuration declares it.
#[derive(Clone, Debug, PartialEq)]
pub struct DeclaredHop {
    /// Its parties.
    pub name: HopName,
    /// What it demands.
    pub mode: Mode,
    /// The policy that it is measured by.
    pub policy: &'static SecurityPolicy,
    /// How it is declared to travel.
    pub transport: Transport,
}

/// Reads and validates a configuration file. Relative paths in it start at its folder.
pub fn read(path: &Path, clock: &dyn Clock) -> Result<Configuration, ConfigurationError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| ConfigurationError::Read { path: path.to_owned(), source })?;
    parse(&text, path, clock)
}

/// Validates a configuration text. `path` names it in errors, and its folder is where relative paths start.
pub fn parse(_text: &str, _path: &Path, _clock: &dyn Clock) -> Result<Configuration, ConfigurationError> {
    todo!()
}

/// The JSON Schema of `hermetic.toml`.
pub fn schema() -> serde_json::Value {
    todo!()
}

impl Configuration {
    /// The hops that it declares: into each listener, and from each listener to each upstream that
    /// it routes to. A listener and an upstream of one name are one party.
    pub fn hops(&self) -> Vec<DeclaredHop> {
        todo!()
    }
}
