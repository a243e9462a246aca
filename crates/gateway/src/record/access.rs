//! The access log: one JSON object a line, written by a thread of its own.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender};

use arc_swap::ArcSwapOption;
use hermetic_hop::{Evidence, Exception, HopName, PartyName};
use jiff::Timestamp;
use serde::Serialize;

use super::told::ToldRecord;
use super::{Guarded, PolicyFacts};
use crate::error::GatewayError;
use crate::sightings::Sighted;

/// Records that wait to be written, at most. Past it a record is counted as lost rather than
/// holding up the data path.
const QUEUE: usize = 16 * 1024;

/// Where access records go. Clones are the same log.
#[derive(Clone, Debug, Default)]
pub struct AccessLog {
    queue: Arc<ArcSwapOption<SyncSender<Entry>>>,
    lost: Arc<AtomicU64>,
}

/// A file that a log can go on in.
#[derive(Debug)]
pub struct LogFile(SyncSender<Entry>);

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
        #[serde(skip_serializing_if = "Option::is_none")]
        told: Option<ToldRecord<'a>>,
        #[serde(flatten)]
        request: &'a RequestFacts,
        #[serde(flatten)]
        guarded: Guarded<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        policy: Option<&'a PolicyFacts>,
        inbound: HopLine<'a>,
        outbound: Option<HopLine<'a>>,
    },
    /// A stream is at its end.
    Stream {
        at: Timestamp,
        listener: &'a PartyName,
        client: SocketAddr,
        #[serde(skip_serializing_if = "Option::is_none")]
        told: Option<ToldRecord<'a>>,
        #[serde(flatten)]
        stream: StreamFacts<'a>,
        #[serde(flatten)]
        guarded: Guarded<'a>,
        inbound: HopLine<'a>,
        outbound: Option<HopLine<'a>>,
    },
    /// A connection was refused before its first byte of its own: the client is whoever connected.
    PreludeFailed { at: Timestamp, listener: &'a PartyName, client: SocketAddr, error: &'a str },
    /// A handshake failed; the reason is the true one.
    HandshakeFailed {
        at: Timestamp,
        listener: &'a PartyName,
        client: SocketAddr,
        #[serde(skip_serializing_if = "Option::is_none")]
        told: Option<ToldRecord<'a>>,
        server_name: Option<&'a str>,
        #[serde(flatten)]
        guarded: Guarded<'a>,
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
    /// A connection in cleartext came to stand, by an exception.
    Cleartext {
        at: Timestamp,
        #[serde(flatten)]
        hop: &'a HopName,
        /// The client's address, or the endpoint.
        peer: String,
        exception: &'a Exception,
        /// What stood against TLS, where it was preferred and just tried.
        error: Option<&'a str>,
    },
    /// A secret came in cleartext.
    CredentialExposed {
        at: Timestamp,
        listener: &'a PartyName,
        client: SocketAddr,
        #[serde(skip_serializing_if = "Option::is_none")]
        told: Option<ToldRecord<'a>>,
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

/// What is told of a stream.
#[derive(Debug, Default, Serialize)]
pub(crate) struct StreamFacts<'a> {
    pub server_name: Option<&'a str>,
    /// From the client.
    pub bytes_received: u64,
    /// To the client.
    pub bytes_sent: u64,
    pub duration_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postgres: Option<&'a PostgresFacts>,
    /// Why it ended early; `None` where both ends were done.
    pub error: Option<&'a str>,
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

/// What is told of a login to PostgreSQL. A password is no part of it.
#[derive(Debug, Serialize)]
pub(crate) struct PostgresFacts {
    pub user: String,
    pub database: String,
    /// How the client's TLS began, as libpq names it; `None` over cleartext.
    pub sslnegotiation: Option<&'static str>,
    /// What became of the login, as the configuration's `binding` names it.
    pub binding: &'static str,
}

impl AccessLog {
    /// A log that appends to the file at `path`.
    pub fn append_to(path: &Path) -> Result<Self, GatewayError> {
        let log = Self::default();
        log.go_on_in(Some(log.open(path)?));
        Ok(log)
    }

    /// Opens a file that the log can go on in. Nothing is written to it before.
    pub fn open(&self, path: &Path) -> Result<LogFile, GatewayError> {
        let failure = |source| GatewayError::AccessLog { path: path.to_owned(), source };
        let file = OpenOptions::new().create(true).append(true).open(path).map_err(failure)?;
        let (queue, lines) = mpsc::sync_channel(QUEUE);
        let lost = self.lost.clone();
        std::thread::Builder::new()
            .name("access-log".to_owned())
            .spawn(move || write(file, &lines, &lost))
            .map_err(GatewayError::Worker)?;
        Ok(LogFile(queue))
    }

    /// Goes on in this file, or nowhere. What was queued for the one before is still written there.
    pub fn go_on_in(&self, file: Option<LogFile>) {
        self.queue.store(file.map(|file| Arc::new(file.0)));
    }

    /// Whether records go anywhere; where not, they need not be made.
    pub(crate) fn is_open(&self) -> bool {
        self.queue.load().is_some()
    }

    /// Queues a record.
    pub(crate) fn write(&self, record: &AccessRecord<'_>) {
        let queue = self.queue.load();
        let Some(queue) = &*queue else { return };
        let Ok(line) = serde_json::to_string(record) else { return };
        if queue.try_send(Entry::Line(line)).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits until everything that was queued before is written. Blocks.
    pub(crate) fn flush(&self) {
        let Some(queue) = self.queue.load_full() else { return };
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
