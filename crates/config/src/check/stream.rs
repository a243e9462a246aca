//! The routes of streams: bytes have no path, cleartext has no hello, and TLS may pass through.

use super::Check;
use crate::model::{Route, StreamRoute};
use crate::written;
use crate::written::table::Optional;
use crate::written::text::ApplicationProtocol;

/// The listener of bytes that a route starts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Tls,
    Tcp,
    Postgres,
    CleartextPostgres,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Tls => "a tls listener",
            Self::Tcp => "a tcp listener",
            Self::Postgres => "a postgres listener",
            Self::CleartextPostgres => "a cleartext postgres listener",
        }
    }

    /// Whether a server name can be asked for.
    fn has_names(self) -> bool {
        matches!(self, Self::Tls | Self::Postgres)
    }
}

impl Check<'_, '_> {
    /// The route of a stream.
    pub(super) fn of_stream(
        &mut self,
        kind: Kind,
        written: &written::Route,
        route: &Route,
    ) -> Option<StreamRoute> {
        let everywhere = [
            key("path", &written.path),
            key("show", &written.show),
            key("policy_document", &written.policy_document),
        ];
        let names = key("host", &written.host).filter(|_| !kind.has_names());
        let hellos = [key("alpn", &written.alpn), key("passthrough", &written.passthrough)];
        let hellos = hellos.into_iter().flatten().filter(|_| kind != Kind::Tls);
        let mut holds = true;
        for (key, at) in everywhere.into_iter().flatten().chain(names).chain(hellos) {
            let message = format!("`{key}` has no meaning on a route from {}", kind.name());
            self.problems.tell(at, message, "take it out");
            holds = false;
        }
        let alpn = self.application_protocols(written)?;
        let to = route.upstream().filter(|_| holds)?.clone();
        let passthrough = written.passthrough.or(false)?;
        Some(StreamRoute { server_name: route.host.clone(), alpn, passthrough, to })
    }

    fn application_protocols(&mut self, written: &written::Route) -> Option<Vec<String>> {
        match &written.alpn {
            Optional::Absent => Some(Vec::new()),
            Optional::Wrong => None,
            Optional::Written(alpn) if alpn.value.0.is_empty() => {
                let hint = "name one, such as \"h2\", or take `alpn` out to take whatever is offered";
                self.problems.tell(alpn.at, "an empty `alpn` takes no client", hint);
                None
            }
            Optional::Written(alpn) => Some(alpn.value.0.iter().map(|name| name.value.0.clone()).collect()),
        }
    }

    /// Tells what only streams have: where requests are read, TLS ends.
    pub(super) fn of_requests(&mut self, written: &written::Route) {
        for (key, at) in
            [key("alpn", &written.alpn), key("passthrough", &written.passthrough)].into_iter().flatten()
        {
            let message =
                format!("`{key}` has no meaning on a route for requests, which are read where TLS ends");
            self.problems.tell(at, message, "take it out, or write `protocol = \"tls\"` on the listener");
        }
    }
}

/// Whether the earlier route takes all application protocols that the later one would.
pub(super) fn shadows(earlier: &written::Route, later: &written::Route) -> bool {
    let of = |route: &written::Route| -> Option<Vec<ApplicationProtocol>> {
        let alpn = route.alpn.written()?;
        Some(alpn.value.0.iter().map(|name| name.value.clone()).collect())
    };
    match (of(earlier), of(later)) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(earlier), Some(later)) => later.iter().all(|name| earlier.contains(name)),
    }
}

fn key<T>(name: &'static str, key: &Optional<T>) -> Option<(&'static str, usize)> {
    key.written().map(|at| (name, at.key))
}
