//! The start of an instance: store, authority, certificates, data plane, each before the next.

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwap;
use hermetic_authority::{Authority, World};
use hermetic_config::{Configuration, Listener};
use hermetic_gateway::{AccessLog, Credentials, Gateway, Snapshot, Sockets};
use hermetic_store::{Store, StorePlace};
use hermetic_tls::{Clock, SystemClock, SystemRandomness};
use tokio::sync::{Mutex, watch};

use super::credentials::Lasting;
use super::heritage::Heritage;
use super::instance::{Instance, Plane, Served};
use super::plan::Plan;
use super::reloads::Reloads;
use super::scanned::ScannedHops;
use super::{UpError, credentials, revocation};
use crate::admin::server::{AdminError, AdminSocket};
use crate::descriptors;
use crate::hooks;
use crate::listening_socket::ListeningSocket;
use crate::outside::Watch;
use crate::publishing;
use crate::settings;
use crate::tour::{self, Database, Parts};

impl Instance {
    /// Starts it with what it need not make itself; `program` is what may take its place one day.
    pub async fn start(plan: &Plan, heritage: Heritage, program: PathBuf) -> Result<Self, UpError> {
        let configuration = plan.configuration().clone();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let randomness = Arc::new(SystemRandomness::default());
        let Heritage { sockets, metrics, publishing, admin, lock, seen } = heritage;
        // A port in use is told before anything is made or issued.
        let sockets = listening(plan, sockets)?;
        let metrics = match metrics.filter(|socket| socket.is_at(configuration.admin)) {
            Some(socket) => socket,
            None => metrics_at(configuration.admin)?,
        };
        let publish = configuration.authority.publish;
        let publishing = match publishing.filter(|socket| socket.is_at(publish)) {
            Some(socket) => socket,
            None => publishing_at(publish)?,
        };
        let place = StorePlace::of(&configuration.data, configuration.store.as_ref());
        let store = match lock {
            Some(lock) => Store::open_shared(place, lock).await?,
            None => Store::open(place).await?,
        };
        let admin = match admin {
            Some(socket) => socket,
            None => AdminSocket::bind(&configuration.data)?,
        };
        let world = World { clock: clock.clone(), randomness: randomness.clone() };
        let authority =
            Authority::open_with(settings::settings(&configuration)?, store.clone(), world).await?;
        let lasting = Lasting::new(&authority, clock.clone(), randomness).await?;
        // Before anybody gets in.
        let (known, news) = authority.revocations().await?;
        revocation::refuse(&lasting.revoked, &known);
        let credentials = credentials::issue(&configuration, &authority, lasting).await?;
        let plane = match plan {
            Plan::Tour { text, ports, .. } => {
                let control = SocketAddr::from((Ipv4Addr::LOCALHOST, ports.control()));
                let parts = Parts::start(&tour::PARTS, (text, &configuration), control, &credentials).await?;
                parts.revoked(&known).await;
                Plane::Parts(Box::new(parts))
            }
            Plan::Configuration { .. } | Plan::Edge { .. } => {
                here(&configuration, &credentials, sockets, &clock)?
            }
        };
        let watch = Watch::start(&configuration, &Watch::default(), &credentials.revoked, &clock)?;
        let database = match plan {
            Plan::Tour { ports, .. } => Some((*ports, Database::default())),
            Plan::Configuration { .. } | Plan::Edge { .. } => None,
        };
        let (file, read) = match plan {
            Plan::Configuration { file, read, .. } => (Some(file.clone()), read.clone()),
            Plan::Tour { .. } | Plan::Edge { .. } => (None, Vec::new()),
        };
        let revocations_known = AtomicI64::new(clock.now().as_second());
        let served =
            Served { configuration: Arc::new(configuration), credentials: Arc::new(credentials), watch };
        Ok(Self {
            file,
            served: ArcSwap::from_pointee(served),
            served_anew: watch::Sender::new(()),
            reloads: Arc::new(Reloads::none(read, clock.now())),
            successor: watch::Sender::new(None),
            paused: OnceLock::new(),
            program,
            changing: Mutex::new(()),
            under_way: Arc::default(),
            clock,
            store,
            authority,
            news: Mutex::new(news),
            revocations_known,
            plane,
            hooks: hooks::Record::default(),
            admin,
            before: seen,
            metrics: watch::Sender::new(metrics),
            publishing: watch::Sender::new(publishing),
            published: publishing::Tally::default(),
            scanned: ScannedHops::default(),
            database,
        })
    }
}

/// Where metrics are served.
pub(super) fn metrics_at(address: Option<SocketAddr>) -> Result<ListeningSocket, UpError> {
    let Some(address) = address else { return Ok(ListeningSocket::default()) };
    ListeningSocket::bind(address).map_err(|source| AdminError::Metrics { address, source }.into())
}

/// Where the authority publishes.
pub(super) fn publishing_at(address: Option<SocketAddr>) -> Result<ListeningSocket, UpError> {
    let Some(address) = address else { return Ok(ListeningSocket::default()) };
    ListeningSocket::bind(address).map_err(|source| UpError::Publishing { address, source })
}

/// The sockets of the plan's listeners. The parts of the tour listen themselves, so there it is only seen
/// whether they can.
fn listening(plan: &Plan, given: Sockets) -> Result<Sockets, UpError> {
    let configuration = plan.configuration();
    match plan {
        Plan::Tour { .. } => {
            drop(Sockets::bind(&as_reached(&configuration.listeners), 1)?);
            drop(Sockets::bind(&configuration.listeners, 1)?);
            Ok(given)
        }
        Plan::Configuration { .. } | Plan::Edge { .. } => {
            Ok(given.completed(&configuration.listeners, workers(configuration))?)
        }
    }
}

/// The listeners as their relays listen for them.
fn as_reached(listeners: &[Listener]) -> Vec<Listener> {
    let reached = |listener: &Listener| Listener {
        bind: SocketAddr::new(listener.bind.ip(), listener.public_port),
        ..listener.clone()
    };
    listeners.iter().map(reached).collect()
}

fn workers(configuration: &Configuration) -> usize {
    let workers = configuration.workers.or_else(|| std::thread::available_parallelism().ok());
    workers.map_or(1, NonZeroUsize::get)
}

fn here(
    configuration: &Configuration,
    credentials: &Credentials,
    sockets: Sockets,
    clock: &Arc<dyn Clock>,
) -> Result<Plane, UpError> {
    let snapshot = Snapshot::build(configuration, credentials, clock)?;
    let log = match &configuration.access_log {
        Some(path) => AccessLog::append_to(path)?,
        None => AccessLog::default(),
    };
    let gateway = Gateway::start(snapshot, sockets, workers(configuration), log, clock.clone())?;
    gateway.limit_connections(descriptors::raise());
    Ok(Plane::Here(Box::new(gateway)))
}
