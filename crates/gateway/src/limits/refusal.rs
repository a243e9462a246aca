//! Refusals: which limit was reached, counted each, and told in the log once a second. A line for each
//! would be a flood of its own.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hermetic_hop::PartyName;
use http::StatusCode;
use serde::{Deserialize, Serialize};

/// A limit that can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Limit {
    FileDescriptors,
    Connections,
    ConnectionsPerClient,
    ConnectionRate,
    Handshakes,
    HandshakesPerClient,
    Requests,
    RequestsPerClient,
    RequestRate,
    HeaderBytes,
    HeaderFields,
    BodyBytes,
    BodyTimeout,
    BodyRate,
    StreamTimeout,
    Resets,
}

impl Limit {
    const ALL: [Self; 16] = [
        Self::FileDescriptors,
        Self::Connections,
        Self::ConnectionsPerClient,
        Self::ConnectionRate,
        Self::Handshakes,
        Self::HandshakesPerClient,
        Self::Requests,
        Self::RequestsPerClient,
        Self::RequestRate,
        Self::HeaderBytes,
        Self::HeaderFields,
        Self::BodyBytes,
        Self::BodyTimeout,
        Self::BodyRate,
        Self::StreamTimeout,
        Self::Resets,
    ];

    /// Its key in the configuration; `file_descriptors` and `resets` have none.
    pub fn key(self) -> &'static str {
        match self {
            Self::FileDescriptors => "file_descriptors",
            Self::Connections => "connections",
            Self::ConnectionsPerClient => "connections_per_client",
            Self::ConnectionRate => "connection_rate_per_client",
            Self::Handshakes => "handshakes",
            Self::HandshakesPerClient => "handshakes_per_client",
            Self::Requests => "requests",
            Self::RequestsPerClient => "requests_per_client",
            Self::RequestRate => "request_rate_per_client",
            Self::HeaderBytes => "header_bytes",
            Self::HeaderFields => "header_fields",
            Self::BodyBytes => "body_bytes",
            Self::BodyTimeout => "body_timeout",
            Self::BodyRate => "body_rate",
            Self::StreamTimeout => "stream_timeout",
            Self::Resets => "resets",
        }
    }

    /// The status by which a request is refused that reaches it.
    pub fn status(self) -> StatusCode {
        match self {
            Self::RequestsPerClient | Self::RequestRate => StatusCode::TOO_MANY_REQUESTS,
            Self::HeaderBytes | Self::HeaderFields => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::BodyBytes => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyTimeout | Self::BodyRate => StatusCode::REQUEST_TIMEOUT,
            _ => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// A refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The limit that was reached.
    pub limit: Limit,
    /// When it is worth trying again, where that is known.
    pub retry_after: Option<Duration>,
}

impl From<Limit> for Refusal {
    fn from(limit: Limit) -> Self {
        Self { limit, retry_after: None }
    }
}

/// How often a limit of a listener was reached.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Refusals {
    /// The listener.
    pub listener: PartyName,
    /// The limit, by its key in the configuration; `resets` for HTTP/2 streams that clients give up, and
    /// `file_descriptors` for the connections of all listeners.
    pub limit: String,
    /// How often since the start.
    pub count: u64,
}

impl Refusals {
    /// Puts those of several gateways together.
    pub fn merged(all: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut merged = BTreeMap::<_, u64>::new();
        for Self { listener, limit, count } in all {
            *merged.entry((listener, limit)).or_default() += count;
        }
        merged.into_iter().map(|((listener, limit), count)| Self { listener, limit, count }).collect()
    }
}

/// The refusals of one listener.
#[derive(Debug, Default)]
pub(super) struct Refused([Tally; Limit::ALL.len()]);

#[derive(Debug, Default)]
struct Tally {
    count: AtomicU64,
    /// How many of them the log knows of.
    told: AtomicU64,
    /// The second after which the log is told again, from the gateway's start.
    silent_until: AtomicU64,
}

impl Refused {
    /// Counts one, and tells the log where it was silent about this limit for a second.
    pub fn count(&self, listener: &PartyName, limit: Limit, client: IpAddr, now: u64) {
        let Some(tally) = Limit::ALL.iter().position(|one| *one == limit).and_then(|at| self.0.get(at))
        else {
            return;
        };
        let count = tally.count.fetch_add(1, Ordering::Relaxed) + 1;
        let second = now / 1_000_000_000 + 1;
        if tally.silent_until.fetch_max(second, Ordering::Relaxed) < second {
            let more = count.saturating_sub(tally.told.swap(count, Ordering::Relaxed));
            tracing::warn!(%listener, limit = limit.key(), refused = more, %client, "a limit is reached");
        }
    }

    /// Those that occurred.
    pub fn told<'a>(&'a self, listener: &'a PartyName) -> impl Iterator<Item = Refusals> + 'a {
        Limit::ALL.iter().zip(&self.0).filter_map(move |(limit, tally)| {
            let count = tally.count.load(Ordering::Relaxed);
            let refusals = || Refusals { listener: listener.clone(), limit: limit.key().to_owned(), count };
            (count > 0).then(refusals)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_counted_each_and_told_once_a_second() {
        let (refused, listener) = (Refused::default(), "edge".parse().unwrap());
        let client = "10.0.0.1".parse().unwrap();
        let lines = |refused: &Refused| {
            refused.0.iter().map(|tally| tally.told.load(Ordering::Relaxed)).max().unwrap_or_default()
        };
        for millisecond in 0..2500 {
            refused.count(&listener, Limit::Connections, client, millisecond * 1_000_000);
        }
        assert_eq!(lines(&refused), 2001, "told at 0 s, 1 s and 2 s");
        let told: Vec<_> = refused.told(&listener).collect();
        assert_eq!(told, [Refusals { listener, limit: "connections".to_owned(), count: 2500 }]);
    }
}
