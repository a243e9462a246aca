//! A running instance: the store with its lock, the authority, and the data plane, be it in this
//! process or in parts.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hermetic_authority::{Authority, World};
use hermetic_config::{Configuration, Listener};
use hermetic_gateway::{AccessLog, Credentials, Gateway, Snapshot, Sockets};
use hermetic_hop::Report;
use hermetic_store::Store;
use hermetic_tls::{Clock, CredentialHandle, SystemClock, SystemRandomness, TrustAnchors};
use tokio::sync::Mutex;
use tokio::sync::broadcast::error::RecvError;

use super::plan::Plan;
use super::{UpError, credentials};
use crate::outside::{self, Watch};
use crate::part::protocol::{Role, Seen};
use crate::tour::{self, Database, Needs, Parts, PartsError, Ports, Standing};

/// A running instance.
#[derive(Debug)]
pub struct Instance {
    configuration: Configuration,
    clock: Arc<dyn Clock>,
    authority: Authority,
    credentials: Credentials,
    plane: Plane,
    watch: Watch,
    /// The tour's; it is not part of the configuration, as it may be there or not.
    database: Option<(Ports, Database)>,
}

/// Where the data plane runs.
#[derive(Debug)]
enum Plane {
    /// In this process; taken out to be drained.
    Here(Mutex<Option<Gateway>>),
    /// In parts.
    Parts(Box<Parts>),
}

impl Instance {
    /// Starts it: store, authority, certificates, data plane, each before the next.
    pub async fn start(plan: &Plan) -> Result<Self, UpError> {
        let configuration = plan.configuration().clone();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let randomness = Arc::new(SystemRandomness::default());
        // A port in use is told before anything is made or issued.
        if matches!(plan, Plan::Tour { .. }) {
            drop(Sockets::bind(&as_reached(&configuration.listeners), 1)?);
        }
        drop(Sockets::bind(&configuration.listeners, 1)?);
        let store = Store::open(&configuration.data).await?;
        let world = World { clock: clock.clone(), randomness: randomness.clone() };
        let authority = Authority::open(&configuration.data, store, world).await?;
        let credentials = credentials::issue(&configuration, &authority, clock.clone(), randomness).await?;
        let plane = match plan {
            Plan::Tour { text, ports, .. } => {
                let control = SocketAddr::from((Ipv4Addr::LOCALHOST, ports.control()));
                let parts = Parts::start(&tour::PARTS, (text, &configuration), control, &credentials).await?;
                Plane::Parts(Box::new(parts))
            }
            Plan::Configuration(_) | Plan::Edge { .. } => here(&configuration, &credentials, &clock)?,
        };
        let watch = Watch::start(outside::sources(&configuration)?, &clock);
        let database = match plan {
            Plan::Tour { ports, .. } => Some((*ports, Database::default())),
            Plan::Configuration(_) | Plan::Edge { .. } => None,
        };
        Ok(Self { configuration, clock, authority, credentials, plane, watch, database })
    }

    /// Its configuration.
    pub fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    /// Its authority.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Its certificates.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Its clock.
    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// The parts of the tour; `None` where this is no tour.
    pub fn parts(&self) -> Option<&Parts> {
        match &self.plane {
            Plane::Parts(parts) => Some(parts),
            Plane::Here(_) => None,
        }
    }

    /// Whom those believe who believe its authority.
    pub fn trust_anchors(&self) -> TrustAnchors {
        self.authority.trust_anchors()
    }

    /// What was seen of each hop since the start.
    pub async fn seen(&self) -> Result<Seen, PartsError> {
        match &self.plane {
            Plane::Here(gateway) => Ok(gateway.lock().await.as_ref().map(Seen::by).unwrap_or_default()),
            Plane::Parts(parts) => parts.seen().await,
        }
    }

