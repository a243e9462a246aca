//! The record of a stream, written when it is at its end: in order, broken, or cut.

use std::cell::{OnceCell, RefCell};

use hermetic_guard::Fired;
use tokio::time::Instant;

use super::relay::Tally;
use crate::door::HelloFacts;
use crate::prelude::Ends;
use crate::record::{AccessRecord, Guarded, HopLine, PostgresFacts, StreamFacts, ToldRecord};
use crate::sightings::Sighted;
use crate::snapshot::ListenerSnapshot;
use crate::worker::Worker;

/// A stream that goes on record when this is dropped: as one, or as a handshake that failed where no evidence
/// of one was seen.
pub(crate) struct Recording<'a> {
    worker: &'a Worker,
    listener: &'a ListenerSnapshot,
    ends: &'a Ends,
    started: Instant,
    hello: HelloFacts,
    /// The client's leg, where it came to stand, and what passed over it.
    inbound: OnceCell<Sighted>,
    pub(super) here: Tally,
    /// The upstream's, where it came to stand.
    outbound: OnceCell<Sighted>,
    pub(super) there: Tally,
    /// The login, where it is one to PostgreSQL.
    postgres: Option<PostgresFacts>,
    /// `None`: nobody said how it ended, so it was cut.
    outcome: RefCell<Option<Result<(), String>>>,
}

impl<'a> Recording<'a> {
    /// The record of a stream that begins now.
    pub fn begin(
        worker: &'a Worker,
        listener: &'a ListenerSnapshot,
        ends: &'a Ends,
        inbound: Sighted,
        hello: HelloFacts,
    ) -> Self {
        let recording = Self::unseen(worker, listener, ends, hello);
        recording.seen(inbound);
        recording
    }

    /// The record of a stream of which nothing was seen yet but its hello.
    pub fn unseen(
        worker: &'a Worker,
        listener: &'a ListenerSnapshot,
        ends: &'a Ends,
        hello: HelloFacts,
    ) -> Self {
        Self {
            worker,
            listener,
            ends,
            started: Instant::now(),
            inbound: OnceCell::new(),
            hello,
            here: Tally::default(),
            outbound: OnceCell::new(),
            there: Tally::default(),
            postgres: None,
            outcome: RefCell::default(),
        }
    }

    /// The same with a login.
    pub fn with_postgres(mut self, postgres: PostgresFacts) -> Self {
        self.postgres = Some(postgres);
        self
    }

    /// The client's leg came to stand.
    pub fn seen(&self, inbound: Sighted) {
        // There is one.
        let _ = self.inbound.set(inbound);
    }

    /// The upstream's leg came to stand.
    pub fn reached(&self, outbound: Sighted) {
        // There is one.
        let _ = self.outbound.set(outbound);
    }

    /// How it ended.
    pub fn ended(&self, outcome: Result<(), String>) {
        if let Err(reason) = &outcome {
            let (listener, client) = (&self.listener.name, self.ends.client);
            tracing::debug!(%listener, %client, reason, "a stream ended early");
        }
        self.outcome.replace(Some(outcome));
    }
}

impl Drop for Recording<'_> {
    fn drop(&mut self) {
        let legs = [(self.inbound.get(), &self.here), (self.outbound.get(), &self.there)];
        {
            let mut ledger = self.worker.ledger();
            for (sighted, tally) in legs {
                let Some(sighted) = sighted else { continue };
                let view = sighted.sighting.evidence.view;
                ledger.passed(sighted.hop(), view, tally.received.get(), tally.sent.get());
            }
        }
        let outcome = self.outcome.borrow();
        let error = match &*outcome {
            None => Some("cut with its listener, or at the end of the drain"),
            Some(Err(reason)) => Some(reason.as_str()),
            Some(Ok(())) => None,
        };
        let (at, listener, client) = (self.worker.clock.now(), &self.listener.name, self.ends.client);
        let (server_name, told) = (self.hello.server_name.as_deref(), self.ends.told.as_deref());
        let guarded = Guarded::of(&self.hello, Fired::default());
        self.worker.log(|| match self.inbound.get() {
            None => AccessRecord::HandshakeFailed {
                at,
                listener,
                client,
                told: told.map(ToldRecord::from),
                server_name,
                guarded,
                alert: None,
                error: error.unwrap_or_default(),
            },
            Some(inbound) => AccessRecord::Stream {
                at,
                listener,
                client,
                told: told.map(ToldRecord::from),
                stream: StreamFacts {
                    server_name,
                    bytes_received: self.here.received.get(),
                    bytes_sent: self.here.sent.get(),
                    duration_ms: u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX),
                    postgres: self.postgres.as_ref(),
                    error,
                },
                guarded,
                inbound: HopLine::of(inbound),
                outbound: self.outbound.get().map(HopLine::of),
            },
        });
    }
}
