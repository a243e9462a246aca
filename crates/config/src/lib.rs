//! `hermetic.toml`: what a person wrote, parsed into types that can't be wrong.
//!
//! A text becomes a [`Configuration`] only if all of it is valid; otherwise every problem in it is
//! told at once, each with its place and a hint. What a person may write is declared once, in the
//! module `written`: the reader, the [JSON Schema](schema()) and the [reference page](reference()) all
//! come from there.

mod audit;
mod check;
mod crl;
mod external;
mod hops;
mod model;
mod nearest;
mod period;
mod policy_file;
mod problem;
mod reference;
mod size;
mod stamp;
mod written;

pub use audit::parse_audit_terms;
pub use crl::ClientCrlError;
pub use external::{End, EvidenceSource, ExternalHop, LogFormat, PgStatSsl};
pub use model::{
    Accepted, Admitted, AuditTerms, AuthQuery, Authority, CertificateSource, ClientCrl, Clients,
    Configuration, ControlRequirement, Destination, Endpoint, Fraction, Hook, HookAction, HookEvent,
    HostPattern, Http, Https, Issuance, KeyEncryption, Limits, Listener, Login, Name, NameError, NamedAt,
    Network, NetworkError, Others, Passage, Postgres, Presented, Protocol, ProxyProtocol,
    ProxyProtocolVersion, Rate, Redirect, Route, Scanning, ScramVerifier, ScramVerifierError, Secret,
    SecretSource, SslNegotiation, StoredCertificate, StoredCertificateError, Stream, StreamClients,
    StreamRoute, Termination, Token, Trust, Upstream, UpstreamTls, UpstreamTransport, UserList, Users,
    Weakened, WebhookUrl,
};
pub use nearest::nearest;
pub use policy_file::{parse_policy, read_policy};
pub use problem::{ConfigurationError, Problem};
pub use reference::{reference, schema};
pub use stamp::{FileRead, Stamp};

use std::path::Path;

use hermetic_tls::Clock;
use problem::Problems;

/// Reads and validates a configuration file. Relative paths in it start at its folder.
pub fn read(path: &Path, clock: &dyn Clock) -> Result<Configuration, ConfigurationError> {
    attempt(path, clock).outcome
}

/// One reading of a configuration file.
#[derive(Debug)]
pub struct Attempt {
    /// What came of it.
    pub outcome: Result<Configuration, ConfigurationError>,
    /// What it rests on, whether it succeeded or not: the file itself, and the certificates, keys and
    /// roots that it names. Read again, it comes out otherwise only when one of them changed, or with time.
    pub files: Vec<FileRead>,
}

/// Reads and validates a configuration file, and tells which files to watch for the next reading.
pub fn attempt(path: &Path, clock: &dyn Clock) -> Attempt {
    let mut files = vec![FileRead::about_to(path)];
    let read = std::fs::read_to_string(path);
    let outcome = read.map_err(|source| ConfigurationError::Read { path: path.to_owned(), source });
    let outcome = outcome.and_then(|text| noting(&text, path, clock, &mut files));
    Attempt { outcome, files }
}

/// Validates a configuration text. `path` names it in errors, and its folder is where relative paths start.
pub fn parse(text: &str, path: &Path, clock: &dyn Clock) -> Result<Configuration, ConfigurationError> {
    noting(text, path, clock, &mut Vec::new())
}

fn noting(
    text: &str,
    path: &Path,
    clock: &dyn Clock,
    files: &mut Vec<FileRead>,
) -> Result<Configuration, ConfigurationError> {
    let mut problems = Problems::new(text);
    let folder = path.parent().unwrap_or(Path::new(""));
    let configuration = written::read(text, &mut problems).and_then(|written| {
        let (configuration, named) = check::configuration(&written, folder, clock.now(), &mut problems);
        files.extend(named);
        configuration
    });
    match configuration {
        Some(configuration) if problems.is_empty() => Ok(configuration),
        _ => Err(ConfigurationError::Invalid { path: path.to_owned(), problems: problems.in_order() }),
    }
}

#[cfg(test)]
mod tests;