    /// Its flows and hops, judged by what was seen.
    pub async fn report(&self) -> Result<Report, PartsError> {
        let (seen, watched) = (self.seen().await?.observations, self.watch.observations());
        let now = self.clock.now();
        let (mut own, mut flows) = (self.configuration.hops(), self.configuration.flows.clone());
        if let Some((_, database)) = &self.database {
            database.extend(&mut own, &mut flows);
        }
        let own = own.iter().map(|declared| hermetic_hop::assess_hop(declared, &seen, now));
        let external = outside::hops(&self.configuration).map(|hop| outside::assess(&hop, &watched, now));
        let hops = own.chain(external).collect();
        Ok(Report::of(hops, &flows, &self.configuration.requirements, now))
    }

    /// Opens the tour's database; gives how it stands then, and nothing where this is no tour.
    pub async fn open_database(&self) -> Option<Standing> {
        let (Some((ports, database)), Plane::Parts(parts)) = (&self.database, &self.plane) else {
            return None;
        };
        let needs = Needs {
            port: ports.database(),
            parts,
            authority: &self.authority,
            lifetime: self.configuration.authority.lifetime,
            randomness: &SystemRandomness::default(),
        };
        Some(database.open(needs).await)
    }

    /// Renews certificates as they come due, for ever, and hands them to whoever serves with them.
    pub async fn keep_renewing(&self) {
        let mut renewals = self.authority.renewals();
        let hand_over = async {
            loop {
                match renewals.recv().await {
                    Ok(renewed) => self.hand_over(&renewed.subject, &renewed.handle).await,
                    Err(RecvError::Lagged(_)) => {
                        for kept in self.authority.maintained() {
                            self.hand_over(&kept.subject, &kept.handle).await;
                        }
                    }
                    Err(RecvError::Closed) => return,
                }
            }
        };
        tokio::join!(self.authority.keep_renewing(), hand_over);
    }

    async fn hand_over(&self, subject: &str, handle: &CredentialHandle) {
        if let Some((_, database)) = &self.database {
            database.renewed(subject, &handle.load()).await;
        }
        // In this process the handle itself was swapped.
        let Plane::Parts(parts) = &self.plane else { return };
        let roles =
            [(Role::Listener, &self.credentials.listeners), (Role::Identity, &self.credentials.identities)];
        for (role, handles) in roles {
            for party in handles.keys().filter(|party| credentials::subject(party, role) == subject) {
                parts.renewed(party, role, &handle.load()).await;
            }
        }
    }

    /// Waits until something ends that should not.
    pub async fn failed(&self) -> PartsError {
        match &self.plane {
            Plane::Here(_) => std::future::pending().await,
            Plane::Parts(parts) => parts.ended().await,
        }
    }

    /// Lets connections finish, and ends.
    pub async fn drain(&self) {
        let deadline: Duration = self.configuration.drain;
        match &self.plane {
            Plane::Parts(parts) => {
                parts.drain(deadline).await;
                if let Some((_, database)) = &self.database {
                    database.stop().await;
                }
            }
            Plane::Here(gateway) => {
                if let Some(gateway) = gateway.lock().await.take() {
                    // It only fails if the gateway panicked, which it has logged.
                    let _ = tokio::task::spawn_blocking(move || gateway.drain(deadline)).await;
                }
            }
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

fn here(
    configuration: &Configuration,
    credentials: &Credentials,
    clock: &Arc<dyn Clock>,
) -> Result<Plane, UpError> {
    let workers = configuration.workers.or_else(|| std::thread::available_parallelism().ok());
    let snapshot = Snapshot::build(configuration, credentials, clock)?;
    let sockets = Sockets::bind(&configuration.listeners, workers.map_or(1, std::num::NonZeroUsize::get))?;
    let log = match &configuration.access_log {
        Some(path) => AccessLog::append_to(path)?,
        None => AccessLog::default(),
    };
    let gateway = Gateway::start(snapshot, sockets, log, clock.clone())?;
    Ok(Plane::Here(Mutex::new(Some(gateway))))
}
