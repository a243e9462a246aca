//! The parts as the supervisor holds them.

use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use hermetic_authority::RevokedBy;
use hermetic_config::Configuration;
use hermetic_gateway::Credentials;
use hermetic_hop::{HopName, PartyName};
use hermetic_tls::{Certificate, TrustAnchors};
use tokio::net::UnixStream;
use tokio::process::{Child, Command};
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::breakage::Breakage;
use crate::part::protocol::{
    Behind, Captured, Channel, FromPart, Issued, PagesAt, Relay, Revoked, Role, Seen, Start, ToPart,
};
use crate::visits::{self, Server};

/// How long a part may take for an answer. It does nothing slow; one that is late is stuck.
const ANSWER: Duration = Duration::from_secs(10);

/// The processes of the tour.
#[derive(Debug)]
pub struct Parts {
    parts: Vec<Part>,
    /// In the order of the path. The one before the database comes later than the others.
    relays: Mutex<Vec<RelayOn>>,
    control: RelayOn,
    /// Held while somebody looks at the wire.
    pub(super) looking: Mutex<()>,
    /// What was broken, and is to be mended. Held through a change, so that one follows the other.
    pub(super) broken: Mutex<Option<Breakage>>,
}

/// A relay on a hop; on the control hop it is on none.
#[derive(Debug)]
struct RelayOn {
    hop: Option<HopName>,
    address: SocketAddr,
    part: Part,
}

/// One of the processes.
#[derive(Debug)]
pub(super) struct Part {
    name: &'static str,
    channel: Mutex<Channel>,
    child: Mutex<Child>,
}

