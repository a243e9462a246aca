//! The log formats, as `docs/src/reference/log-evidence.md` writes them down.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod envoy;
mod fields;
mod haproxy;
mod nginx;
#[cfg(test)]
mod tests;

use hermetic_hop::View;

use crate::entry::{LogEntry, UnreadableLine};

/// Whose log it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LogFormat {
    /// nginx, by our `log_format`.
    Nginx,
    /// Envoy, by its command operators under their own names in lower case.
    Envoy,
    /// HAProxy, by our `log-format`.
    Haproxy,
}

impl LogFormat {
    /// Reads one line, without its end. The view chooses the connection where a line tells of two:
    /// that into the proxy, or that from it to its upstream.
    pub fn read(self, line: &[u8], view: View) -> Result<LogEntry, UnreadableLine> {
        match self {
            Self::Nginx => nginx::read(line),
            Self::Envoy => envoy::read(line, view),
            Self::Haproxy => haproxy::read(line),
        }
    }

    /// Whether its lines can tell of the hop in this view. Only Envoy writes down what it negotiated
    /// with its upstream.
    pub fn tells(self, view: View) -> bool {
        view == View::Server || (view == View::Client && self == Self::Envoy)
    }

    /// How it is written in a configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Envoy => "envoy",
            Self::Haproxy => "haproxy",
        }
    }
}
