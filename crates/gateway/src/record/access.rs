//! The access log: one JSON object a line, written by a thread of its own.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender, TryRecvError, TrySendError};

use hermetic_hop::{Evidence, HopName, PartyName};
use jiff::Timestamp;
use serde::Serialize;

use crate::error::GatewayError;

/// Records that wait to be written, at most. Past it a record is counted as lost rather than
/// holding up the data path.
const QUEUE: usize = 16 * 1024;

/// Where access records go. Clones are the same log.
#[derive(Clone, Debug, Default)]
pub struct AccessLog {
    queue: Option<SyncSender<String>>,
    lost: Arc<AtomicU64>,
}

/// One line of the log.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum AccessRecord<'a> {
    /// A request was answered.
    Request {
        at: Timestamp,
        listener: &'a PartyName,
        client: String,
        #[serde(flatten)]
        request: &'a RequestFacts,
        hops: [Option<HopLine<'a>>; 2],
    },
    /// A handshake failed.
    HandshakeFailed { at: Timestamp, hop: &'a HopName, peer: String, reason: &'a str },
    /// An upstream could not be used.
    UpstreamFailed { at: Timestamp, hop: &'a HopName, reference: &'a str, reason: &'a str },
    /// A secret came in cleartext.
    CredentialExposed {
        at: Timestamp,
        listener: &'a PartyName,
        client: String,
        method: &'a str,
        secret: &'a str,
    },
}

/// A hop that a request took.
#[derive(Debug, Serialize)]
pub(crate) struct HopLine<'a> {
    #[serde(flatten)]
    pub hop: &'a HopName,
    #[serde(flatten)]
    pub evidence: &'a Evidence,
}

/// What is told of a request. Query strings carry secrets, so they are left out.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct RequestFacts {
    pub method: String,
    pub host: String,
    pub path: String,
    pub http: &'static str,
    pub status: u16,
    pub bytes_received: u64,
    pub bytes_sent: u64,
    pub milliseconds: u64,
    /// Whether the response reached its end.
    pub complete: bool,
}

impl AccessLog {
    /// A log that appends to the file at `path`.
    pub fn append_to(path: &Path) -> Result<Self, GatewayError> {
        let failure = |source| GatewayError::AccessLog { path: path.to_owned(), source };
        let file = OpenOptions::new().create(true).append(true).open(path).map_err(failure)?;
        let (queue, lines) = mpsc::sync_channel(QUEUE);
        std::thread::Builder::new()
            .name("access-log".to_owned())
            .spawn(move || write(file, &lines))
            .map_err(GatewayError::Worker)?;
        Ok(Self { queue: Some(queue), lost: Arc::default() })
    }

    /// Whether records go anywhere; where not, they need not be made.
    pub(crate) fn is_open(&self) -> bool {
        self.queue.is_some()
    }

    /// Queues a record.
    pub(crate) fn write(&self, record: &AccessRecord<'_>) {
        let Some(queue) = &self.queue else { return };
        let Ok(line) = serde_json::to_string(record) else { return };
        if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) = queue.try_send(line) {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Records that could not be written since the start.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
}

/// Writes lines as they come, and flushes when none waits.
fn write(file: File, lines: &Receiver<String>) {
    let mut file = BufWriter::new(file);
    while let Ok(first) = lines.recv() {
        let mut next = Some(first);
        while let Some(line) = next {
            if let Err(error) = writeln!(file, "{line}") {
                tracing::error!(%error, "the access log can't be written");
            }
            next = match lines.try_recv() {
                Ok(line) => Some(line),
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => None,
            };
        }
        if let Err(error) = file.flush() {
            tracing::error!(%error, "the access log can't be written");
        }
    }
}
