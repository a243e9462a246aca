//! The parts as the supervisor holds them.

use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use hermetic_gateway::Credentials;
use hermetic_hop::{Observation, PartyName};
use hermetic_tls::{Certificate, TrustAnchors};
use tokio::net::UnixStream;
use tokio::process::{Child, Command};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::part::protocol::{Channel, FromPart, Issued, Role, Seen, Start, ToPart};
use crate::visits::{self, Server};

/// How long a part may take for an answer. It does nothing slow; one that is late is stuck.
const ANSWER: Duration = Duration::from_secs(10);

/// The processes of the tour.
#[derive(Debug)]
pub struct Parts(Vec<Part>);

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
    /// Starts all parts; each serves when this returns.
    pub async fn start(
        parts: &[(&'static str, &[&str])],
        configuration: &str,
        path: &Path,
        credentials: &Credentials,
    ) -> Result<Self, PartsError> {
        let mut started = Vec::new();
        // The last of the path first, so that whoever serves already has whom to serve to.
        for (name, listeners) in parts.iter().rev() {
            let start = Start {
                configuration: configuration.to_owned(),
                path: path.to_owned(),
                listeners: listeners.iter().filter_map(|name| name.parse().ok()).collect(),
                anchors: pem(&credentials.anchors),
                credentials: issued(name, credentials),
            };
            started.push(Part::start(name, &ToPart::Start(Box::new(start)), ANSWER).await?);
        }
        Ok(Self(started))
    }

    /// What all parts have seen.
    pub async fn seen(&self) -> Result<Seen, PartsError> {
        let (mut all, mut records_lost) = (Vec::new(), 0);
        for part in &self.0 {
            match part.ask(&ToPart::Report, ANSWER).await? {
                FromPart::Seen(seen) => {
                    all.extend(seen.observations);
                    records_lost += seen.records_lost;
                }
                _ => return Err(PartsError::Silent(part.name)),
            }
        }
        Ok(Seen { observations: Observation::merged(all), records_lost })
    }

    /// Hands a renewed certificate to the part whose it is.
    pub async fn renewed(&self, party: &PartyName, role: Role, credential: &hermetic_tls::Credential) {
        for part in self.0.iter().filter(|part| part.name == party.as_str()) {
            part.renewed(Issued::of(party.clone(), role, credential)).await;
        }
    }

    /// Has the application keep its visits in this database; an error where it can't.
    pub async fn keep_visits(&self, server: &Server) -> Result<(), PartsError> {
        let hop = visits::declared().name;
        for part in self.0.iter().filter(|part| part.name == hop.from.as_str()) {
            let message = ToPart::KeepVisits(Box::new(server.clone()));
            match part.ask(&message, ANSWER).await? {
                FromPart::Started => {}
                FromPart::Failed(reason) => return Err(PartsError::Failed(reason)),
                FromPart::Seen(_) | FromPart::Drained => return Err(PartsError::Silent(part.name)),
            }
        }
        Ok(())
    }

    /// Waits until one of the parts ends by itself; gives what happened.
    pub async fn ended(&self) -> PartsError {
        loop {
            for part in &self.0 {
                if let Ok(Some(status)) = part.child.lock().await.try_wait() {
                    return PartsError::Ended { name: part.name, status: status.to_string() };
                }
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }

    /// Lets all parts finish within `deadline`, the first of the path first.
    pub async fn drain(&self, deadline: Duration) {
        for part in self.0.iter().rev() {
            // A part that does not finish ends with its supervisor.
            part.drain(deadline).await;
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
            FromPart::Seen(_) | FromPart::Drained => Err(PartsError::Silent(name)),
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

/// Roots as PEM.
pub(super) fn pem(anchors: &TrustAnchors) -> String {
    anchors.certificates().iter().map(Certificate::to_pem).collect()
}