/// A part that does not play.
#[derive(Debug, thiserror::Error)]
pub enum PartsError {
    /// It could not be started.
    #[error("the {name} process could not be started: {source}")]
    Spawn {
        /// Which one.
        name: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// It could not serve.
    #[error("{0}")]
    Failed(String),
    /// It is gone, or stuck.
    #[error("the {0} process does not answer; start again")]
    Silent(&'static str),
    /// It ended by itself.
    #[error("the {name} process ended by itself ({status}); start again")]
    Ended {
        /// Which one.
        name: &'static str,
        /// With which status.
        status: String,
    },
}

impl Parts {
    /// Starts all parts and the relays before them; each serves when this returns. `text` is
    /// `configuration` as it was written, `control` where the relay of the control hop listens.
    pub async fn start(
        parts: &[(&'static str, &[&str])],
        (text, configuration): (&str, &Configuration),
        control: SocketAddr,
        credentials: &Credentials,
    ) -> Result<Self, PartsError> {
        let mut started = Vec::new();
        // The last of the path first, so that whoever serves already has whom to serve to.
        for (name, listeners) in parts.iter().rev() {
            let start = Start {
                configuration: text.to_owned(),
                path: "tour".into(),
                listeners: listeners.iter().filter_map(|name| name.parse().ok()).collect(),
                anchors: pem(&credentials.anchors),
                credentials: issued(name, credentials),
                pages: pages(listeners, &configuration.data),
                echo: listeners.iter().find(|name| **name == super::APP).and_then(|name| name.parse().ok()),
            };
            started.push(Part::start(name, &ToPart::Start(Box::new(start)), ANSWER).await?);
        }
        let control = RelayOn::start(None, Relay { listen: control, behind: Behind::Sink }).await?;
        let relays = Mutex::new(RelayOn::before(configuration).await?);
        Ok(Self { parts: started, relays, control, looking: Mutex::default(), broken: Mutex::default() })
    }

    /// What all parts have seen.
    pub async fn seen(&self) -> Result<Seen, PartsError> {
        let mut all = Seen::default();
        for part in &self.parts {
            match part.ask(&ToPart::Report, ANSWER).await? {
                FromPart::Seen(seen) => all = seen.beside(all),
                _ => return Err(PartsError::Silent(part.name)),
            }
        }
        Ok(all)
    }

    /// Hands a renewed certificate to the part whose it is.
    pub async fn renewed(&self, party: &PartyName, role: Role, credential: &hermetic_tls::Credential) {
        for part in self.parts.iter().filter(|part| part.name == party.as_str()) {
            part.renewed(Issued::of(party.clone(), role, credential)).await;
        }
    }

    /// Has all parts let nobody in any more with these.
    pub async fn revoked(&self, revoked: &[RevokedBy]) {
        let message = ToPart::Revoked(revoked.iter().map(Revoked::of).collect());
        for part in &self.parts {
            if let Err(error) = part.told(&message).await {
                tracing::error!(%error, "a part of the tour could not be told what is revoked");
            }
        }
    }

    /// Has the application keep its visits in this database; an error where it can't.
    pub async fn keep_visits(&self, server: &Server) -> Result<(), PartsError> {
        let hop = visits::declared().name;
        for part in self.parts.iter().filter(|part| part.name == hop.from.as_str()) {
            let message = ToPart::KeepVisits(Box::new(server.clone()));
            match part.ask(&message, ANSWER).await? {
                FromPart::Done => {}
                FromPart::Failed(reason) => return Err(PartsError::Failed(reason)),
                _ => return Err(PartsError::Silent(part.name)),
            }
        }
        Ok(())
    }

    /// Puts a relay on the hop that ends the path.
    pub(super) async fn relay_on(&self, hop: HopName, relay: Relay) -> Result<(), PartsError> {
        let relay = RelayOn::start(Some(hop), relay).await?;
        self.relays.lock().await.push(relay);
        Ok(())
    }

    /// Takes the relay on this hop away, where there is one.
    pub(super) async fn take_relay_off(&self, hop: &HopName) {
        // Its process ends with the socket that it is told over.
        self.relays.lock().await.retain(|relay| relay.hop.as_ref() != Some(hop));
    }

    /// Has a part do something, and waits until it is done.
    pub(super) async fn tell(&self, name: &'static str, message: &ToPart) -> Result<(), PartsError> {
        let part = self.parts.iter().find(|part| part.name == name).ok_or(PartsError::Silent(name))?;
        part.told(message).await
    }

    /// Where the relay of the control hop listens.
    pub(super) fn control(&self) -> SocketAddr {
        self.control.address
    }

    /// Has all relays forget what passed.
    pub(super) async fn clear_relays(&self) -> Result<(), PartsError> {
        let relays = self.relays.lock().await;
        for relay in relays.iter().chain([&self.control]) {
            relay.part.told(&ToPart::Clear).await?;
        }
        Ok(())
    }

    /// What passed on each hop of the path, in its order, and how often the marker stands in it.
    pub(super) async fn look_at_relays(&self, marker: &str) -> Result<Vec<(HopName, Captured)>, PartsError> {
        let mut seen = Vec::new();
        for relay in &*self.relays.lock().await {
            if let Some(hop) = &relay.hop {
                seen.push((hop.clone(), relay.look(marker).await?));
            }
        }
        Ok(seen)
    }

    /// The same for the control hop.
    pub(super) async fn look_at_control(&self, marker: &str) -> Result<Captured, PartsError> {
        self.control.look(marker).await
    }

    /// Waits until one of the parts ends by itself; gives what happened.
    pub async fn ended(&self) -> PartsError {
        loop {
            let relays = self.relays.lock().await;
            let of_relays = relays.iter().chain([&self.control]).map(|relay| &relay.part);
            for part in self.parts.iter().chain(of_relays) {
                if let Ok(Some(status)) = part.child.lock().await.try_wait() {
                    return PartsError::Ended { name: part.name, status: status.to_string() };
                }
            }
            drop(relays);
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }

    /// Lets all parts finish within `deadline`, the first of the path first.
    pub async fn drain(&self, deadline: Duration) {
        for part in self.parts.iter().rev() {
            // A part that does not finish ends with its supervisor.
            part.drain(deadline).await;
        }
    }
}

impl RelayOn {
    /// A relay before each listener that is reached by another port than it listens on.
    async fn before(configuration: &Configuration) -> Result<Vec<Self>, PartsError> {
        let mut relays = Vec::new();
        let hops = configuration.hops();
        for listener in
            configuration.listeners.iter().filter(|listener| listener.public_port != listener.bind.port())
        {
            let hop = hops.iter().map(|declared| &declared.name).find(|hop| hop.to == listener.name);
            let listen = SocketAddr::new(listener.bind.ip(), listener.public_port);
            let relay = Relay { listen, behind: Behind::Address(listener.bind) };
            relays.push(Self::start(hop.cloned(), relay).await?);
        }
        Ok(relays)
    }

    async fn start(hop: Option<HopName>, relay: Relay) -> Result<Self, PartsError> {
        let address = relay.listen;
        let part = Part::start("relay", &ToPart::Relay(relay), ANSWER).await?;
        Ok(Self { hop, address, part })
    }

    async fn look(&self, marker: &str) -> Result<Captured, PartsError> {
        match self.part.ask(&ToPart::Look { marker: marker.to_owned() }, ANSWER).await? {
            FromPart::Captured(captured) => Ok(captured),
            _ => Err(PartsError::Silent(self.part.name)),
        }
    }
}

impl Part {
    /// Starts a process, and has it be what `start` says within `patience`.
    pub(super) async fn start(
        name: &'static str,
        start: &ToPart,
        patience: Duration,
    ) -> Result<Self, PartsError> {
        let spawn = |source| PartsError::Spawn { name, source };
        let (ours, theirs) = std::os::unix::net::UnixStream::pair().map_err(spawn)?;
        ours.set_nonblocking(true).map_err(spawn)?;
        let program = std::env::current_exe().map_err(spawn)?;
        let child = Command::new(program)
            .arg("part")
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::null())
            // Ctrl-C is for the supervisor, which ends the parts in order.
            .process_group(0)
            .spawn()
            .map_err(spawn)?;
        let channel = Channel::new(UnixStream::from_std(ours).map_err(spawn)?);
        let part = Self { name, channel: Mutex::new(channel), child: Mutex::new(child) };
        match part.ask(start, patience).await? {
            FromPart::Started => Ok(part),
            FromPart::Failed(reason) => Err(PartsError::Failed(reason)),
            _ => Err(PartsError::Silent(name)),
        }
    }

    /// Has it do something, and waits until it is done.
    async fn told(&self, message: &ToPart) -> Result<(), PartsError> {
        match self.ask(message, ANSWER).await? {
            FromPart::Done => Ok(()),
            FromPart::Failed(reason) => {
                Err(PartsError::Failed(format!("the {} process: {reason}", self.name)))
            }
            _ => Err(PartsError::Silent(self.name)),
        }
    }

    /// Hands over a renewed certificate.
    pub(super) async fn renewed(&self, certificate: Issued) {
        let party = certificate.party.clone();
        if let Err(error) = self.channel.lock().await.send(&ToPart::Renewed(certificate)).await {
            tracing::error!(%party, %error, "a renewed certificate could not be handed over");
        }
    }

    /// Lets it finish within `deadline`; gives whether it did.
    pub(super) async fn drain(&self, deadline: Duration) -> bool {
        let drain = ToPart::Drain { seconds: deadline.as_secs() };
        matches!(timeout(deadline + ANSWER, self.converse(&drain)).await, Ok(Ok(Some(FromPart::Drained))))
    }

    async fn ask(&self, message: &ToPart, patience: Duration) -> Result<FromPart, PartsError> {
        match timeout(patience, self.converse(message)).await {
            Ok(Ok(Some(answer))) => Ok(answer),
            Ok(Ok(None) | Err(_)) | Err(_) => Err(PartsError::Silent(self.name)),
        }
    }

    async fn converse(&self, message: &ToPart) -> std::io::Result<Option<FromPart>> {
        let mut channel = self.channel.lock().await;
        channel.send(message).await?;
        channel.receive().await
    }
}

/// What belongs to a part: as listeners and as identities it goes by its own name.
fn issued(name: &str, credentials: &Credentials) -> Vec<Issued> {
    let of_role = [(Role::Listener, &credentials.listeners), (Role::Identity, &credentials.identities)];
    of_role
        .into_iter()
        .flat_map(|(role, handles)| handles.iter().map(move |(party, handle)| (role, party, handle)))
        .filter(|(_, party, _)| party.as_str() == name)
        .map(|(role, party, handle)| Issued::of(party.clone(), role, &handle.load()))
        .collect()
}

/// Whoever lets people in serves the pages too: it is the one that they reach whatever is broken.
fn pages(listeners: &[&str], data: &Path) -> Option<PagesAt> {
    let listener = listeners.iter().find(|listener| **listener == super::EDGE)?.parse().ok()?;
    Some(PagesAt { listener, data: data.to_owned() })
}

/// Roots as PEM.
pub(super) fn pem(anchors: &TrustAnchors) -> String {
    anchors.certificates().iter().map(Certificate::to_pem).collect()
}
