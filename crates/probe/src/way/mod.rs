//! The way out: every connection of the probe goes this way, directly or through a proxy, and no more of them
//! at once to a host, and no faster, than is polite.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod account;
mod command;
mod connect;
mod connection;
mod destination;
mod proxy;
mod rate;
mod socks5;
mod traffic;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;

use account::Account;
pub(crate) use account::SPENT;
pub use command::{Command, Opened};
pub use connection::Connection;
pub use destination::{Destination, Host};
pub use proxy::{Proxy, ProxyError};
use traffic::{Lane, Traffic};

/// How connections come about. Clones share their limits and their count.
#[derive(Clone, Debug, Default)]
pub struct Way {
    proxy: Option<Arc<Proxy>>,
    traffic: Arc<Traffic>,
    account: Arc<Account>,
    command: Command,
}

/// How much is asked of others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// The most connections at once to one host; 0 counts as 1.
    pub per_host: usize,
    /// The most new connections a second to one host.
    pub host_rate: Option<f64>,
    /// The most new connections a second in all.
    pub rate: Option<f64>,
}

impl Default for Limits {
    /// Three at once to a host, and no rate.
    fn default() -> Self {
        Self { per_host: 3, host_rate: None, rate: None }
    }
}

impl Way {
    /// Through this proxy, or directly, within these limits.
    pub fn new(proxy: Option<Proxy>, limits: Limits) -> Self {
        Self { proxy: proxy.map(Arc::new), traffic: Arc::new(Traffic::new(limits)), ..Self::default() }
    }

    /// The same way for one target, which may have so many connections, and counts its own.
    #[must_use]
    pub fn for_target(&self, most: u32) -> Self {
        Self { account: Arc::new(Account::of(most)), ..self.clone() }
    }

    /// The same way for one command, whose connections are counted apart.
    #[must_use]
    pub fn of_command(&self, command: Command) -> Self {
        Self { command, ..self.clone() }
    }

    /// How many connections were opened this way, or tried to.
    pub fn opened(&self) -> Opened {
        self.account.opened()
    }

    /// Whether there may be no more.
    pub(crate) fn is_spent(&self) -> bool {
        self.account.is_spent()
    }

    /// Connects. It waits for its turn first, as long as that takes; the connection itself has to come about
    /// within this time, and is [`io::ErrorKind::TimedOut`] otherwise.
    pub async fn connect(&self, to: &Destination, within: Duration) -> io::Result<Connection> {
        if !self.account.open(self.command) {
            return Err(io::Error::other(SPENT));
        }
        let place = self.lane(to).place().await;
        let connecting = async {
            match &self.proxy {
                Some(proxy) => proxy.connect(to).await,
                None => match to {
                    Destination::Address(address) => TcpStream::connect(address).await,
                    Destination::Named { name, port } => TcpStream::connect((name.as_str(), *port)).await,
                },
            }
        };
        let late = |_| io::Error::new(io::ErrorKind::TimedOut, "no connection in time");
        let io = timeout(within, connecting).await.map_err(late)??;
        // Handshakes write little and often, and Nagle's algorithm holds each second piece back until the far end
        // says that it has the first: 40 ms each time.
        io.set_nodelay(true)?;
        Ok(Connection::new(io, place))
    }

    /// Whether names are left to the proxy, which may know some that are unknown here.
    pub fn leaves_names_to_the_proxy(&self) -> bool {
        self.proxy.as_ref().is_some_and(|proxy| proxy.takes_names())
    }

    /// Whether only one connection at a time may be open to a host.
    pub(crate) fn is_narrow(&self) -> bool {
        self.traffic.limits().per_host <= 1
    }

    /// What is shared by all connections to a host. Whoever holds it keeps the host's pace from being
    /// forgotten between two of them.
    pub(crate) fn lane(&self, to: &Destination) -> Arc<Lane> {
        self.traffic.lane(&to.host())
    }
}

#[cfg(test)]
mod tests;
