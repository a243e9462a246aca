//! Where a connection goes.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

/// An address; or a name, where only the proxy knows what is behind it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Destination {
    /// An address.
    Address(SocketAddr),
    /// A name and a port.
    Named {
        /// A DNS name.
        name: String,
        /// The port.
        port: u16,
    },
}

/// Who must not be asked too much at once: a destination whatever its port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Host {
    /// An IPv4 address as such, however it was written.
    Ip(IpAddr),
    /// A name.
    Name(String),
}

impl Destination {
    /// Its host.
    pub fn host(&self) -> Host {
        match self {
            Self::Address(address) => Host::Ip(address.ip().to_canonical()),
            Self::Named { name, .. } => Host::Name(name.clone()),
        }
    }

    /// Its IP address, where it is known here.
    pub fn ip(&self) -> Option<IpAddr> {
        match self {
            Self::Address(address) => Some(address.ip()),
            Self::Named { .. } => None,
        }
    }

    /// The same host at another port.
    #[must_use]
    pub fn with_port(&self, port: u16) -> Self {
        match self {
            Self::Address(address) => Self::Address(SocketAddr::new(address.ip(), port)),
            Self::Named { name, .. } => Self::Named { name: name.clone(), port },
        }
    }
}

impl From<SocketAddr> for Destination {
    fn from(address: SocketAddr) -> Self {
        Self::Address(address)
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Named { name, port } => write!(f, "{name}:{port}"),
        }
    }
}
