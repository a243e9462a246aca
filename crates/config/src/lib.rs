//! `hermetic.toml`: what a person wrote, parsed into types that can't be wrong.
//!
//! A text becomes a [`Configuration`] only if all of it is valid; otherwise every problem in it is
//! told at once, each with its place and a hint. What a person may write is declared once, in the
//! module `written`: the reader, the [JSON Schema](schema()) and the [reference page](reference()) all
//! come from there.

mod check;
mod external;
mod hops;
mod model;
mod nearest;
mod period;
mod problem;
mod reference;
mod written;

pub use external::{End, EvidenceSource, ExternalHop, LogFormat, PgStatSsl};
pub use model::{
    Authority, CertificateSource, Clients, Configuration, Destination, Endpoint, HostPattern, Https,
    Listener, Protocol, Route, Trust, Upstream, UpstreamTransport,
};
pub use problem::{ConfigurationError, Problem};
pub use reference::{reference, schema};

use std::path::Path;

use hermetic_tls::Clock;
use problem::Problems;

/// Reads and validates a configuration file. Relative paths in it start at its folder.
pub fn read(path: &Path, clock: &dyn Clock) -> Result<Configuration, ConfigurationError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| ConfigurationError::Read { path: path.to_owned(), source })?;
    parse(&text, path, clock)
}

/// Validates a configuration text. `path` names it in errors, and its folder is where relative paths start.
pub fn parse(text: &str, path: &Path, clock: &dyn Clock) -> Result<Configuration, ConfigurationError> {
    let mut problems = Problems::new(text);
    let folder = path.parent().unwrap_or(Path::new(""));
    let configuration = written::read(text, &mut problems)
        .and_then(|written| check::configuration(&written, folder, clock.now(), &mut problems));
    match configuration {
        Some(configuration) if problems.is_empty() => Ok(configuration),
        _ => Err(ConfigurationError::Invalid { path: path.to_owned(), problems: problems.in_order() }),
    }
}

#[cfg(test)]
mod tests;
