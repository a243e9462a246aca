//! A connection that stands, and waiting for what comes over it.

use std::collections::HashMap;
use std::future::Future;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;
use tokio_postgres::{Client, Error, Statement};

use super::Postgres;
use super::failure::{fault, told};
use super::server::Connected;
use crate::error::{Fault, StoreError};

/// How long an answer is waited for. A server gives up on the longest statement before.
const PATIENCE: Duration = Duration::from_secs(75);

/// How many statements are kept prepared; the house has fewer, but for the ways to search.
const PREPARED: usize = 256;

/// A connection that stands.
pub(super) struct Link {
    connected: Connected,
    prepared: HashMap<String, Statement>,
}

impl Link {
    fn new(connected: Connected) -> Self {
        Self { connected, prepared: HashMap::new() }
    }

    pub(super) fn client(&self) -> &Client {
        &self.connected.client
    }

    /// Why it ended, where it did: a question that finds it closed does not know.
    async fn ended(self) -> Option<String> {
        let driver = self.connected.driver;
        if !driver.is_finished() {
            return None;
        }
        driver.await.ok()?.err().map(|error| told(&error))
    }

    /// The statement, prepared once.
    pub(super) async fn prepared(&mut self, sql: &str) -> Result<Statement, Error> {
        if let Some(statement) = self.prepared.get(sql) {
            return Ok(statement.clone());
        }
        if self.prepared.len() >= PREPARED {
            self.prepared.clear();
        }
        let statement = self.client().prepare(sql).await?;
        self.prepared.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

impl Postgres {
    /// Connects anew.
    pub(super) fn connect(&mut self) -> Result<(), Fault> {
        self.link = None;
        let connected = self.runtime.wait(self.server.connect()).map_err(Fault::Broken)?;
        self.link = Some(Link::new(connected));
        Ok(())
    }

    /// Asks the server, for as long as there is patience. A connection that is lost is gone.
    pub(super) fn ask<T>(
        &mut self,
        question: impl AsyncFnOnce(&mut Link) -> Result<T, Error>,
    ) -> Result<T, Fault> {
        let Some(mut link) = self.link.take() else { return Err(Fault::Lost("not connected".to_owned())) };
        let asked = self.runtime.wait(async { timeout(PATIENCE, question(&mut link)).await });
        let fault = match asked {
            Ok(Ok(answer)) => {
                self.link = Some(link);
                return Ok(answer);
            }
            Ok(Err(error)) => fault(&error),
            Err(_) => Fault::Lost(format!("no answer within {} s", PATIENCE.as_secs())),
        };
        let Fault::Lost(reason) = fault else {
            self.link = Some(link);
            return Err(fault);
        };
        self.is_in_transaction = false;
        self.later.clear();
        Err(Fault::Lost(self.runtime.wait(link.ended()).unwrap_or(reason)))
    }
}

/// A runtime for one connection, which it drives while somebody waits.
pub(super) struct Waiting(Option<Runtime>);

impl Waiting {
    pub(super) fn new() -> Result<Self, Fault> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| StoreError::Database(error.to_string()))?;
        Ok(Self(Some(runtime)))
    }

    #[expect(clippy::expect_used, reason = "it is there until this is dropped")]
    pub(super) fn wait<F: Future>(&self, what: F) -> F::Output {
        self.0.as_ref().expect("a runtime").block_on(what)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        // The last clone of a store may be dropped where a runtime must not be waited for.
        self.0.take().into_iter().for_each(Runtime::shutdown_background);
    }
}
