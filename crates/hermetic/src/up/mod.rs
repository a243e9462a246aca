//! `hermetic up`: runs a configuration, an edge before one application, or the tour.

mod banner;
mod credentials;
mod file;
mod heritage;
mod instance;
mod notify;
mod plan;
mod program;
mod reload;
mod reloads;
mod revocation;
mod scanned;
mod scanning;
mod start;
mod store_hop;
mod triggers;
mod under_way;
mod upgrade;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;

pub use instance::Instance;
pub use plan::PlanError;
pub use reload::{ReloadError, Reloaded};
pub use reloads::Tally;
pub use upgrade::{PATIENCE as UPGRADE_PATIENCE, UpgradeError, Upgraded};

use crate::admin;
use crate::exit::Failure;
use crate::hooks;
use crate::outside;
use crate::publishing;
use crate::tour::{self, PartsError, Standing};
use heritage::{Activated, ActivationError, Heir, Heritage};
use plan::Plan;
use triggers::Triggers;

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
    /// What the authority publishes can't be served.
    #[error("CRLs and OCSP at {address}: {source}; choose another address with `publish` of [authority]")]
    Publishing {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// A socket that systemd handed over can't be used.
    #[error(transparent)]
    Activation(#[from] ActivationError),
    /// The tour's own request did not get through.
    #[error("the tour's first request did not get through: {0}")]
    FirstRequest(Box<dyn std::error::Error + Send + Sync>),
    /// The system gave no randomness, threads or signals.
    #[error("{0}")]
    System(String),
}

/// Runs until SIGTERM or SIGINT, then drains, and ends at once at the second one; or until another process
/// has taken over and the last connection is over.
pub async fn run(options: Options) -> Result<(), Failure> {
    let system = |error: std::io::Error| UpError::System(format!("what was handed over: {error}"));
    let claimed = Heir::claim().map_err(system)?;
    let (heir, heritage) = claimed.map_or((None, None), |(heir, heritage)| (Some(heir), Some(heritage)));
    let outcome = serve(&options, heritage, heir.as_ref()).await.map_err(Failure::from);
    if let (Some(heir), Err(failure)) = (&heir, &outcome) {
        heir.failed(failure);
    }
    outcome
}

async fn serve(options: &Options, heritage: Option<Heritage>, heir: Option<&Heir>) -> Result<(), UpError> {
    // Asked for first, so that a signal during the start is not lost.
    let mut stop = Stop::new()?;
    let program = program::path().map_err(|error| UpError::System(format!("this program: {error}")))?;
    let plan = Plan::of(options)?;
    let mut triggers = Triggers::new(matches!(plan, Plan::Configuration { .. })).map_err(no_signals)?;
    let heritage = match heritage {
        Some(heritage) => heritage,
        None => Activated::take()?.heritage(plan.configuration())?,
    };
    let instance = Arc::new(Instance::start(&plan, heritage, program).await?);
    let renewing = tokio::spawn({
        let instance = instance.clone();
        async move { instance.keep_renewing().await }
    });
    tokio::spawn({
        let instance = instance.clone();
        async move { instance.keep_revoking().await }
    });
    if instance.file.is_some() {
        tokio::spawn({
            let instance = instance.clone();
            async move { instance.keep_scanning().await }
        });
    }
    let hooking = tokio::spawn(hooks::keep(instance.clone()));
    let serving = admin::server::start(instance.clone()).await?;
    let publishing = tokio::spawn(publishing::serve(instance.clone()));
    if let Some(heir) = heir {
        // Nothing that can fail comes after it: the process before stops accepting now.
        heir.ready();
    }
    if let Plan::Tour { ports, .. } = &plan {
        let anchors = instance.trust_anchors()?;
        tour::first_request(anchors, ports.edge()).await.map_err(UpError::FirstRequest)?;
    }
    let report = instance.report().await?;
    // After the first request, which is not a visit; and the path does not wait for it.
    let mut opening = tokio::spawn({
        let instance = instance.clone();
        async move { instance.open_database().await }
    });
    if heir.is_none() {
        notify::ready();
    }
    banner::print(&plan, &instance, &report);
    let ending = tokio::select! {
        () = stop.asked() => Ending::Asked,
        () = instance.succeeded() => Ending::Succeeded,
        failure = instance.failed() => Ending::Failed(failure.into()),
        failure = told(&instance, &mut opening) => Ending::Failed(failure.into()),
        () = triggers.follow(&instance) => Ending::Asked,
    };
    opening.abort();
    renewing.abort();
    publishing.abort();
    if instance.successor().is_none() {
        hooking.abort();
    }
    tokio::select! {
        () = instance.give_up_upgrade() => {}
        () = stop.asked() => {}
    }
    match ending {
        // It may have come to serve just as this one was asked to stop.
        _ if instance.successor().is_some() => serving.leave(),
        Ending::Succeeded | Ending::Asked | Ending::Failed(_) => {
            notify::stopping();
            drop(serving);
        }
    }
    farewell(&instance, &ending, &mut stop).await;
    match ending {
        Ending::Failed(failure) => Err(failure),
        Ending::Asked | Ending::Succeeded => Ok(()),
    }
}

/// Why an instance ends.
enum Ending {
    /// Somebody asked for it.
    Asked,
    /// Another process has taken over.
    Succeeded,
    /// It can't go on.
    Failed(UpError),
}

/// Lets connections finish.
async fn farewell(instance: &Instance, ending: &Ending, stop: &mut Stop) {
    if matches!(ending, Ending::Succeeded) {
        tokio::select! {
            () = instance.retire() => return,
            () = stop.asked() => {}
        }
    }
    tracing::info!("stopping; connections may finish");
    tokio::select! {
        () = instance.drain() => {}
        () = stop.asked() => tracing::warn!("asked again to stop; connections that are still open are cut"),
    }
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
    terminate: Signal,
    interrupt: Signal,
}

impl Stop {
    fn new() -> Result<Self, UpError> {
        let listen = |kind| signal(kind).map_err(no_signals);
        Ok(Self { terminate: listen(SignalKind::terminate())?, interrupt: listen(SignalKind::interrupt())? })
    }

    async fn asked(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

fn no_signals(error: std::io::Error) -> UpError {
    UpError::System(format!("signals: {error}"))
}

/// How long connections may take to finish where a configuration does not say.
pub(crate) const TOUR_DRAIN: Duration = Duration::from_secs(2);
