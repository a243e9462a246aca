//! Hops that are not ours, looked at from here: once for `check --probe`, on an interval for `up`.

mod source;
mod watch;

use std::path::Path;
use std::sync::Arc;

use hermetic_authority::revoked_in;
use hermetic_config::{Configuration, Trust};
use hermetic_hop::{Declared, HopName, HopReport, Observation, assess_hop};
use hermetic_store::{Store, StorePlace};
use hermetic_tls::{CertificateError, Clock, RevokedCertificates, TrustAnchors};
use jiff::Timestamp;

use crate::exit::Failure;
pub use source::Source;
pub use watch::Watch;

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
        demand: None,
        policy: hop.policy,
        transport: None,
    })
}

/// Where evidence of a configuration's external hops comes from. Nobody is believed whom our authority has
/// revoked.
pub fn sources(
    configuration: &Configuration,
    revoked: &RevokedCertificates,
) -> Result<Vec<Source>, OutsideError> {
    let of_hops = configuration.external.iter().map(|hop| Source::of(hop, &configuration.data, revoked));
    Ok(of_hops.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

/// Whom our authority has revoked, as its store says, where there is one already.
pub async fn revoked(configuration: &Configuration, now: Timestamp) -> Result<RevokedCertificates, Failure> {
    let revoked = RevokedCertificates::default();
    let place = StorePlace::of(&configuration.data, configuration.store.as_ref());
    // One that is there and can't be read must not pass for one without revocations.
    if !place.may_have_store() {
        return Ok(revoked);
    }
    let store = Store::open_read_only(&place).await?;
    for by in revoked_in(&store, now).await? {
        // One whose certificate can't be read has none that is believed.
        let _ = revoked.revoke_serials(&by.issuer, &by.serials);
    }
    Ok(revoked)
}

/// An external hop as the worst of its sources shows it. One that can't tell counts only where
/// none of the others can.
pub fn assess(hop: &Declared, observations: &[Observation], now: Timestamp) -> HopReport {
    let of_hop = observations.iter().filter(|observation| observation.hop == hop.name);
    let reports: Vec<HopReport> = of_hop.map(|observation| assess_hop(hop, [observation], now)).collect();
    let (mute, telling): (Vec<_>, Vec<_>) = reports.into_iter().partition(|report| report.evidence.is_none());
    let worst = telling.into_iter().min_by_key(|report| report.verdict);
    worst.or_else(|| mute.into_iter().next()).unwrap_or_else(|| assess_hop(hop, [], now))
}

/// Those whom a hop of a configuration with this data folder believes.
pub fn anchors(trust: &Trust, hop: &HopName, data: &Path) -> Result<TrustAnchors, OutsideError> {
    let name = || hop.clone();
    match trust {
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
pub async fn look(sources: Vec<Source>, clock: &Arc<dyn Clock>) -> Vec<Observation> {
    let mut looking = tokio::task::JoinSet::new();
    for mut source in sources {
        let clock = clock.clone();
        looking.spawn(async move {
            let mut seen = source.unseen();
            source.look(&mut seen, &clock).await;
            seen
        });
    }
    looking.join_all().await
}
