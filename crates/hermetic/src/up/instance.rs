//! A running instance: the store with its lock, the authority, and the data plane, be it in this
//! process or in parts.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arc_swap::ArcSwap;
use hermetic_authority::{Authority, AuthorityError, Pause, RevocationNews};
use hermetic_config::Configuration;
use hermetic_gateway::{Credentials, Gateway};
use hermetic_hop::{HopName, HopReport, Observation, Report};
use hermetic_store::Store;
use hermetic_tls::{Clock, CredentialHandle, SystemRandomness, TrustAnchors};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Mutex, watch};

use super::credentials;
use super::file::ConfigurationFile;
use super::reload::ReloadError;
use super::reloads::Reloads;
use super::scanned::{NotTaken, ScannedHops};
use super::store_hop;
use super::under_way::UnderWay;
use crate::admin::server::AdminSocket;
use crate::commands::scan::evidence::Shown;
use crate::hooks;
use crate::listening_socket::ListeningSocket;
use crate::outside::{self, Watch};
use crate::part::protocol::{Role, Seen};
use crate::publishing;
use crate::tour::{Database, Needs, Parts, PartsError, Ports, Standing};

/// A running instance.
#[derive(Debug)]
pub struct Instance {
    /// Where the configuration comes from; `None`: it is made up.
    pub(super) file: Option<ConfigurationFile>,
    pub(super) served: ArcSwap<Served>,
    /// Told when something else is served.
    pub(super) served_anew: watch::Sender<()>,
    pub(super) reloads: Arc<Reloads>,
    /// The process that has taken over; nothing is reloaded or issued here any more then.
    pub(super) successor: watch::Sender<Option<u32>>,
    pub(super) paused: OnceLock<Pause>,
    /// What to run in its place.
    pub(super) program: PathBuf,
    /// Held by whoever replaces the configuration, or the process.
    pub(super) changing: Mutex<()>,
    pub(super) under_way: Arc<UnderWay>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) store: Store,
    pub(super) authority: Authority,
    /// What was revoked since it was looked at last.
    pub(super) news: Mutex<RevocationNews>,
    /// Until when all that was revoked is known.
    pub(super) revocations_known: AtomicI64,
    pub(super) plane: Plane,
    /// What became of its hooks.
    pub(super) hooks: hooks::Record,
    pub(super) admin: AdminSocket,
    pub(super) metrics: watch::Sender<ListeningSocket>,
    /// Where the authority publishes.
    pub(super) publishing: watch::Sender<ListeningSocket>,
    /// What became of requests for what is published.
    pub(super) published: publishing::Tally,
    /// What processes before this one have seen of each hop.
    pub(super) before: Seen,
    /// What scans saw of its hops.
    pub(super) scanned: ScannedHops,
    /// The tour's; it is not part of the configuration, as it may be there or not.
    pub(super) database: Option<(Ports, Database)>,
}

/// What a reload replaces.
#[derive(Debug)]
pub struct Served {
    pub configuration: Arc<Configuration>,
    pub credentials: Arc<Credentials>,
    pub watch: Watch,
}

/// Where the data plane runs.
#[derive(Debug)]
pub(super) enum Plane {
    /// In this process.
    Here(Box<Gateway>),
    /// In parts.
    Parts(Box<Parts>),
}

/// How often the keys of session tickets are looked after. The next one is made a period of six hours
/// ahead, so this leaves time to fail.
const TICKET_KEYS: Duration = Duration::from_secs(30 * 60);

/// How soon is tried again what could not be believed.
const BELIEVE_AGAIN: Duration = Duration::from_secs(10);

impl Instance {
    /// What it serves now.
    pub(super) fn served(&self) -> Arc<Served> {
        self.served.load_full()
    }

    /// Serves this from now on; whoever says so has seen to the data plane.
    pub(super) fn serve(&self, served: Served) {
        let before = self.served.swap(Arc::new(served));
        let now = self.configuration();
        self.scanned.forget(|hop| !leads_as_before(hop, &before.configuration, &now));
        self.served_anew.send_replace(());
    }

    /// Its configuration now.
    pub fn configuration(&self) -> Arc<Configuration> {
        self.served.load().configuration.clone()
    }

    /// The gateway and the file whose configuration it can be given anew.
    pub(super) fn reloadable(&self) -> Result<(&Gateway, &ConfigurationFile), ReloadError> {
        match (&self.plane, &self.file) {
            (Plane::Parts(_), _) => Err(ReloadError::NoFile("the tour")),
            (Plane::Here(_), None) => Err(ReloadError::NoFile("`hermetic up --to`")),
            (Plane::Here(gateway), Some(file)) => Ok((gateway, file)),
        }
    }

