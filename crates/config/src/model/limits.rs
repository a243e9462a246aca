//! Limits: how much a listener takes on, in all and from one client.

use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

/// How much a listener takes on. What has no default is not limited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at once.
    pub connections: NonZeroUsize,
    /// Connections of one client at once.
    pub connections_per_client: Option<NonZeroUsize>,
    /// How fast one client may open connections.
    pub connection_rate_per_client: Option<Rate>,
    /// Handshakes under way at once; `None`: as many for each worker as [`Limits::HANDSHAKES`].
    pub handshakes: Option<NonZeroUsize>,
    /// Handshakes of one client that wait or are under way at once.
    pub handshakes_per_client: Option<NonZeroUsize>,
    /// Requests in flight at once.
    pub requests: Option<NonZeroUsize>,
    /// Requests of one client in flight at once.
    pub requests_per_client: Option<NonZeroUsize>,
    /// How fast one client may send requests.
    pub request_rate_per_client: Option<Rate>,
    /// Bytes in the head of a request.
    pub header_bytes: usize,
    /// Fields in the head of a request.
    pub header_fields: NonZeroUsize,
    /// Bytes in the body of a request.
    pub body_bytes: Option<u64>,
    /// How long no byte of a body may pass while somebody waits for one.
    pub body_timeout: Duration,
    /// Bytes a second that a client must send of a body of known length, and take of a response, on
    /// average over the time that is spent waiting for it; 0: as slowly as it likes.
    pub body_rate: u64,
    /// How long a tunnel, a stream or a connection of raw bytes may be silent both ways.
    pub stream_timeout: Duration,
}

/// How fast something may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The time between two, on average.
    pub interval: Duration,
    /// How many may come at once after a quiet time.
    pub burst: NonZeroU32,
}

impl Limits {
    /// Handshakes under way for each worker where nothing is written. At 250 µs of work each, a worker
    /// finishes four times as many in a second.
    pub const HANDSHAKES: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1023);
}

impl Default for Limits {
    /// What an estate does not notice. 50,000 connections is what Envoy's guide for edges advises; 64
    /// KiB and 100 fields, and 5 minutes of silence in a body, are Envoy's own; 100 bytes a second is a
    /// tenth of the slowest modem that carries TLS; an hour of silence is ten times what an NLB allows.
    fn default() -> Self {
        Self {
            connections: NonZeroUsize::MIN.saturating_add(49_999),
            connections_per_client: None,
            connection_rate_per_client: None,
            handshakes: None,
            handshakes_per_client: None,
            requests: None,
            requests_per_client: None,
            request_rate_per_client: None,
            header_bytes: 64 * 1024,
            header_fields: NonZeroUsize::MIN.saturating_add(99),
            body_bytes: None,
            body_timeout: Duration::from_secs(300),
            body_rate: 100,
            stream_timeout: Duration::from_secs(3600),
        }
    }
}
