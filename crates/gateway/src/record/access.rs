//! The access log: one JSON object a line, written by a thread of its own.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender};

use hermetic_hop::{Evidence, HopName, PartyName};
use jiff::Timestamp;
use serde::Serialize;

use crate::error::GatewayError;
use crate::sightings::Sighted;

/// Records that wait to be written, at most. Past it a record is counted as lost rather than
/// holding up the data path.
const QUEUE: usize = 16 * 1024;

/// Where access records go. Clones are the same log.
#[derive(Clone, Debug, Default)]
pub struct AccessLog {
    queue: Option<SyncSender<Entry>>,
    lost: Arc<AtomicU64>,
}

/// What the writing thread is given.
#[derive(Debug)]
enum Entry {
    Line(String),
    /// Says when everything before is written.
    Flush(SyncSender<()>),
}

/// One line of the log.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum AccessRecord<'a> {
    /// A request was answered, or cut.
    Request {
        at: Timestamp,
        listener: &'a PartyName,
        client: SocketAddr,
        #[serde(flatten)]
        request: &'a RequestFacts,
        inbound: HopLine<'a>,
        outbound: Option<HopLine<'a>>,
    },
    /// A handshake failed; the reason is the true one.
    HandshakeFailed {
        at: Timestamp,
        listener: &'a PartyName,
        client: SocketAddr,
        server_name: Option<&'a str>,
        alert: Option<&'static str>,
        error: &'a str,
    },
    /// An upstream could not answer; the client was given the reference alone.
    UpstreamFailed {
        at: Timestamp,
        from: &'a PartyName,
        to: &'a PartyName,
        reference: &'a str,
        error: &'a str,
    },
    /// A secret came in cleartext.
    CredentialExposed {
        at: Timestamp,
        listener: &'a PartyName,
        client: SocketAddr,
        method: &'a str,
        path: &'a str,
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

impl<'a> HopLine<'a> {
    /// The hop of a connection, and the evidence of its handshake.
    pub fn of(sighted: &'a Sighted) -> Self {
        Self { hop: sighted.hop(), evidence: &sighted.sighting.evidence }
    }
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
    pub duration_ms: u64,
    /// Whether the response reached its end.
    pub complete: bool,
}

impl AccessLog {
    /// A log that appends to the file at `path`.
    pub fn append_to(path: &Path) -> Result<Self, GatewayError> {
        let failure = |source| GatewayError::AccessLog { path: path.to_owned(), source };
        let file = OpenOptions::new().create(true).append(true).open(path).map_err(failure)?;
        let (queue, lines) = mpsc::sync_channel(QUEUE);
        let lost = Arc::new(AtomicU64::new(0));
        std::thread::Builder::new()
            .name("access-log".to_owned())
            .spawn({
                let lost = lost.clone();
                move || write(file, &lines, &lost)
            })
            .map_err(GatewayError::Worker)?;
        Ok(Self { queue: Some(queue), lost })
    }

    /// Whether records go anywhere; where not, they need not be made.
    pub(crate) fn is_open(&self) -> bool {
        self.queue.is_some()
    }

    /// Queues a record.
    pub(crate) fn write(&self, record: &AccessRecord<'_>) {
        let Some(queue) = &self.queue else { return };
        let Ok(line) = serde_json::to_string(record) else { return };
        if queue.try_send(Entry::Line(line)).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits until everything that was queued before is written. Blocks.
    pub(crate) fn flush(&self) {
        let Some(queue) = &self.queue else { return };
        let (written, wait) = mpsc::sync_channel(1);
        if queue.send(Entry::Flush(written)).is_ok() {
            // A writer that is gone has said so.
            let _ = wait.recv();
        }
    }

    /// Records that could not be written since the start.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
}

/// Writes lines as they come, and flushes when none waits.
fn write(file: File, entries: &Receiver<Entry>, lost: &AtomicU64) {
    let mut file = BufWriter::new(file);
    let failed = |error: std::io::Error| {
        tracing::error!(%error, "the access log can't be written");
        lost.fetch_add(1, Ordering::Relaxed);
    };
    while let Ok(first) = entries.recv() {
        let mut next = Some(first);
        let mut waiting = Vec::new();
        while let Some(entry) = next {
            match entry {
                Entry::Line(line) => writeln!(file, "{line}").unwrap_or_else(failed),
                Entry::Flush(written) => waiting.push(written),
            }
            next = entries.try_recv().ok();
        }
        file.flush().unwrap_or_else(failed);
        for written in waiting {
            let _ = written.send(());
        }
    }
}
