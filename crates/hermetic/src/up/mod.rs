//! `hermetic up`: runs a configuration, an edge before one application, or the tour.

mod banner;
mod credentials;
mod instance;
mod plan;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;

pub use instance::Instance;
pub use plan::PlanError;

use crate::admin;
use crate::outside;
use crate::tour::{self, PartsError, Standing};
use plan::Plan;

/// What `up` was told.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `--config`.
    pub config: Option<PathBuf>,
    /// `--to`.
    pub to: Option<String>,
    /// `--port-base`.
    pub port_base: Option<u16>,
    /// `--data`.
    pub data: Option<PathBuf>,
}

/// Why `up` did not start, or did not go on.
#[derive(Debug, thiserror::Error)]
pub enum UpError {
    /// What it was told makes no configuration.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The store can't be used.
    #[error(transparent)]
    Store(#[from] hermetic_store::StoreError),
    /// The authority can't be used.
    #[error(transparent)]
    Authority(#[from] hermetic_authority::AuthorityError),
    /// The gateway can't start.
    #[error(transparent)]
    Gateway(#[from] hermetic_gateway::GatewayError),
    /// A part of the tour does not play.
    #[error(transparent)]
    Parts(#[from] PartsError),
    /// External hops can't be looked at.
    #[error(transparent)]
    Outside(#[from] outside::OutsideError),
    /// The admin socket or the metrics can't be served.
    #[error(transparent)]
    Admin(#[from] admin::server::AdminError),
    /// The tour's own request did not get through.
    #[error("the tour's first request did not get through: {0}")]
    FirstRequest(Box<dyn std::error::Error + Send + Sync>),
    /// The system gave no randomness, threads or signals.
    #[error("{0}")]
    System(String),
}

/// Runs until SIGTERM or SIGINT, then drains.
pub async fn run(options: Options) -> Result<(), UpError> {
    // Asked for first, so that a signal during the start is not lost.
    let stop = Stop::new()?;
    let plan = Plan::of(&options)?;
    let instance = Arc::new(Instance::start(&plan).await?);
    let renewing = tokio::spawn({
        let instance = instance.clone();
        async move { instance.keep_renewing().await }
    });
    let serving = admin::server::start(instance.clone()).await?;
    if let Plan::Tour { ports, .. } = &plan {
        let anchors = instance.trust_anchors();
        tour::first_request(anchors, ports.edge()).await.map_err(UpError::FirstRequest)?;
    }
    let report = instance.report().await?;
    // After the first request, which is not a visit; and the path does not wait for it.
    let mut opening = tokio::spawn({
        let instance = instance.clone();
        async move { instance.open_database().await }
    });
    banner::print(&plan, &instance, &report);
    let outcome = tokio::select! {
        () = stop.asked() => Ok(()),
        failure = instance.failed() => Err(failure.into()),
        failure = told(&instance, &mut opening) => Err(failure.into()),
    };
    opening.abort();
    renewing.abort();
    drop(serving);
    instance.drain().await;
    outcome
}

/// Says how the tour's database stands once that is known; ends only with a failure.
async fn told(instance: &Instance, opening: &mut JoinHandle<Option<Standing>>) -> PartsError {
    if let Ok(Some(standing)) = opening.await {
        match instance.report().await {
            Ok(report) => banner::database(&standing, &report),
            Err(failure) => return failure,
        }
    }
    std::future::pending().await
}

/// The signals that ask to stop.
struct Stop {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl Stop {
    fn new() -> Result<Self, UpError> {
        let listen = |kind| signal(kind).map_err(|error| UpError::System(format!("signals: {error}")));
        Ok(Self { terminate: listen(SignalKind::terminate())?, interrupt: listen(SignalKind::interrupt())? })
    }

    async fn asked(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
        tracing::info!("stopping; connections may finish");
    }
}

/// How long connections may take to finish where a configuration does not say.
pub(crate) const TOUR_DRAIN: Duration = Duration::from_secs(2);
