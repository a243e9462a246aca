//! A part of the tour: one party of the path in a process of its own, so that nothing about a hop
//! can come from shared memory. It gets its configuration, keys and certificates from the
//! supervisor over the socket that is its standard input, and ends when that socket does.

pub mod protocol;

use std::collections::HashMap;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Duration;

use hermetic_gateway::{AccessLog, Credentials, Gateway, Snapshot, Sockets};
use hermetic_hop::PartyName;
use hermetic_tls::{
    Certificate, Chain, Clock, Credential, CredentialHandle, PrivateKey, SystemClock, SystemRandomness,
    TicketKeys, TrustAnchors,
};
use rustix::process::{Signal, set_parent_process_death_signal};
use tokio::net::UnixStream;

use crate::tour;
use crate::visits::{PostgresVisits, Server};
use protocol::{Channel, FromPart, Issued, Role, Seen, Start, ToPart};

/// A part that can't go on; the supervisor is told.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Runs the part to its end.
pub async fn run() -> Result<(), Failure> {
    // The socket's end is seen only between two messages; the kernel does not wait for that.
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let input = std::os::unix::net::UnixStream::from(std::io::stdin().as_fd().try_clone_to_owned()?);
    input.set_nonblocking(true)?;
    let mut channel = Channel::new(UnixStream::from_std(input)?);
    let start = match channel.receive().await? {
        Some(ToPart::Start(start)) => start,
        Some(ToPart::Watch(plan)) => return Ok(tour::watch(*plan, channel).await?),
        _ => return Err("a part is started by `hermetic up`, not by hand".into()),
    };
    let part = match Part::start(&start) {
        Ok(part) => part,
        Err(failure) => {
            channel.send(&FromPart::Failed(failure.to_string())).await?;
            return Err(failure);
        }
    };
    channel.send(&FromPart::Started).await?;
    part.serve(channel).await
}

struct Part {
    gateway: Gateway,
    handles: HashMap<(PartyName, Role), CredentialHandle>,
    visits: Option<PostgresVisits>,
}

impl Part {
    fn start(start: &Start) -> Result<Self, Failure> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let mut configuration = hermetic_config::parse(&start.configuration, &start.path, &*clock)?;
        configuration.listeners.retain(|listener| start.listeners.contains(&listener.name));
        let handles = start
            .credentials
            .iter()
            .map(|issued| {
                Ok(((issued.party.clone(), issued.role), CredentialHandle::new(issued.credential()?)))
            })
            .collect::<Result<HashMap<_, _>, Failure>>()?;
        let of_role = |role| {
            let of_role = handles.iter().filter(move |((_, have), _)| *have == role);
            of_role.map(|((party, _), handle)| (party.clone(), handle.clone())).collect()
        };
        let credentials = Credentials {
            anchors: TrustAnchors::from_pem(&start.anchors)?,
            listeners: of_role(Role::Listener),
            identities: of_role(Role::Identity),
            tickets: TicketKeys::generate(clock.clone(), Arc::new(SystemRandomness::default()))?,
        };
        let snapshot = Snapshot::build(&configuration, &credentials, &clock)?;
        let sockets = Sockets::bind(&configuration.listeners, 1)?;
        let log = match &configuration.access_log {
            Some(path) => AccessLog::append_to(path)?,
            None => AccessLog::default(),
        };
        Ok(Self { gateway: Gateway::start(snapshot, sockets, log, clock)?, handles, visits: None })
    }

    /// What its gateway and its client of the database have seen.
    fn seen(&self) -> Seen {
        let mut seen = Seen::by(&self.gateway);
        seen.observations.extend(self.visits.as_ref().map(PostgresVisits::observation));
        seen
    }

    async fn keep_visits(&mut self, server: Server) -> FromPart {
        match PostgresVisits::open(server, Arc::new(SystemClock)).await {
            Ok(visits) => {
                self.gateway.keep_visits(Box::new(visits.clone()));
                self.visits = Some(visits);
                FromPart::Started
            }
            Err(error) => FromPart::Failed(error.to_string()),
        }
    }

    async fn serve(mut self, mut channel: Channel) -> Result<(), Failure> {
        while let Some(message) = channel.receive().await? {
            match message {
                ToPart::Start(_) | ToPart::Watch(_) => return Err("a part can't be started twice".into()),
                ToPart::Report => channel.send(&FromPart::Seen(self.seen())).await?,
                ToPart::KeepVisits(server) => {
                    let kept = self.keep_visits(*server).await;
                    channel.send(&kept).await?;
                }
                ToPart::Renewed(issued) => {
                    if let Some(handle) = self.handles.get(&(issued.party.clone(), issued.role)) {
                        handle.swap(issued.credential()?);
                    }
                }
                ToPart::Drain { seconds } => {
                    let deadline = Duration::from_secs(seconds);
                    tokio::task::spawn_blocking(move || self.gateway.drain(deadline)).await?;
                    channel.send(&FromPart::Drained).await?;
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

impl Issued {
    /// The credential in it.
    fn credential(&self) -> Result<Credential, Failure> {
        Ok(Credential::new(Chain::from_pem(&self.chain)?, PrivateKey::from_pkcs8(self.key.clone())?)?)
    }

    /// A credential as it travels to a part.
    pub fn of(party: PartyName, role: Role, credential: &Credential) -> Self {
        let key = credential.key().expose_der().to_vec();
        Self {
            party,
            role,
            chain: credential.chain().certificates().iter().map(Certificate::to_pem).collect(),
            key,
        }
    }
}
