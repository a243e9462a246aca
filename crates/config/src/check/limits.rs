//! Limits of listeners.

use std::num::NonZeroUsize;

use super::Check;
use crate::model::Limits;
use crate::period::Period;
use crate::size::Size;
use crate::written::table::{At, Optional};
use crate::written::value::Whole;
use crate::written::{self, word};

impl Check<'_, '_> {
    /// The limits of a listener that speaks `protocol`.
    pub(super) fn limits(
        &mut self,
        listener: &written::Listener,
        protocol: Option<word::Protocol>,
    ) -> Option<Limits> {
        let usual = Limits::default();
        let written = match &listener.limits {
            Optional::Absent => return Some(usual),
            Optional::Wrong => return None,
            Optional::Written(At { value, .. }) => value,
        };
        match protocol {
            None | Some(word::Protocol::Https) => {}
            Some(word::Protocol::Http) => {
                let without = keys_of_handshakes(written).chain(keys_of_requests(written));
                self.meaningless("an http", without.chain(keys_of_streams(written)));
            }
            Some(word::Protocol::Tcp) => {
                let without = keys_of_handshakes(written).chain(keys_of_heads(written));
                self.meaningless("a tcp", without.chain(keys_of_requests(written)));
            }
            Some(speaks @ (word::Protocol::Tls | word::Protocol::Postgres)) => {
                let kind = if speaks == word::Protocol::Tls { "a tls" } else { "a postgres" };
                self.meaningless(kind, keys_of_heads(written).chain(keys_of_requests(written)));
            }
        }
        let connections = held(&written.connections, usual.connections)?;
        let (handshakes, requests) = (any(&written.handshakes)?, any(&written.requests)?);
        self.within("connections", Some(connections), &written.connections_per_client);
        self.within("handshakes", handshakes, &written.handshakes_per_client);
        self.within("requests", requests, &written.requests_per_client);
        Some(Limits {
            connections,
            connections_per_client: any(&written.connections_per_client)?,
            connection_rate_per_client: written.connection_rate_per_client.if_any()?.map(|pace| pace.0),
            handshakes,
            handshakes_per_client: any(&written.handshakes_per_client)?,
            requests,
            requests_per_client: any(&written.requests_per_client)?,
            request_rate_per_client: written.request_rate_per_client.if_any()?.map(|pace| pace.0),
            header_bytes: bytes(&written.header_bytes, usual.header_bytes)?,
            header_fields: held(&written.header_fields, usual.header_fields)?,
            body_bytes: written.body_bytes.if_any()?.map(|size| size.0),
            body_timeout: written.body_timeout.or(Period(usual.body_timeout))?.0,
            body_rate: written.body_rate.or(Size(usual.body_rate))?.0,
            stream_timeout: written.stream_timeout.or(Period(usual.stream_timeout))?.0,
        })
    }

    /// One client may not have more than all together.
    fn within<const MOST: usize, const EXAMPLE: usize>(
        &mut self,
        what: &str,
        all: Option<NonZeroUsize>,
        client: &Optional<Whole<MOST, EXAMPLE>>,
    ) {
        let (Some(all), Some(client)) = (all, client.written()) else { return };
        if client.value.0 > all {
            let message = format!(
                "one client may have {} {what}, and all together {all}, so `{what}_per_client` has no meaning",
                client.value.0
            );
            self.problems.tell(client.at, message, format!("write at most {all}, or raise `{what}`"));
        }
    }
}

/// The limits on handshakes, where they are written.
fn keys_of_handshakes(limits: &written::Limits) -> impl Iterator<Item = (&'static str, usize)> {
    written_of([
        ("handshakes", key(&limits.handshakes)),
        ("handshakes_per_client", key(&limits.handshakes_per_client)),
    ])
}

/// The limits on heads of requests, where they are written.
fn keys_of_heads(limits: &written::Limits) -> impl Iterator<Item = (&'static str, usize)> {
    written_of([("header_bytes", key(&limits.header_bytes)), ("header_fields", key(&limits.header_fields))])
}

/// The limits on requests that are passed on, where they are written.
fn keys_of_requests(limits: &written::Limits) -> impl Iterator<Item = (&'static str, usize)> {
    written_of([
        ("requests", key(&limits.requests)),
        ("requests_per_client", key(&limits.requests_per_client)),
        ("request_rate_per_client", key(&limits.request_rate_per_client)),
        ("body_bytes", key(&limits.body_bytes)),
        ("body_timeout", key(&limits.body_timeout)),
        ("body_rate", key(&limits.body_rate)),
    ])
}

/// The limits on what may be silent for long, where they are written.
fn keys_of_streams(limits: &written::Limits) -> impl Iterator<Item = (&'static str, usize)> {
    written_of([("stream_timeout", key(&limits.stream_timeout))])
}

fn written_of<const N: usize>(
    keys: [(&'static str, Option<usize>); N],
) -> impl Iterator<Item = (&'static str, usize)> {
    keys.into_iter().filter_map(|(name, at)| at.map(|at| (name, at)))
}

fn key<T>(key: &Optional<T>) -> Option<usize> {
    key.written().map(|at| at.key)
}

fn held<const MOST: usize, const EXAMPLE: usize>(
    written: &Optional<Whole<MOST, EXAMPLE>>,
    usual: NonZeroUsize,
) -> Option<NonZeroUsize> {
    written.or(Whole(usual)).map(|whole| whole.0)
}

fn any<const MOST: usize, const EXAMPLE: usize>(
    written: &Optional<Whole<MOST, EXAMPLE>>,
) -> Option<Option<NonZeroUsize>> {
    written.if_any().map(|whole| whole.map(|whole| whole.0))
}

fn bytes<const LEAST: u64, const MOST: u64>(
    written: &Optional<Size<LEAST, MOST>>,
    usual: usize,
) -> Option<usize> {
    match written {
        Optional::Absent => Some(usual),
        Optional::Wrong => None,
        Optional::Written(at) => usize::try_from(at.value.0).ok(),
    }
}