    /// The gateway of this process; `None` for the tour.
    pub(super) fn gateway(&self) -> Option<&Gateway> {
        match &self.plane {
            Plane::Here(gateway) => Some(gateway),
            Plane::Parts(_) => None,
        }
    }

    /// Its store.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The program to run in its place.
    pub(super) fn program(&self) -> &Path {
        &self.program
    }

    /// The process that has taken over.
    pub fn successor(&self) -> Option<u32> {
        *self.successor.borrow()
    }

    /// Leaves everything to another process; nothing more is issued here.
    pub(super) fn leave_to(&self, pid: u32, pause: Pause) {
        // There is one successor at most.
        let _ = self.paused.set(pause);
        self.successor.send_replace(Some(pid));
    }

    /// Waits until another process has taken over.
    pub async fn succeeded(&self) {
        // The sender lives as long as `self`.
        let _ = self.successor.subscribe().wait_for(Option::is_some).await;
    }

    /// Lets the connections that are still here finish beside a process that has taken over.
    pub async fn retire(&self) {
        let Some(gateway) = self.gateway() else { return };
        gateway.retire(self.configuration().drain).await;
        gateway.finished().await;
    }

    /// Its admin socket.
    pub fn admin_socket(&self) -> &AdminSocket {
        &self.admin
    }

    /// How reloads went.
    pub fn reloads(&self) -> &Arc<Reloads> {
        &self.reloads
    }

    /// Where metrics are served, now and from each change on.
    pub fn metrics_socket(&self) -> watch::Receiver<ListeningSocket> {
        self.metrics.subscribe()
    }

    /// Where the authority publishes, now and from each change on.
    pub fn publishing_socket(&self) -> watch::Receiver<ListeningSocket> {
        self.publishing.subscribe()
    }

    /// What became of requests for what the authority publishes.
    pub fn published(&self) -> &publishing::Tally {
        &self.published
    }

    /// Serves metrics there from now on.
    pub(super) fn serve_metrics_on(&self, socket: ListeningSocket) {
        self.metrics.send_replace(socket);
    }

    /// Publishes there from now on.
    pub(super) fn publish_on(&self, socket: ListeningSocket) {
        self.publishing.send_replace(socket);
    }

    /// Its authority.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Its certificates now.
    pub fn credentials(&self) -> Arc<Credentials> {
        self.served.load().credentials.clone()
    }

    /// The second until which all that was revoked is known here.
    pub fn revocations_known(&self) -> i64 {
        self.revocations_known.load(Ordering::Relaxed)
    }

    /// What became of its hooks.
    pub fn hooks(&self) -> &hooks::Record {
        &self.hooks
    }

    /// Its clock.
    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// Its clock, to be shared.
    pub fn shared_clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// The parts of the tour; `None` where this is no tour.
    pub fn parts(&self) -> Option<&Parts> {
        match &self.plane {
            Plane::Parts(parts) => Some(parts),
            Plane::Here(_) => None,
        }
    }

    /// Whom those believe who believe its authority.
    pub fn trust_anchors(&self) -> Result<TrustAnchors, AuthorityError> {
        self.authority.trust_anchors()
    }

    /// What was seen of each hop since the start.
    pub async fn seen(&self) -> Result<Seen, PartsError> {
        match &self.plane {
            Plane::Here(gateway) => Ok(self.seen_here(gateway)),
            Plane::Parts(parts) => parts.seen().await,
        }
    }

    /// What this process has seen, and those before it.
    pub(super) fn seen_here(&self, gateway: &Gateway) -> Seen {
        Seen::by(gateway).after(self.before.clone())
    }

    /// Its flows and hops, judged by what was seen.
    pub async fn report(&self) -> Result<Report, PartsError> {
        let served = self.served();
        let configuration = &served.configuration;
        let (mut seen, watched) = (self.seen().await?.observations, served.watch.observations());
        seen.extend(self.hooks.observations());
        seen.extend(store_hop::observation(&self.store.connections()));
        let now = self.clock.now();
        let (mut own, mut flows) = (configuration.hops(), configuration.flows.clone());
        if let Some((_, database)) = &self.database {
            database.extend(&mut own, &mut flows);
        }
        // A handshake of its own tells an instance more than a scan does.
        let scanned = self.scanned.beside(&watched);
        let unseen = |scan: &&Observation| !seen.iter().any(|it| it.hop == scan.hop && it.latest.is_some());
        let of_own: Vec<_> = scanned.iter().filter(unseen).cloned().collect();
        // What was refused here and since then counts beside it.
        let seen = Observation::merged(seen.into_iter().chain(of_own));
        let own = own.iter().map(|declared| hermetic_hop::assess_hop(declared, &seen, now));
        let watched = [watched, scanned].concat();
        let external = outside::hops(configuration).map(|hop| outside::assess(&hop, &watched, now));
        let beside_scan = |hop: HopReport| match self.scanned.scan_of(&hop.name()) {
            Some(scan) => hop.beside_scan(scan, now),
            None => hop,
        };
        let hops = own.chain(external).map(beside_scan).collect();
        Ok(Report::of(hops, &flows, &configuration.requirements, now))
    }

