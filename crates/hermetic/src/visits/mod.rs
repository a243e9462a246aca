//! The visits of the tour's page, kept in PostgreSQL over TLS of our own: the path's last hop.

mod connection;
mod error;
mod server;

pub use error::VisitsError;
pub use server::{Server, declared};

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hermetic_gateway::path::{Keeping, Kept, Visit, Visits};
use hermetic_hop::{Declared, Observation, Step, View, assess_hop};
use hermetic_tls::{ClientHandshake, Clock};
use tokio::task::{AbortHandle, JoinHandle};
use tokio::time::timeout;
use tokio_postgres::Client;

use connection::Open;

/// How long a connection may take until its table is there.
const CONNECT: Duration = Duration::from_secs(5);

/// How long the page waits for the store.
const ANSWER: Duration = Duration::from_secs(2);

/// How long after a failure a connection is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// Visits in PostgreSQL. Clones are the same.
#[derive(Clone, Debug)]
pub struct PostgresVisits(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    server: Server,
    handshake: ClientHandshake,
    clock: Arc<dyn Clock>,
    declared: Declared,
    observation: Mutex<Observation>,
    live: Mutex<Option<Live>>,
}

/// The connection that stands.
#[derive(Debug)]
struct Live {
    client: Arc<Client>,
    driver: AbortHandle,
}

impl PostgresVisits {
    /// Connects, and from then on stays connected as far as the server lets it.
    pub async fn open(server: Server, clock: Arc<dyn Clock>) -> Result<Self, VisitsError> {
        let handshake = server.handshake(clock.clone())?;
        let declared = declared();
        let observation = Mutex::new(Observation::new(declared.name.clone(), View::Client));
        let shared = Shared { server, handshake, clock, declared, observation, live: Mutex::default() };
        let visits = Self(Arc::new(shared));
        let driver = visits.0.connect().await?;
        tokio::spawn(visits.clone().stay_connected(driver));
        Ok(visits)
    }

    /// Keeps a note as that of a visit, and gives it as the server has it. It goes over a connection of its
    /// own, so that whoever watches the wire sees all of it.
    pub async fn note(&self, note: &str) -> Result<String, VisitsError> {
        let noted = timeout(ANSWER, self.0.note(note));
        noted.await.unwrap_or_else(|_| Err(VisitsError::Slow { place: self.0.server.place(), after: ANSWER }))
    }

    /// What was seen of the hop to the server.
    pub fn observation(&self) -> Observation {
        self.0.observation().clone()
    }

    async fn stay_connected(self, mut driver: JoinHandle<Result<(), tokio_postgres::Error>>) {
        loop {
            let reason = match driver.await {
                Ok(Err(error)) => error::told(&error),
                Ok(Ok(())) | Err(_) => "the connection ended".to_owned(),
            };
            self.0.lost(&reason);
            driver = loop {
                tokio::time::sleep(AGAIN).await;
                if let Ok(driver) = self.0.connect().await {
                    break driver;
                }
            };
        }
    }
}

impl Visits for PostgresVisits {
    fn keep(&self, visit: Visit) -> Keeping<'_> {
        Box::pin(async move {
            let visits = self.0.keep(visit).await;
            let hop = assess_hop(&self.0.declared, [&*self.0.observation()], self.0.clock.now());
            Kept { hop, visits }
        })
    }
}

impl Shared {
    async fn connect(&self) -> Result<JoinHandle<Result<(), tokio_postgres::Error>>, VisitsError> {
        let opening = async {
            let open = connection::open(&self.server, &self.handshake, &*self.clock).await?;
            connection::prepare(&open.client).await.map_err(|error| self.refused(&error))?;
            Ok(open)
        };
        let slow = |_| Err(VisitsError::Slow { place: self.server.place(), after: CONNECT });
        let opened = timeout(CONNECT, opening).await.unwrap_or_else(slow);
        match opened {
            Ok(Open { client, evidence, driver }) => {
                self.observation().connected(&evidence);
                *self.live() = Some(Live { client: Arc::new(client), driver: driver.abort_handle() });
                Ok(driver)
            }
            Err(error) => {
                self.observation().refused(self.clock.now(), error.step(), &error.to_string());
                Err(error)
            }
        }
    }

    async fn note(&self, note: &str) -> Result<String, VisitsError> {
        let opened = connection::open(&self.server, &self.handshake, &*self.clock).await;
        let Open { client, evidence, driver } = opened.inspect_err(|error| {
            // That it has no room for one more connection, say, is no news of the one that stands.
            if error.step() == Step::Handshake {
                self.observation().refused(self.clock.now(), error.step(), &error.to_string());
            }
        })?;
        self.observation().connected(&evidence);
        let noted = connection::note(&client, self.clock.now(), note).await;
        drop(client);
        // Until it has said goodbye.
        let _ = driver.await;
        let noted = noted.map_err(|error| self.refused(&error))?;
        self.observation().counts.requests += 1;
        Ok(noted)
    }

    fn refused(&self, error: &tokio_postgres::Error) -> VisitsError {
        VisitsError::Refused { place: self.server.place(), reason: error::told(error) }
    }

    /// Keeps a visit and gives how many there are; `None` where that did not come about.
    async fn keep(&self, visit: Visit) -> Option<u64> {
        let client = self.live().as_ref().map(|live| live.client.clone())?;
        match timeout(ANSWER, connection::keep(&client, visit)).await {
            Ok(Ok(visits)) => {
                self.observation().counts.requests += 1;
                Some(visits)
            }
            Ok(Err(error)) if error.is_closed() => {
                self.lost("the connection ended");
                None
            }
            // The hop is as good as before; only the visit is not kept.
            Ok(Err(error)) => {
                tracing::warn!(reason = error::told(&error), "a visit could not be kept");
                None
            }
            Err(_) => {
                self.lost(&format!("no answer within {} s", ANSWER.as_secs()));
                None
            }
        }
    }

    /// The connection is no good any more. Whoever notices first gives the reason.
    fn lost(&self, reason: &str) {
        if let Some(live) = self.live().take() {
            live.driver.abort();
            let reason = format!("{}: {reason}", self.server.place());
            self.observation().refused(self.clock.now(), Step::Connect, &reason);
        }
    }

    fn observation(&self) -> MutexGuard<'_, Observation> {
        self.observation.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn live(&self) -> MutexGuard<'_, Option<Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
