//! Upgrade: the program on the disk takes the place of this process, with all of its sockets.
//!
//! At every instant one of both serves, or both do, and never none: a socket stays open as long as either
//! has it. A crash of the new process before it says that it is ready leaves this one as it was; a crash of
//! this one leaves the new one to go on alone.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use hermetic_gateway::{Gateway, Sockets};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use super::heritage::{Channel, FromHeir, MOST_DESCRIPTORS, SUCCEEDS, ToHeir};
use super::instance::Instance;
use super::notify;
use super::under_way::UnderWay;
use crate::exit::Failure;
use crate::listening_socket::ListeningSocket;
use crate::part::protocol::Seen;

/// How long the new process may take until it serves, and how long certificates that are being issued may.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The signal by which [`Child::kill`] kills.
const KILLED: i32 = rustix::process::Signal::KILL.as_raw();

/// What an upgrade did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upgraded {
    /// The process that serves now.
    pub pid: u32,
}

/// Why this process goes on.
#[derive(Debug, thiserror::Error)]
pub enum UpgradeError {
    /// The tour.
    #[error("the tour can't be upgraded; stop it and start it anew")]
    Tour,
    /// Another process serves already.
    #[error("process {0} has taken over already")]
    Over(u32),
    /// This process is asked to stop.
    #[error("this process was asked to stop; the new one was stopped, too")]
    Stopping,
    /// A certificate takes long to be issued.
    #[error("certificates are still being issued after {} s; try again", PATIENCE.as_secs())]
    Busy,
    /// The program can't be started.
    #[error("{} can't be started: {source}", program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It did not take what was handed over.
    #[error("the new process took nothing over: {0}")]
    HandOver(io::Error),
    /// It ended.
    #[error("the new process ended before it served: {0}")]
    Ended(ExitStatus),
    /// It takes too long.
    #[error("the new process did not serve within {} s, and was stopped", PATIENCE.as_secs())]
    Late,
    /// It says what is wrong.
    #[error("the new process can't serve: {}", .0.summary())]
    Refused(Failure),
}

impl Instance {
    /// Has the program on the disk take over. Whatever fails, this process goes on as if nothing had
    /// happened. How it went is logged. It comes to its end whether whoever asked is still there or not: half
    /// an upgrade leaves two processes that both serve and issue.
    pub async fn upgrade(self: &Arc<Self>) -> Result<Upgraded, UpgradeError> {
        let instance = self.clone();
        let upgrading = tokio::spawn(async move { instance.upgrade_to_the_end().await });
        upgrading.await.unwrap_or_else(|panic| Err(UpgradeError::HandOver(io::Error::other(panic))))
    }

    /// Ends an upgrade that is under way, or waits for its end where the other process serves already, and
    /// lets none begin.
    pub async fn give_up_upgrade(&self) {
        self.under_way.give_up();
        drop(self.changing.lock().await);
    }

    async fn upgrade_to_the_end(&self) -> Result<Upgraded, UpgradeError> {
        let _one = self.changing.lock().await;
        let outcome = self.upgrade_alone().await;
        match &outcome {
            Ok(Upgraded { pid }) => {
                tracing::info!(pid, "another process has taken over; connections may finish")
            }
            Err(error) => tracing::error!("not upgraded, and this process goes on: {error}"),
        }
        outcome
    }

    async fn upgrade_alone(&self) -> Result<Upgraded, UpgradeError> {
        // 1. See that there is something to hand over. A crash up to step 5 leaves this process alone.
        if let Some(pid) = self.successor() {
            return Err(UpgradeError::Over(pid));
        }
        let gateway = self.gateway().ok_or(UpgradeError::Tour)?;
        // 2. Issue nothing more, since the new process will take what it finds unfinished for lost.
        let pause = timeout(PATIENCE, self.authority().pause()).await.map_err(|_| UpgradeError::Busy)?;
        let estate = self.estate(gateway).map_err(UpgradeError::HandOver)?;
        let program = self.program().to_owned();
        // 3. Start it and hand over; 4. wait until it serves. From when it accepts, both do.
        let under_way = self.under_way.clone();
        let outcome = tokio::task::spawn_blocking(move || take_over(program, &estate, &under_way)).await;
        let outcome = outcome.unwrap_or_else(|panic| Err(UpgradeError::HandOver(io::Error::other(panic))));
        match outcome {
            Ok(pid) => {
                // 5. Leave. A crash from here on cuts the connections that are still here, and no others.
                notify::taken_over_by(pid);
                self.leave_to(pid, pause);
                Ok(Upgraded { pid })
            }
            Err(failure) => {
                if let Err(error) = self.store().sign_lock() {
                    tracing::warn!(%error, "the lock file names a process that is gone");
                }
                Err(failure)
            }
        }
    }

