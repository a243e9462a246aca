//! The process that takes the place of another, on its side.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use rustix::process::getppid;

use super::Heritage;
use super::channel::Channel;
use super::message::{FromHeir, ToHeir};
use crate::admin::server::AdminSocket;
use crate::exit::Failure;
use crate::listening_socket::ListeningSocket;

/// The variable that tells a process whose place it is to take, by its number. It counts only where that
/// process is its parent; then the channel is the standard input.
pub const SUCCEEDS: &str = "HERMETIC_SUCCEEDS";

/// How long the process before may take for each message.
const PATIENCE: Duration = Duration::from_secs(10);

/// A process that takes the place of another.
#[derive(Debug)]
pub struct Heir(Channel);

impl Heir {
    /// Takes what the process before hands over; `None` where this process takes nobody's place. Blocks.
    pub fn claim() -> io::Result<Option<(Self, Heritage)>> {
        let Some(before) = std::env::var_os(SUCCEEDS) else { return Ok(None) };
        let parent = getppid().map(|parent| parent.as_raw_nonzero().to_string());
        if parent.is_none_or(|parent| before != *parent) {
            return Ok(None);
        }
        let channel = Channel::given(std::io::stdin().as_fd().try_clone_to_owned()?);
        rustix::stdio::dup2_stdin(std::fs::File::open("/dev/null")?)?;
        channel.wait_at_most(PATIENCE)?;
        let heritage = receive(&channel)?;
        Ok(Some((Self(channel), heritage)))
    }

    /// Tells the process before that this one serves. Where that is gone, nobody needs to know.
    pub fn ready(&self) {
        let _ = self.0.send(&FromHeir::Ready, &[]);
    }

    /// Tells the process before that it has to go on.
    pub fn failed(&self, failure: &Failure) {
        let _ = self.0.send(&FromHeir::Failed(failure.clone()), &[]);
    }
}

fn receive(channel: &Channel) -> io::Result<Heritage> {
    let mut heritage = Heritage::default();
    loop {
        let Some((message, descriptors)) = channel.receive()? else {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the process before is gone"));
        };
        match message {
            ToHeir::Whole => return Ok(heritage),
            ToHeir::Sockets(bind) => {
                descriptors.into_iter().for_each(|socket| heritage.sockets.add(bind.clone(), socket));
            }
            ToHeir::Metrics => heritage.metrics = Some(ListeningSocket::of(one(descriptors)?.into())?),
            ToHeir::Publishing => heritage.publishing = Some(ListeningSocket::of(one(descriptors)?.into())?),
            ToHeir::Admin => heritage.admin = Some(AdminSocket::of(one(descriptors)?.into())?),
            ToHeir::Lock => heritage.lock = Some(one(descriptors)?),
            ToHeir::Seen(observation) => match serde_json::from_value(observation) {
                Ok(observation) => heritage.seen.observations.push(observation),
                Err(error) => tracing::warn!(%error, "what was seen of a hop begins anew"),
            },
            ToHeir::RecordsLost(count) => heritage.seen.records_lost = count,
        }
    }
}

fn one(descriptors: Vec<OwnedFd>) -> io::Result<OwnedFd> {
    let missing = || io::Error::new(io::ErrorKind::InvalidData, "a descriptor did not arrive");
    descriptors.into_iter().next().ok_or_else(missing)
}
