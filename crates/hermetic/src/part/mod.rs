//! A part of the tour: one party of the path in a process of its own, so that nothing about a hop
//! can come from shared memory. It gets its configuration, keys and certificates from the
//! supervisor over the socket that is its standard input, and ends when that socket does.

mod playing;
pub mod protocol;
mod relay;
mod stand_in;

use std::os::fd::AsFd;
use std::time::Duration;

use hermetic_hop::PartyName;
use hermetic_tls::{Certificate, Chain, Credential, PrivateKey};
use rustix::process::{Signal, set_parent_process_death_signal};
use tokio::net::UnixStream;

use crate::tour;
use playing::Playing;
use protocol::{Channel, FromPart, Issued, Relay, Role, ToPart};
use relay::Relaying;

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
        Some(ToPart::Relay(relay)) => return run_relay(&relay, channel).await,
        Some(ToPart::Watch(plan)) => return Ok(tour::watch(*plan, channel).await?),
        _ => return Err("a part is started by `hermetic up`, not by hand".into()),
    };
    let part = match Playing::start(*start) {
        Ok(part) => part,
        Err(failure) => {
            channel.send(&FromPart::Failed(failure.to_string())).await?;
            return Err(failure);
        }
    };
    channel.send(&FromPart::Started).await?;
    serve(part, channel).await
}

async fn run_relay(relay: &Relay, mut channel: Channel) -> Result<(), Failure> {
    match Relaying::start(relay).await {
        Ok(relaying) => {
            channel.send(&FromPart::Started).await?;
            relaying.serve(channel).await
        }
        Err(error) => {
            let failure = format!(
                "a relay can't listen on {}: {error}; choose other ports with --port-base",
                relay.listen
            );
            channel.send(&FromPart::Failed(failure.clone())).await?;
            Err(failure.into())
        }
    }
}

/// Does what the supervisor says until it says no more.
async fn serve(mut part: Playing, mut channel: Channel) -> Result<(), Failure> {
    while let Some(message) = channel.receive().await? {
        match message {
            ToPart::Start(_) | ToPart::Relay(_) | ToPart::Watch(_) => {
                return Err("a part can't be started twice".into());
            }
            ToPart::Clear | ToPart::Look { .. } => {
                channel.send(&FromPart::Failed("only a relay has a capture".to_owned())).await?;
            }
            ToPart::Report => channel.send(&FromPart::Seen(part.seen())).await?,
            ToPart::KeepVisits(server) => channel.send(&outcome(part.keep_visits(*server).await)).await?,
            ToPart::Renewed(issued) => part.renewed(&issued)?,
            ToPart::Revoked(revoked) => channel.send(&outcome(part.revoked(&revoked))).await?,
            ToPart::Break(fault) => channel.send(&outcome(part.break_with(fault).await)).await?,
            ToPart::Mend => channel.send(&outcome(part.mend().await)).await?,
            ToPart::Forget(hop) => channel.send(&outcome(part.forget(&hop))).await?,
            ToPart::Drain { seconds } => {
                part.stop(Duration::from_secs(seconds)).await?;
                channel.send(&FromPart::Drained).await?;
                return Ok(());
            }
        }
    }
    Ok(())
}

fn outcome(done: Result<(), Failure>) -> FromPart {
    match done {
        Ok(()) => FromPart::Done,
        Err(failure) => FromPart::Failed(failure.to_string()),
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