    fn estate(&self, gateway: &Gateway) -> io::Result<Estate> {
        Ok(Estate {
            sockets: gateway.sockets_to_hand_over()?,
            metrics: self.metrics_socket().borrow().clone(),
            publishing: self.publishing_socket().borrow().clone(),
            admin: self.admin_socket().socket().try_clone()?,
            lock: self.store().lock_to_share().map_err(io::Error::other)?,
            seen: self.seen_here(gateway),
        })
    }
}

/// What is handed over.
struct Estate {
    sockets: Sockets,
    metrics: ListeningSocket,
    publishing: ListeningSocket,
    admin: std::os::unix::net::UnixListener,
    lock: std::os::fd::OwnedFd,
    seen: Seen,
}

/// Starts the program, hands everything over, and waits until it serves; gives its number.
fn take_over(program: PathBuf, estate: &Estate, under_way: &UnderWay) -> Result<u32, UpgradeError> {
    let (channel, theirs) = Channel::pair().map_err(UpgradeError::HandOver)?;
    let channel = Arc::new(channel);
    if !under_way.begin(&channel) {
        return Err(UpgradeError::Stopping);
    }
    channel.wait_at_most(PATIENCE).map_err(UpgradeError::HandOver)?;
    let mut command = Command::new(&program);
    command.args(std::env::args_os().skip(1)).stdin(Stdio::from(theirs));
    command.env(SUCCEEDS, std::process::id().to_string());
    let started = command.spawn().map_err(|source| UpgradeError::Start { program, source });
    // It holds the other end of the channel, and would keep it open beyond the life of the process.
    drop(command);
    let mut child = started?;
    let outcome = estate.hand_over(&channel).map_err(late_or_lost).and_then(|()| ready(&channel));
    match outcome {
        Ok(()) => Ok(child.id()),
        Err(failure) => {
            let failure = stopped(&mut child, failure);
            Err(if under_way.is_given_up() { UpgradeError::Stopping } else { failure })
        }
    }
}

/// Waits until the new process serves.
fn ready(channel: &Channel) -> Result<(), UpgradeError> {
    let heard = channel.receive().or_else(|error| {
        // Closed first, so that no process which is told to be late has said that it serves.
        channel.close();
        channel.receive().ok().filter(Option::is_some).ok_or(error)
    });
    match heard {
        Ok(Some((FromHeir::Ready, _))) => Ok(()),
        Ok(Some((FromHeir::Failed(failure), _))) => Err(UpgradeError::Refused(failure)),
        Ok(None) => Err(UpgradeError::HandOver(io::ErrorKind::UnexpectedEof.into())),
        Err(error) => Err(late_or_lost(error)),
    }
}

/// Why the channel fails: time ran out, or the other process is gone.
fn late_or_lost(error: io::Error) -> UpgradeError {
    match error.kind() {
        io::ErrorKind::WouldBlock => UpgradeError::Late,
        _ => UpgradeError::HandOver(error),
    }
}

/// Stops a process that does not take over. One that ended by itself is told by how it ended.
fn stopped(child: &mut Child, failure: UpgradeError) -> UpgradeError {
    // One that is ending already keeps the status of its own.
    let _ = child.kill();
    match (failure, child.wait()) {
        (UpgradeError::HandOver(_), Ok(status)) if status.signal() != Some(KILLED) => {
            UpgradeError::Ended(status)
        }
        (failure, _) => failure,
    }
}

impl Estate {
    fn hand_over(&self, channel: &Channel) -> io::Result<()> {
        for (bind, sockets) in self.sockets.places() {
            for some in sockets.chunks(MOST_DESCRIPTORS) {
                let descriptors: Vec<BorrowedFd<'_>> = some.iter().map(AsFd::as_fd).collect();
                channel.send(&ToHeir::Sockets(bind.clone()), &descriptors)?;
            }
        }
        if let Some(socket) = self.metrics.socket() {
            channel.send(&ToHeir::Metrics, &[socket.as_fd()])?;
        }
        if let Some(socket) = self.publishing.socket() {
            channel.send(&ToHeir::Publishing, &[socket.as_fd()])?;
        }
        channel.send(&ToHeir::Admin, &[self.admin.as_fd()])?;
        channel.send(&ToHeir::Lock, &[self.lock.as_fd()])?;
        for observation in &self.seen.observations {
            channel.send(&ToHeir::Seen(serde_json::to_value(observation)?), &[])?;
        }
        channel.send(&ToHeir::RecordsLost(self.seen.records_lost), &[])?;
        channel.send(&ToHeir::Whole, &[])
    }
}
