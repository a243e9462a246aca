//! The load: clients that do one thing over and over for a while, on the load's core.

mod exchange;
mod handshake;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::Resumption;
use rustls::crypto::aws_lc_rs::{self, kx_group};
use rustls::crypto::{CryptoProvider, SupportedKxGroup};
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use tokio::task::LocalSet;
use tokio::time::Instant;

use crate::failure::Failure;
use crate::figure::Figure;

/// Connections at once: enough that the proxy never waits for a client.
const CLIENTS: usize = 32;

/// Large responses at once: each fills the sockets' buffers by itself.
const BULK_CLIENTS: usize = 4;

/// A client's TLS, for each figure.
#[derive(Debug)]
pub struct Client {
    roots: Arc<RootCertStore>,
}

impl Client {
    /// One that believes this authority.
    pub fn new(authority: &[u8]) -> Result<Self, Failure> {
        let mut roots = RootCertStore::empty();
        let added = roots.add(CertificateDer::from(authority.to_vec()));
        added.map_err(|error| Failure::Setup(error.to_string()))?;
        Ok(Self { roots: Arc::new(roots) })
    }

    /// TLS 1.3 with one group. Each client that resumes has tickets of its own.
    fn configuration(&self, figure: Figure) -> Result<Arc<ClientConfig>, String> {
        let group: &'static dyn SupportedKxGroup = match figure {
            Figure::PostQuantumHandshakes => kx_group::X25519MLKEM768,
            _ => kx_group::X25519,
        };
        let provider = CryptoProvider { kx_groups: vec![group], ..aws_lc_rs::default_provider() };
        let mut configuration = ClientConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&[&rustls::version::TLS13])
            .map_err(|error| error.to_string())?
            .with_root_certificates(self.roots.clone())
            .with_no_client_auth();
        configuration.resumption = match figure {
            Figure::ResumedHandshakes => Resumption::in_memory_sessions(4),
            _ => Resumption::disabled(),
        };
        Ok(Arc::new(configuration))
    }
}

/// Loads the proxy on `port` for `time`; gives what was done: handshakes, requests or MiB. The first
/// failure ends it.
pub fn run(client: &Client, figure: Figure, port: u16, time: Duration) -> Result<f64, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    LocalSet::new().block_on(&runtime, async {
        let until = Instant::now() + time;
        let clients = if figure == Figure::Bulk { BULK_CLIENTS } else { CLIENTS };
        let tally = Rc::new(Tally::default());
        let mut tasks = Vec::new();
        for _ in 0..clients {
            let (configuration, tally) = (client.configuration(figure)?, tally.clone());
            tasks.push(tokio::task::spawn_local(async move {
                let outcome = match figure {
                    Figure::FullHandshakes | Figure::PostQuantumHandshakes => {
                        handshake::full(&configuration, port, until, &tally).await
                    }
                    Figure::ResumedHandshakes => {
                        handshake::resumed(&configuration, port, until, &tally).await
                    }
                    Figure::Requests => exchange::small(&configuration, port, until, &tally).await,
                    Figure::Bulk => exchange::large(&configuration, port, until, &tally).await,
                };
                if let Err(reason) = outcome {
                    tally.failure.replace(Some(reason));
                }
            }));
        }
        for task in tasks {
            task.await.map_err(|error| error.to_string())?;
        }
        match tally.failure.take() {
            Some(reason) => Err(reason),
            None => Ok(tally.done.get()),
        }
    })
}

/// What the clients of one run did.
#[derive(Debug, Default)]
struct Tally {
    done: Cell<f64>,
    failure: RefCell<Option<String>>,
}

impl Tally {
    fn add(&self, done: f64) {
        self.done.set(self.done.get() + done);
    }
}
