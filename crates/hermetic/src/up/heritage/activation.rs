//! Socket activation: systemd listens, and hands the sockets to the process that it starts
//! (`sd_listen_fds(3)`).

use std::io;
use std::net::{SocketAddr, TcpListener};

use hermetic_config::{Configuration, Listener};
use hermetic_gateway::Bind;
use listenfd::ListenFd;

use super::Heritage;
use crate::listening_socket::ListeningSocket;

/// The variable with the names of the sockets, separated by colons.
const NAMES: &str = "LISTEN_FDNAMES";

/// Sockets that this process was started with.
#[derive(Debug, Default)]
pub struct Activated(Vec<(Option<String>, TcpListener)>);

/// Why a socket that was handed over can't be used. It is never passed over: whoever configured it believes
/// that somebody serves there.
#[derive(Debug, thiserror::Error)]
pub enum ActivationError {
    /// It is no listening TCP socket.
    #[error(
        "the socket number {number} of systemd is no TCP socket: {source}; write `ListenStream=` with an address and port"
    )]
    NoTcp {
        /// Its number, from 1.
        number: usize,
        /// Why.
        source: io::Error,
    },
    /// It belongs to nothing in the configuration.
    #[error(
        "systemd listens on {address}, and no listener has `bind = \"{address}\"`; write such a listener, or take the address out of the socket unit"
    )]
    Stray {
        /// Where it listens.
        address: SocketAddr,
    },
    /// Its name and its address are of two different listeners.
    #[error(
        "the socket `{name}` of systemd listens on {address}, and listener {name} has `bind = \"{bind}\"`; make them one"
    )]
    Elsewhere {
        /// Its name, which is a listener's.
        name: String,
        /// Where it listens.
        address: SocketAddr,
        /// Where that listener does.
        bind: SocketAddr,
    },
}

impl Activated {
    /// The sockets that the environment tells of. They are taken once, at the start, while nothing else
    /// runs that could open descriptors.
    pub fn take() -> Result<Self, ActivationError> {
        let mut given = ListenFd::from_env();
        let names = std::env::var(NAMES).unwrap_or_default();
        let mut names = names.split(':').filter(|name| !name.is_empty());
        let mut sockets = Vec::new();
        for index in 0..given.len() {
            let failure = |source| ActivationError::NoTcp { number: index + 1, source };
            let name = names.next().map(str::to_owned);
            if let Some(socket) = given.take_tcp_listener(index).map_err(failure)? {
                sockets.push((name, socket));
            }
        }
        Ok(Self(sockets))
    }

    /// The sockets as those of the configuration's listeners, its metrics and its authority.
    pub fn heritage(self, configuration: &Configuration) -> Result<Heritage, ActivationError> {
        let mut heritage = Heritage::default();
        for (number, (name, socket)) in self.0.into_iter().enumerate() {
            let failure = |source| ActivationError::NoTcp { number: number + 1, source };
            let address = socket.local_addr().map_err(failure)?;
            let beside = |socket| ListeningSocket::of(socket).map(Some).map_err(failure);
            match owner(configuration, name.as_deref(), address)? {
                Owner::Listener(listener) => heritage.sockets.add(Bind::of(listener), socket.into()),
                Owner::Metrics => heritage.metrics = beside(socket)?,
                Owner::Publishing => heritage.publishing = beside(socket)?,
            }
        }
        Ok(heritage)
    }
}

/// What a socket is for.
enum Owner<'c> {
    Listener(&'c Listener),
    Metrics,
    /// What the authority publishes.
    Publishing,
}

fn owner<'c>(
    configuration: &'c Configuration,
    name: Option<&str>,
    address: SocketAddr,
) -> Result<Owner<'c>, ActivationError> {
    let listens_there = |listener: &&Listener| {
        let bind = listener.bind;
        bind.ip() == address.ip() && (bind.port() == address.port() || bind.port() == 0)
    };
    let named = configuration.listeners.iter().find(|listener| Some(listener.name.as_str()) == name);
    match named {
        Some(listener) if listens_there(&listener) => Ok(Owner::Listener(listener)),
        Some(listener) => {
            Err(ActivationError::Elsewhere { name: listener.name.to_string(), address, bind: listener.bind })
        }
        // A unit that names nothing gives its own name to all of its sockets.
        None => match configuration.listeners.iter().find(|listener| listener.bind == address) {
            Some(listener) => Ok(Owner::Listener(listener)),
            None if configuration.admin == Some(address) => Ok(Owner::Metrics),
            None if configuration.authority.publish == Some(address) => Ok(Owner::Publishing),
            None => Err(ActivationError::Stray { address }),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use hermetic_tls::SystemClock;

    use super::*;

    fn configuration() -> Configuration {
        let text = "admin = \"127.0.0.1:9\"\n\
            [authority]\npublish = \"127.0.0.1:80\"\n\
            [[listener]]\nname = \"edge\"\nbind = \"127.0.0.1:443\"\nnames = [\"localhost\"]\n\
            [[route]]\nlistener = \"edge\"\nto = \"app\"\n\
            [[listener]]\nname = \"any\"\nbind = \"127.0.0.1:0\"\nnames = [\"localhost\"]\n\
            [[route]]\nlistener = \"any\"\nto = \"app\"\n\
            [[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:3000\"]\n";
        hermetic_config::parse(text, Path::new("hermetic.toml"), &SystemClock).unwrap()
    }

    /// The listener whose socket it is, `metrics`, `publishing`, or why it is nobody's.
    fn owned(name: Option<&str>, address: &str) -> String {
        match owner(&configuration(), name, address.parse().unwrap()) {
            Ok(Owner::Listener(listener)) => listener.name.to_string(),
            Ok(Owner::Metrics) => "metrics".to_owned(),
            Ok(Owner::Publishing) => "publishing".to_owned(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_socket_is_its_address_s_whatever_the_unit_is_called() {
        assert_eq!(owned(None, "127.0.0.1:443"), "edge");
        assert_eq!(owned(Some("hermetic.socket"), "127.0.0.1:443"), "edge");
        assert_eq!(owned(None, "127.0.0.1:9"), "metrics");
        assert_eq!(owned(None, "127.0.0.1:80"), "publishing");
    }

    #[test]
    fn a_name_tells_where_the_configuration_leaves_the_port_open() {
        assert_eq!(owned(Some("any"), "127.0.0.1:4711"), "any");
    }

    #[test]
    fn a_socket_that_is_nobody_s_is_an_error_that_says_where_it_listens() {
        let stray = owned(None, "[::]:443");
        assert!(stray.contains("no listener has `bind = \"[::]:443\"`"), "{stray}");
    }

    #[test]
    fn a_name_opens_no_listener_elsewhere_than_it_is_configured() {
        let elsewhere = owned(Some("edge"), "0.0.0.0:443");
        assert!(elsewhere.contains("listens on 0.0.0.0:443"), "{elsewhere}");
    }
}