    /// Takes what a scan saw of its hops; gives of how many.
    pub fn take_scanned(&self, seen: Shown) -> Result<usize, NotTaken> {
        let configuration = self.configuration();
        self.scanned.take(seen, |name| has(&configuration, name))
    }

    /// Takes what its own scan saw of the hops of a configuration. Those that a reload has led elsewhere since, or
    /// that are gone, are left out: what was seen is not of them.
    pub(super) fn take_own_scan(&self, of: &Configuration, seen: Shown) -> Result<usize, NotTaken> {
        let now = self.configuration();
        let is_same = |hop: &HopName| has(&now, hop) && leads_as_before(hop, of, &now);
        let taken = self.scanned.take(seen.of_hops(is_same), |_| true);
        // A reload in this very moment may have forgotten before there was anything to forget.
        let later = self.configuration();
        self.scanned.forget(|hop| !leads_as_before(hop, &now, &later));
        taken
    }

    /// Opens the tour's database; gives how it stands then, and nothing where this is no tour.
    pub async fn open_database(&self) -> Option<Standing> {
        let (Some((ports, database)), Plane::Parts(parts)) = (&self.database, &self.plane) else {
            return None;
        };
        let configuration = self.configuration();
        let needs = Needs {
            ports: *ports,
            data: &configuration.data,
            parts,
            authority: &self.authority,
            lifetime: configuration.authority.lifetime,
            randomness: &SystemRandomness::default(),
        };
        Some(database.open(needs).await)
    }

    /// Why the tour has no database; `None` where it has one.
    pub fn no_database(&self) -> Option<String> {
        self.database.as_ref().and_then(|(_, database)| database.absent())
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
        let (tickets, trust) = (self.keep_ticket_keys(), self.keep_believing());
        tokio::join!(self.authority.keep_renewing(), hand_over, tickets, trust);
    }

    /// Believes a root of the authority once it is published, and no more once it is gone, for ever.
    async fn keep_believing(&self) {
        let mut known = self.served().credentials.anchors.clone();
        loop {
            self.authority.trust_anchors_changed(&known).await;
            match (self.authority.trust_anchors(), self.believe_anew().await) {
                (Ok(anchors), Ok(())) => known = anchors,
                (_, Err(error)) => {
                    tracing::error!(%error, "new roots of the authority are not believed yet; tried again");
                    tokio::time::sleep(BELIEVE_AGAIN).await;
                }
                // All of them are gone; nobody new is believed.
                (Err(_), Ok(())) => tokio::time::sleep(BELIEVE_AGAIN).await,
            }
        }
    }

    /// Has the keys of session tickets at hand before their time, for ever.
    async fn keep_ticket_keys(&self) {
        loop {
            tokio::time::sleep(TICKET_KEYS).await;
            match self.authority.ticket_keys().await {
                Ok(keys) => self.served().credentials.tickets.install(keys),
                Err(error) => {
                    tracing::error!(%error, "the keys of session tickets can't be kept; asked again")
                }
            }
        }
    }

    async fn hand_over(&self, subject: &str, handle: &CredentialHandle) {
        if let Some((_, database)) = &self.database {
            database.renewed(subject, &handle.load()).await;
        }
        // In this process the handle itself was swapped.
        let Plane::Parts(parts) = &self.plane else { return };
        let credentials = self.credentials();
        let roles = [(Role::Listener, &credentials.listeners), (Role::Identity, &credentials.identities)];
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
        let deadline: Duration = self.configuration().drain;
        match &self.plane {
            Plane::Parts(parts) => {
                parts.drain(deadline).await;
                if let Some((_, database)) = &self.database {
                    database.stop().await;
                }
            }
            Plane::Here(gateway) => gateway.drain(deadline).await,
        }
    }
}

/// Whether a hop leads where it led before, and is measured as it was.
fn leads_as_before(hop: &HopName, before: &Configuration, now: &Configuration) -> bool {
    let external = |it: &Configuration| it.external.iter().find(|external| external.name == *hop).cloned();
    before.listener(&hop.to) == now.listener(&hop.to)
        && before.upstream(&hop.to) == now.upstream(&hop.to)
        && external(before) == external(now)
}

/// Whether a hop is one of a configuration.
fn has(configuration: &Configuration, hop: &HopName) -> bool {
    configuration.external.iter().any(|external| external.name == *hop)
        || configuration.hops().iter().any(|own| own.name == *hop)
}
