//! From the lists to the scan: targets are read by a thread of their own, and no faster than they are scanned.

use std::io;
use std::sync::Arc;

use hermetic_probe::{Plan, Scanned, scan_all};
use hermetic_tls::{Clock, SystemRandomness};
use tokio::sync::mpsc::{self, Receiver};

use super::targets::{Named, Targets};
use crate::exit::Failure;

/// How many targets are read before their turn.
const READ_AHEAD: usize = 256;

/// A scan that is under way.
#[derive(Debug)]
pub struct Feed {
    seen: Receiver<(Arc<Named>, Scanned)>,
    wrong: Receiver<Failure>,
}

/// What comes of the lists.
#[derive(Debug)]
pub enum Told {
    /// A target was looked at.
    Seen(Arc<Named>, Box<Scanned>),
    /// A line is no target.
    Wrong(Failure),
}

impl Feed {
    /// Begins to read and to scan. An error where no thread can be had.
    pub fn start(targets: Targets, plan: Plan, clock: Arc<dyn Clock>) -> io::Result<Self> {
        let (sender, read) = mpsc::channel(READ_AHEAD);
        let (complain, wrong) = mpsc::channel(READ_AHEAD);
        let reading = move || {
            for next in targets {
                let is_taken = match next {
                    Ok(named) => sender.blocking_send(named).is_ok(),
                    Err(failure) => complain.blocking_send(failure).is_ok(),
                };
                if !is_taken {
                    break;
                }
            }
        };
        std::thread::Builder::new().name("targets".to_owned()).spawn(reading)?;
        let seen = scan_all(read, plan, clock, Arc::new(SystemRandomness::default()))?;
        Ok(Self { seen, wrong })
    }

    /// What comes next; `None` when all is read and scanned.
    pub async fn next(&mut self) -> Option<Told> {
        tokio::select! {
            Some(failure) = self.wrong.recv() => Some(Told::Wrong(failure)),
            Some((named, scanned)) = self.seen.recv() => Some(Told::Seen(named, Box::new(scanned))),
            else => None,
        }
    }
}
