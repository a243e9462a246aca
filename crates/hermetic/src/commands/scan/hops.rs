//! A full scan of all that the hops of a configuration lead to, for the instance that runs it.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use hermetic_config::Configuration;
use hermetic_probe::dns::Resolver;
use hermetic_probe::findings::Case;
use hermetic_probe::observe::Manners;
use hermetic_probe::{Depth, Extent, Plan, Store, scan_all};
use hermetic_tls::{CertificateError, Clock, Randomness, RevokedCertificates, SecurityPolicy, TrustAnchors};
use tokio::sync::mpsc;

use super::evidence::{Hops, Shown};
use super::report::Report;
use super::target::Given;
use super::targets::configuration;
use crate::outside::OutsideError;

/// How long the resolver may take for an answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// Scans as `hermetic scan hermetic.toml` does with nothing else said, on a thread of its own. It ends early
/// where nobody waits for it any more.
pub async fn scanned(
    configuration: &Configuration,
    revoked: &RevokedCertificates,
    clock: &Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
) -> Result<Shown, HopsError> {
    let targets = configuration::of(configuration, &given()?, revoked)?;
    let plan = Plan {
        manners: Manners::default(),
        depth: Depth::Full,
        each_address: false,
        at_once: configuration.scanning.at_once,
        workers: NonZeroUsize::MIN,
    };
    let (sender, receiver) = mpsc::channel(targets.len().max(1));
    for target in targets {
        // There is room for all of them.
        let _ = sender.try_send(target);
    }
    drop(sender);
    let mut seen = scan_all(receiver, plan, Arc::clone(clock), randomness)?;
    let mut hops = Hops::default();
    while let Some((named, scanned)) = seen.recv().await {
        let case = Case { target: &named.target, scanned: &scanned, at: clock.now(), software: None };
        hops.take(&named, &scanned, &Report::of(case, Depth::Full));
    }
    Ok(hops.shown())
}

/// Why hops can't be scanned.
#[derive(Debug, thiserror::Error)]
pub enum HopsError {
    /// Whom they believe can't be read.
    #[error(transparent)]
    Outside(#[from] OutsideError),
    /// There are no roots to believe.
    #[error("no roots can be had: {0}")]
    Roots(#[from] CertificateError),
    /// No thread can be had.
    #[error("no thread can be had: {0}")]
    Thread(#[from] std::io::Error),
}

/// What holds for endpoints of which the configuration says nothing itself.
fn given() -> Result<Given, HopsError> {
    // Without roots of its own, this host believes whom Mozilla does.
    let trust = TrustAnchors::system().or_else(|_| TrustAnchors::mozilla())?;
    let mut stores = vec![Store { name: "system", anchors: trust.clone() }];
    stores.extend(TrustAnchors::mozilla().ok().map(|anchors| Store { name: "mozilla", anchors }));
    let extent = Extent { resolver: Resolver::system(PATIENCE).ok(), ..Extent::of(stores) };
    Ok(Given {
        expected: None,
        trust,
        policy: SecurityPolicy::default_policy(),
        credential: None,
        extent: Some(Arc::new(extent)),
    })
}
