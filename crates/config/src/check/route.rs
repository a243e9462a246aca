//! Routes: each from an `https` listener to somewhere, and none in the shadow of another.

use hermetic_hop::PartyName;

use super::Check;
use super::certificate::covers;
use super::stream;
use crate::model::{
    CertificateSource, Destination, HostPattern, Listener, Protocol, Route, Stream, StreamClients,
    Termination,
};
use crate::written::table::{At, Optional};
use crate::written::text::PathPrefix;
use crate::written::{self, default, word};

impl Check<'_, '_> {
    /// Puts the routes on the listeners that they start from.
    pub(super) fn routes(&mut self, written: &[At<written::Route>], listeners: &mut [Listener]) {
        let mut holding: Vec<(PartyName, Route, &At<written::Route>)> = Vec::new();
        for at in written {
            let from = self.start(at);
            let route = self.route(at);
            let (Some(from), Some(route)) = (from, route) else {
                self.parties.break_off(at.value.listener.written());
                continue;
            };
            let shadow = |(name, earlier, written): &&(PartyName, Route, &At<written::Route>)| {
                *name == from && shadows(earlier, &route) && stream::shadows(&written.value, &at.value)
            };
            if let Some((_, _, earlier)) = holding.iter().find(shadow) {
                let line = self.problems.line(earlier.at);
                let message =
                    format!("the route in line {line} takes every request that this one would take");
                self.problems.tell(at.at, message, "put this one before it, or take one of them out");
            }
            holding.push((from, route, at));
        }
        for listener in listeners {
            let name = &listener.name;
            let holding = holding.iter().filter(|(from, ..)| from == name);
            match &mut listener.protocol {
                Protocol::Redirect(_) => {}
                Protocol::Http(http) => {
                    for (_, route, at) in holding {
                        self.of_requests(&at.value);
                        http.routes.push(route.clone());
                    }
                }
                Protocol::Https(https) => {
                    for (_, route, at) in holding {
                        self.certified(&https.termination, route, at, name);
                        self.of_requests(&at.value);
                        https.routes.push(route.clone());
                    }
                }
                Protocol::Stream(stream) => self.of_streams("tls", name, stream, holding),
                Protocol::Postgres(postgres) => {
                    self.of_streams("postgres", name, &mut postgres.stream, holding);
                }
            }
        }
    }

