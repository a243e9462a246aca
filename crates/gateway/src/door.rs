//! Door: where a client comes in. What its hello told so far, how the guard judges that, and the record of
//! those who don't come in.

use hermetic_guard::{Fired, Hello, Settings};
use hermetic_hop::View;
use hermetic_tls::{Alert, ClientHello, Ja4, Refusal};

use crate::prelude::Ends;
use crate::record::{AccessRecord, Guarded, ToldRecord};
use crate::snapshot::ListenerSnapshot;
use crate::worker::Worker;

/// What a hello told that goes beyond the handshake.
#[derive(Debug, Default)]
pub(crate) struct HelloFacts {
    /// The server name that it asked for.
    pub server_name: Option<String>,
    /// Its fingerprint; taken where a rule or the access log wants it.
    pub ja4: Option<Ja4>,
    /// The rules of the guard that fired on it.
    pub fired: Fired,
}

/// Where a client comes in, and what its hello told so far.
#[derive(Debug)]
pub(crate) struct Door<'a> {
    pub worker: &'a Worker,
    pub listener: &'a ListenerSnapshot,
    pub ends: Ends,
    pub hello: HelloFacts,
}

impl Door<'_> {
    /// Notes what a hello tells.
    pub fn note(&mut self, hello: &ClientHello) {
        self.hello.server_name.clone_from(&hello.server_name);
        self.hello.ja4 = self.worker.log.is_open().then(|| Ja4::of(hello));
    }

    /// Judges a hello by the guard's rules. `verifiable_without_name`: a client that asks for no name may
    /// still know whom it talks to.
    pub fn judge(
        &mut self,
        guard: &Settings,
        hello: &ClientHello,
        verifiable_without_name: bool,
    ) -> Result<(), Refusal> {
        if self.hello.ja4.is_none() && !guard.fingerprints().is_empty() {
            self.hello.ja4 = Some(Ja4::of(hello));
        }
        let judged = Hello {
            server_name: hello.server_name.as_deref(),
            ja4: self.hello.ja4.as_ref(),
            verifiable_without_name: hello.server_name.is_none() && verifiable_without_name,
        };
        guard.judge_hello(&judged, || self.worker.clock.now(), &mut self.hello.fired)
    }

    /// Puts on record that no connection came to stand.
    pub fn failed<T>(&self, alert: Option<Alert>, error: &str) -> Option<T> {
        let (at, hop) = (self.worker.clock.now(), &self.listener.stranger);
        tracing::debug!(%hop, client = %self.ends.client, error, "a handshake failed");
        {
            let mut ledger = self.worker.ledger();
            ledger.failed(hop, View::Server, error);
            ledger.guarded(&self.listener.name, self.hello.fired);
        }
        self.worker.log(|| AccessRecord::HandshakeFailed {
            at,
            listener: &self.listener.name,
            client: self.ends.client,
            told: self.ends.told.as_deref().map(ToldRecord::from),
            server_name: self.hello.server_name.as_deref(),
            guarded: Guarded::of(&self.hello, Fired::default()),
            alert: alert.map(Alert::name),
            error,
        });
        None
    }
}
