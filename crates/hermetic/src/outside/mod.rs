//! Hops that are not ours, looked at from here: once for `check --probe`, on an interval for `up`.

mod watch;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hermetic_config::{Configuration, EvidenceSource, ExternalHop, Trust};
use hermetic_hop::{Declared, HopName, Mode, Observation, Step, View};
use hermetic_probe::{Outcome, Target, probe};
use hermetic_tls::{CertificateError, Clock, TrustAnchors};

pub use watch::Watch;

/// How long a far end may take for an answer, prelude and handshake included.
const DEADLINE: Duration = Duration::from_secs(10);

/// A hop to look at.
#[derive(Clone, Debug)]
pub struct Sight {
    /// The hop.
    pub hop: HopName,
    /// How often.
    pub interval: Duration,
    target: Target,
}

/// Whom to believe can't be read.
#[derive(Debug, thiserror::Error)]
pub enum OutsideError {
    /// The authority's root: nothing was issued in this data folder yet.
    #[error("{hop}: trust = \"authority\" needs {file}, which `hermetic up` makes: {reason}")]
    Authority {
        /// The hop.
        hop: HopName,
        /// The file.
        file: String,
        /// Why it can't be read.
        reason: String,
    },
    /// The system's roots.
    #[error("{hop}: the system's trust anchors can't be used: {source}")]
    System {
        /// The hop.
        hop: HopName,
        /// Why.
        source: CertificateError,
    },
}

/// The external hops of a configuration as a report measures them. Nothing is declared of them:
/// what a configuration wishes of a stranger is no evidence.
pub fn hops(configuration: &Configuration) -> impl Iterator<Item = Declared> + '_ {
    configuration.external.iter().map(|hop| Declared {
        name: hop.name.clone(),
        mode: Mode::Observe,
        policy: hop.policy,
        transport: None,
    })
}

/// The hops of a configuration that are to be probed.
pub fn sights(configuration: &Configuration) -> Result<Vec<Sight>, OutsideError> {
    let probed = configuration.external.iter().filter(|hop| hop.evidence.contains(&EvidenceSource::Probe));
    probed.filter_map(|hop| sight(hop, &configuration.data).transpose()).collect()
}

fn sight(hop: &ExternalHop, data: &Path) -> Result<Option<Sight>, OutsideError> {
    let (Some(endpoint), Some(expected)) = (&hop.endpoint, &hop.expected) else { return Ok(None) };
    let target = Target {
        endpoint: endpoint.clone(),
        trust: anchors(hop, data)?,
        expected: expected.clone(),
        policy: hop.policy,
    };
    Ok(Some(Sight { hop: hop.name.clone(), interval: hop.interval, target }))
}

fn anchors(hop: &ExternalHop, data: &Path) -> Result<TrustAnchors, OutsideError> {
    let name = || hop.name.clone();
    match &hop.trust {
        Trust::File { anchors, .. } => Ok(anchors.clone()),
        Trust::System => {
            TrustAnchors::system().map_err(|source| OutsideError::System { hop: name(), source })
        }
        Trust::Authority => {
            let file = data.join("ca.pem");
            let failure = |reason: String| {
                let file = file.display().to_string();
                OutsideError::Authority { hop: name(), file, reason }
            };
            let pem = std::fs::read_to_string(&file).map_err(|error| failure(error.to_string()))?;
            TrustAnchors::from_pem(&pem).map_err(|error| failure(error.to_string()))
        }
    }
}

/// Looks at all of them once, side by side.
pub async fn look(sights: Vec<Sight>, clock: &Arc<dyn Clock>) -> Vec<Observation> {
    let mut looking = tokio::task::JoinSet::new();
    for sight in sights {
        let clock = clock.clone();
        looking.spawn(async move {
            let mut seen = Observation::new(sight.hop.clone(), View::Client);
            sight.look(&mut seen, clock).await;
            seen
        });
    }
    looking.join_all().await
}

impl Sight {
    /// Looks once, and notes what came of it.
    pub async fn look(&self, seen: &mut Observation, clock: Arc<dyn Clock>) {
        match probe(&self.target, clock, DEADLINE).await {
            Outcome::Seen(evidence) => seen.connected(&evidence),
            Outcome::Unreachable { at, reason } => {
                seen.failed(&reason);
                seen.refused(at, Step::Connect, &reason);
            }
        }
    }
}
