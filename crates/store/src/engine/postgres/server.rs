//! A server: connected to, and left alone for a while where that fails.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hermetic_tls::{Clock, SystemClock};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Config, Error, NoTls};

use super::failure::told;
use super::wire::{NoWay, Way};
use crate::connections::{ConnectionOutcome, Connections};
use crate::error::StoreError;
use crate::postgres_url::PostgresUrl;

/// How long connecting may take, all in all.
const CONNECTING: Duration = Duration::from_secs(5);

/// The least time between a failure and the next attempt. Who asks meanwhile waits for that attempt; where
/// the time is longer, since failing took longer, he is told at once.
const REST: Duration = Duration::from_millis(100);

/// What holds for each connection. One that is lost in the middle of a transaction must not keep all other
/// nodes from writing for long; and an answer is durable, whatever the server's usual may be.
const SETTINGS: &str = "
    SET idle_in_transaction_session_timeout = '10s';
    SET lock_timeout = '15s';
    SET statement_timeout = '60s';
    SET tcp_keepalives_idle = 10;
    SET tcp_keepalives_interval = 5;
    SET tcp_keepalives_count = 3;
    SET tcp_user_timeout = '20s';
    SELECT set_config('synchronous_commit', 'on', false)
    WHERE current_setting('synchronous_commit') = 'off'";

/// A server, and who we are to it.
pub(crate) struct Server {
    url: PostgresUrl,
    resting: Mutex<Option<Resting>>,
    connections: Connections,
}

/// A server that failed.
struct Resting {
    until: Instant,
    reason: String,
}

/// A connection that stands.
pub(super) struct Connected {
    pub(super) client: Client,
    /// Moves the bytes while somebody waits for them.
    pub(super) driver: JoinHandle<Result<(), Error>>,
}

impl Server {
    pub(crate) fn new(url: PostgresUrl, connections: Connections) -> Self {
        Self { url, resting: Mutex::new(None), connections }
    }

    /// Connects, or says why not.
    pub(super) async fn connect(&self) -> Result<Connected, StoreError> {
        if let Some((until, reason)) = self.resting() {
            if until > Instant::now() + REST {
                return Err(self.unavailable(&reason));
            }
            sleep_until(until).await;
        }
        let began = Instant::now();
        let attempt = timeout(CONNECTING, self.attempt()).await;
        let slow = |_| Err(NoWay::NotReached(format!("no answer within {} s", CONNECTING.as_secs())));
        let (came_to, outcome) = match attempt.unwrap_or_else(slow) {
            Ok((connected, came_to)) => (came_to, Ok(connected)),
            Err(no_way) => (no_way.outcome(&self.url), Err(no_way.into_reason())),
        };
        self.connections.came_to(came_to, SystemClock.now());
        let resting = outcome.as_ref().err().map(|reason| {
            let now = Instant::now();
            Resting { until: now + (now - began).max(REST), reason: reason.clone() }
        });
        *self.resting.lock().unwrap_or_else(PoisonError::into_inner) = resting;
        outcome.map_err(|reason| self.unavailable(&reason))
    }

    async fn attempt(&self) -> Result<(Connected, ConnectionOutcome), NoWay> {
        // Read each time: certificates and passwords are renewed.
        let way = Way::of(&self.url).map_err(NoWay::NotReached)?;
        let password = self.url.password(|variable| std::env::var_os(variable));
        let password = password.map_err(|error| NoWay::NotReached(error.to_string()))?;
        let mut config = Config::new();
        config.user(self.url.user()).dbname(self.url.database()).application_name("hermetic");
        // TLS, where there is any, stands by now.
        config.ssl_mode(SslMode::Disable);
        if let Some(password) = password {
            config.password(password.as_bytes());
        }
        let refused = |error: Error| NoWay::NotReached(told(&error));
        let (wire, came_to) = way.go().await?;
        let (client, connection) = config.connect_raw(wire, NoTls).await.map_err(refused)?;
        let driver = tokio::spawn(connection);
        client.batch_execute(SETTINGS).await.map_err(refused)?;
        Ok((Connected { client, driver }, came_to))
    }

    fn resting(&self) -> Option<(Instant, String)> {
        let resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        resting.as_ref().map(|resting| (resting.until, resting.reason.clone()))
    }

    pub(super) fn unavailable(&self, reason: &str) -> StoreError {
        StoreError::Unavailable(format!("{}: {reason}", self.url))
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Server({})", self.url)
    }
}
