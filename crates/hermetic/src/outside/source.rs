//! Where evidence of an external hop comes from: a probe from here, a log that an end of it writes,
//! or a PostgreSQL server that tells of its sessions.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use hermetic_config::{EvidenceSource, ExternalHop, PgStatSsl};
use hermetic_hop::{HopName, Observation, Step, View};
use hermetic_probe::{Outcome, Target, probe};
use hermetic_tls::{
    ClientHandshake, ClientSettings, Clock, Expected, RevokedCertificates, SecurityPolicy, TrustAnchors,
};
use hermetic_trail::{LogFormat, LogReader, LoggedConnections, PgServer, pg_stat_ssl};

use super::OutsideError;

/// How long a far end may take for an answer, prelude and handshake included.
const DEADLINE: Duration = Duration::from_secs(10);

/// One source of evidence of one hop.
#[derive(Debug)]
pub struct Source {
    /// The hop.
    pub hop: HopName,
    /// Whose view its evidence is.
    pub view: View,
    /// How often it is looked at.
    pub interval: Duration,
    policy: &'static SecurityPolicy,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Probe(Box<Target>),
    Log { path: PathBuf, format: LogFormat, reader: Option<Box<LogReader>> },
    Sessions { server: PgStatSsl, trust: TrustAnchors, revoked: RevokedCertificates },
}

impl Source {
    /// The sources of a hop.
    pub fn of(
        hop: &ExternalHop,
        data: &Path,
        revoked: &RevokedCertificates,
    ) -> Result<Vec<Self>, OutsideError> {
        hop.evidence.iter().filter_map(|source| Self::one(hop, source, data, revoked).transpose()).collect()
    }

    fn one(
        hop: &ExternalHop,
        source: &EvidenceSource,
        data: &Path,
        revoked: &RevokedCertificates,
    ) -> Result<Option<Self>, OutsideError> {
        let (view, kind) = match source {
            EvidenceSource::Probe => {
                let (Some(endpoint), Some(expected)) = (&hop.endpoint, &hop.expected) else {
                    return Ok(None);
                };
                let trust = super::anchors(&hop.trust, &hop.name, data)?;
                let (endpoint, expected) = (endpoint.clone(), expected.clone());
                (
                    View::Client,
                    Kind::Probe(Box::new(Target {
                        endpoint,
                        trust,
                        revoked: revoked.clone(),
                        expected,
                        policy: hop.policy,
                        credential: None,
                        extent: None,
                    })),
                )
            }
            EvidenceSource::Log { path, format, view } => (
                View::from(*view),
                Kind::Log { path: path.clone(), format: log_format(*format), reader: None },
            ),
            EvidenceSource::PgStatSsl(server) => {
                let trust = super::anchors(&hop.trust, &hop.name, data)?;
                (View::Server, Kind::Sessions { server: server.clone(), trust, revoked: revoked.clone() })
            }
        };
        let (name, interval, policy) = (hop.name.clone(), hop.interval, hop.policy);
        Ok(Some(Self { hop: name, view, interval, policy, kind }))
    }

    /// Nothing seen yet.
    pub fn unseen(&self) -> Observation {
        Observation::new(self.hop.clone(), self.view)
    }

    /// Looks once, and notes what came of it; a source that can't tell leaves its reason.
    pub async fn look(&mut self, seen: &mut Observation, clock: &Arc<dyn Clock>) {
        let outcome = match &mut self.kind {
            Kind::Probe(target) => match probe(target, clock.clone(), DEADLINE).await {
                Outcome::Seen(evidence) => return seen.connected(&evidence),
                Outcome::Unreachable { reason, .. } => Err(reason),
            },
            Kind::Log { path, format, reader } => {
                let taken = (reader.take(), path.clone(), *format, self.hop.clone());
                let (view, policy, now) = (self.view, self.policy, clock.now());
                let read = move || {
                    let (reader, path, format, hop) = taken;
                    let mut reader = match reader {
                        Some(reader) => reader,
                        None => Box::new(LogReader::open(&path, format, hop, view).map_err(told)?),
                    };
                    reader.read_new(now).map_err(told)?;
                    let observation = reader.observation(policy, now);
                    Ok::<_, String>((reader, observation))
                };
                match tokio::task::spawn_blocking(read).await {
                    Ok(Ok((read, observation))) => {
                        *reader = Some(read);
                        Ok(observation)
                    }
                    Ok(Err(reason)) => Err(reason),
                    Err(error) => Err(error.to_string()),
                }
            }
            Kind::Sessions { server, trust, revoked } => {
                let asked = sessions(server, trust, revoked, clock).await;
                asked.map(|logged| logged.observation(self.hop.clone(), self.view, self.policy, clock.now()))
            }
        };
        match outcome {
            Ok(observation) => *seen = observation,
            Err(reason) => {
                seen.failed(&reason);
                seen.refused(clock.now(), Step::Connect, &reason);
            }
        }
    }
}

async fn sessions(
    server: &PgStatSsl,
    trust: &TrustAnchors,
    revoked: &RevokedCertificates,
    clock: &Arc<dyn Clock>,
) -> Result<LoggedConnections, String> {
    let password = match &server.password_file {
        Some(file) => {
            std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?
        }
        None => String::new(),
    };
    // The question is no part of the hop, and a hop may be measured by a policy that nobody can serve.
    let settings = ClientSettings {
        policy: SecurityPolicy::default_policy(),
        trust: trust.clone(),
        expected: Expected(server.expected.clone()),
        pins: Vec::new(),
        revoked: revoked.clone(),
        identity: None,
        alpn: vec!["postgresql".to_owned()],
    };
    let server = PgServer {
        host: server.host.clone(),
        port: server.port,
        database: server.database.clone(),
        user: server.user.clone(),
        password: password.trim_end_matches(['\r', '\n']).to_owned(),
        tls: Some(ClientHandshake::new(settings, clock.clone()).map_err(told)?),
        deadline: DEADLINE,
    };
    let sessions = pg_stat_ssl(&server).await.map_err(told)?;
    Ok(LoggedConnections::of_sessions(&sessions, clock.now()))
}

fn log_format(format: hermetic_config::LogFormat) -> LogFormat {
    match format {
        hermetic_config::LogFormat::Nginx => LogFormat::Nginx,
        hermetic_config::LogFormat::Envoy => LogFormat::Envoy,
        hermetic_config::LogFormat::Haproxy => LogFormat::Haproxy,
    }
}

fn told(error: impl std::error::Error) -> String {
    error.to_string()
}