    /// Puts its routes on a listener of bytes.
    fn of_streams<'h>(
        &mut self,
        kind: &str,
        name: &PartyName,
        stream: &mut Stream,
        holding: impl Iterator<Item = &'h (PartyName, Route, &'h At<written::Route>)>,
    ) {
        let kind = match (&stream.clients, kind) {
            (StreamClients::Cleartext { .. }, "tls") => stream::Kind::Tcp,
            (StreamClients::Cleartext { .. }, _) => stream::Kind::CleartextPostgres,
            (StreamClients::Tls(_) | StreamClients::PassedThrough(_), "tls") => stream::Kind::Tls,
            (StreamClients::Tls(_) | StreamClients::PassedThrough(_), _) => stream::Kind::Postgres,
        };
        for (_, route, at) in holding {
            let held = self.of_stream(kind, &at.value, route);
            let ends = !at.value.passthrough.written().is_some_and(|through| through.value);
            if let (StreamClients::Tls(termination), true) = (&stream.clients, ends) {
                self.certified(termination, route, at, name);
            }
            stream.routes.extend(held);
        }
    }

    fn start(&mut self, at: &At<written::Route>) -> Option<PartyName> {
        let from = at.value.listener.written()?;
        if self.parties.speaks(&from.value, word::Protocol::Http) && !self.parties.serves(&from.value) {
            let message = format!("`{}` is an http listener, which serves no content", from.value);
            self.problems.tell(from.at, message, self.parties.hint_listener(&from.value));
            return None;
        }
        if !self.parties.is_listener(&from.value) {
            let message = format!("no listener is called `{}`", from.value);
            self.problems.tell(from.at, message, self.parties.hint_listener(&from.value));
            return None;
        }
        Some(from.value.clone())
    }

    fn route(&mut self, at: &At<written::Route>) -> Option<Route> {
        let to = self.destination(at);
        let path = at.value.path.or(PathPrefix(default::PATH.to_owned()));
        let policy_document = self.policy_document(&at.value.policy_document)?;
        Some(Route {
            host: at.value.host.if_any()?,
            path: path?.0,
            to: to?,
            policy_document,
            enforcement: None,
        })
    }

    fn destination(&mut self, at: &At<written::Route>) -> Option<Destination> {
        let route = &at.value;
        match (&route.to, &route.show) {
            (Optional::Written(to), Optional::Absent) => self.upstream_of(to, route),
            (Optional::Absent, Optional::Written(show)) => match show.value {
                word::Show::Path => Some(Destination::Path),
            },
            (Optional::Absent, Optional::Absent) => {
                let message = "this route leads nowhere";
                self.problems.tell(at.at, message, "add `to = \"<an upstream>\"`, or `show = \"path\"`");
                None
            }
            (Optional::Written(to), Optional::Written(show)) => {
                let message = "this route has both `to` and `show`";
                self.problems.tell(to.key.max(show.key), message, "keep one of them");
                None
            }
            (Optional::Wrong, _) | (_, Optional::Wrong) => None,
        }
    }

    fn upstream_of(&mut self, to: &At<PartyName>, route: &written::Route) -> Option<Destination> {
        let through = route.passthrough.or(false)?;
        if let Some(at) = self.parties.passed_through_to(&to.value).filter(|_| !through) {
            let line = self.problems.line(at);
            let message = format!(
                "TLS passes through to `{}` by the route in line {line}, and what comes by this one is none",
                to.value
            );
            let hint = "give each an upstream of its own; they may have the same endpoints";
            self.problems.tell(to.at, message, hint);
            return None;
        }
        if !self.parties.is_upstream(&to.value) {
            let message = format!("no upstream is called `{}`", to.value);
            self.problems.tell(to.at, message, self.parties.hint_upstream(&to.value));
            return None;
        }
        if route.listener.written().is_some_and(|from| from.value == to.value) {
            let message = format!("`{}` can't be its own upstream: one name is one party", to.value);
            self.problems.tell(to.at, message, "give the upstream another name");
            return None;
        }
        Some(Destination::Upstream(to.value.clone()))
    }

    /// A host that no certificate covers is answered with 421 before any route is asked.
    fn certified(
        &mut self,
        termination: &Termination,
        route: &Route,
        at: &At<written::Route>,
        listener: &PartyName,
    ) {
        let Some(host) = &route.host else { return };
        if self.parties.is_broken(listener)
            || termination.certificates.iter().any(|source| serves(source, host))
        {
            return;
        }
        let place = at.value.host.written().map_or(at.at, |host| host.at);
        let message = format!("no certificate of listener `{listener}` covers `{}`", host.0);
        let hint = format!("add \"{}\" to its `names`", host.0);
        self.problems.tell(place, message, hint);
    }
}

/// Whether some host of the pattern is covered.
fn serves(source: &CertificateSource, pattern: &HostPattern) -> bool {
    if hermetic_tls::Identity::host(&pattern.0).is_ok_and(|host| covers(source, &host)) {
        return true;
    }
    // What else is in it is known only once the store is open.
    if matches!(source, CertificateSource::Stored(_)) {
        return true;
    }
    pattern.0.starts_with("*.")
        && source.identities().iter().any(|identity| match identity {
            hermetic_tls::Identity::Dns(name) => takes(pattern, name.as_str()),
            _ => false,
        })
}

/// Whether the earlier route takes all that the later one would.
fn shadows(earlier: &Route, later: &Route) -> bool {
    let host = match (&earlier.host, &later.host) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(earlier), Some(later)) => takes(earlier, &later.0),
    };
    let below = later.path.strip_prefix(earlier.path.as_str());
    let path = earlier.path == "/" || below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    host && path
}

/// Whether the pattern takes this host: equal, or exactly one label in the place of its `*`.
fn takes(pattern: &HostPattern, host: &str) -> bool {
    let of_parent = pattern.0.strip_prefix("*.").zip(host.split_once('.'));
    pattern.0 == host || of_parent.is_some_and(|(parent, (_, rest))| parent == rest)
}
