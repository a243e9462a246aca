//! Who is called what, and what two parties can't share: names, addresses.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::net::SocketAddr;

use hermetic_hop::{Demand, PartyName};
use hermetic_tls::{Identity, SpiffeId};

use super::{Check, entries};
use crate::model::{
    Admitted, Clients, Endpoint, Listener, Protocol, Termination, Upstream, UpstreamTransport,
};
use crate::nearest::nearest;
use crate::written::table::At;
use crate::written::{self, word};

/// The parties by name, those that don't hold included, so that a mistake in one is told once and
/// not again wherever it is named.
#[derive(Debug)]
pub(super) struct Parties {
    listeners: Vec<Door>,
    upstreams: Vec<PartyName>,
    /// Each route that both names are written of: from where, to where, whether TLS passes through, and
    /// where it is written.
    ways: Vec<Way>,
    broken: BTreeSet<PartyName>,
}

/// A listener, as far as others need to know it.
#[derive(Debug)]
struct Door {
    name: PartyName,
    /// `None` where it is wrong.
    spoken: Option<word::Protocol>,
    /// Whether it serves content: all but those do that only redirect.
    serves: bool,
}

/// A route between two parties, before anything is checked of it.
#[derive(Debug)]
struct Way {
    from: PartyName,
    to: Option<PartyName>,
    through: bool,
    at: usize,
}

impl Parties {
    pub(super) fn new(
        listeners: &[At<written::Listener>],
        upstreams: &[At<written::Upstream>],
        routes: &[At<written::Route>],
    ) -> Self {
        let listener = |at: &At<written::Listener>| {
            let name = at.value.name.written()?.value.clone();
            let spoken = at.value.protocol.or(word::Protocol::Https);
            let redirects = spoken == Some(word::Protocol::Http)
                && at.value.mode.or(word::Mode::Require) == Some(word::Mode::Require);
            Some(Door { name, spoken, serves: !redirects })
        };
        let upstream = |at: &At<written::Upstream>| at.value.name.written().map(|name| name.value.clone());
        Self {
            listeners: listeners.iter().filter_map(listener).collect(),
            upstreams: upstreams.iter().filter_map(upstream).collect(),
            ways: routes.iter().filter_map(way).collect(),
            broken: BTreeSet::new(),
        }
    }

    /// Whether TLS passes through on every route from this listener.
    pub(super) fn only_passes_through(&self, listener: &PartyName) -> bool {
        let mut ways = self.ways.iter().filter(|way| way.from == *listener).peekable();
        ways.peek().is_some() && ways.all(|way| way.through)
    }

    /// Where the first route is written on which TLS passes through to this upstream.
    pub(super) fn passed_through_to(&self, upstream: &PartyName) -> Option<usize> {
        let through = |way: &&Way| way.through && way.to.as_ref() == Some(upstream);
        self.ways.iter().find(through).map(|way| way.at)
    }

    /// Notes that nothing more can be said of this party.
    pub(super) fn break_off(&mut self, name: Option<&At<PartyName>>) {
        self.broken.extend(name.map(|name| name.value.clone()));
    }

    pub(super) fn is_broken(&self, name: &PartyName) -> bool {
        self.broken.contains(name)
    }

    pub(super) fn is_known(&self, name: &PartyName) -> bool {
        self.is_listener(name) || self.is_upstream(name)
    }

    pub(super) fn is_upstream(&self, name: &PartyName) -> bool {
        self.upstreams.contains(name)
    }

    pub(super) fn is_listener(&self, name: &PartyName) -> bool {
        self.listeners.iter().any(|door| door.name == *name)
    }

    /// Whether it is a listener that surely is of the other protocol.
    pub(super) fn speaks(&self, name: &PartyName, protocol: word::Protocol) -> bool {
        self.listeners.iter().any(|door| door.name == *name && door.spoken == Some(protocol))
    }

    /// Whether it is a listener that serves content.
    pub(super) fn serves(&self, name: &PartyName) -> bool {
        self.listeners.iter().any(|door| door.name == *name && door.serves)
    }

    /// A hint towards an `https` listener.
    pub(super) fn hint_listener(&self, name: &PartyName) -> String {
        let https = self.listeners.iter().filter(|door| door.spoken != Some(word::Protocol::Http));
        hint(name, https.map(|door| &door.name), "[[listener]]")
    }

    /// A hint towards an upstream.
    pub(super) fn hint_upstream(&self, name: &PartyName) -> String {
        hint(name, self.upstreams.iter(), "[[upstream]]")
    }
}

fn way(at: &At<written::Route>) -> Option<Way> {
    let route = &at.value;
    Some(Way {
        from: route.listener.written()?.value.clone(),
        to: route.to.written().map(|to| to.value.clone()),
        through: route.passthrough.written().is_some_and(|through| through.value),
        at: at.at,
    })
}

fn hint<'a>(name: &PartyName, known: impl Iterator<Item = &'a PartyName> + Clone, table: &str) -> String {
    let mut names: Vec<&str> = known.map(PartyName::as_str).collect();
    names.dedup();
    match nearest(name.as_str(), names.iter().copied()) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None if names.is_empty() => format!("add a {table} with `name = \"{name}\"`"),
        None => format!("there are: {}", names.join(", ")),
    }
}

impl Check<'_, '_> {
    /// Names: each at most once of its kind, none that means something else.
    pub(super) fn names(&mut self, written: &written::File) {
        let listeners = entries(&written.listener).iter().filter_map(|at| at.value.name.written());
        self.distinct("listener", listeners);
        let upstreams = entries(&written.upstream).iter().filter_map(|at| at.value.name.written());
        self.distinct("upstream", upstreams);
        let flows = entries(&written.flow).iter().filter_map(|at| at.value.name.written());
        self.distinct_parties("flow", flows);
    }

    fn distinct<'a>(&mut self, kind: &str, names: impl Iterator<Item = &'a At<PartyName>> + Clone) {
        for name in names.clone() {
            if name.value == PartyName::hermetic() && kind == "listener" {
                let message =
                    "no listener can be called `hermetic`: that is who asks the store and calls webhooks";
                self.problems.tell(name.at, message, "choose another name");
            } else if name.value == PartyName::client() {
                let message =
                    format!("no {kind} can be called `client`: that is whoever connects from outside");
                self.problems.tell(name.at, message, "choose another name");
            } else if SpiffeId::new(&self.trust_domain, name.value.as_str()).is_err() {
                let message = format!("`{}` can't be the end of a SPIFFE ID", name.value);
                self.problems.tell(name.at, message, "choose a name with a letter in it");
            }
        }
        self.distinct_parties(kind, names);
    }

    /// Which party of several of one name is meant elsewhere can't be told.
    fn distinct_parties<'a>(&mut self, kind: &str, names: impl Iterator<Item = &'a At<PartyName>>) {
        for again in self.distinct_names(kind, names) {
            self.parties.break_off(Some(again));
        }
    }

    /// Tells each name that is there already, and gives it.
    pub(super) fn distinct_names<'a, T: PartialEq + Display>(
        &mut self,
        kind: &str,
        names: impl Iterator<Item = &'a At<T>>,
    ) -> Vec<&'a At<T>> {
        let (mut seen, mut again): (Vec<&At<T>>, Vec<&At<T>>) = (Vec::new(), Vec::new());
        for name in names {
            match seen.iter().find(|seen| seen.value == name.value) {
                Some(first) => {
                    let line = self.problems.line(first.at);
                    let message = format!("a second {kind} `{}`; the first is in line {line}", name.value);
                    self.problems.tell(name.at, message, "give each a name of its own");
                    again.push(name);
                }
                None => seen.push(name),
            }
        }
        again
    }

    /// Addresses to listen on: each only once, those of the metrics and of the authority included.
    pub(super) fn binds(&mut self, written: &written::File) {
        let listeners = entries(&written.listener).iter().filter_map(|at| at.value.bind.written());
        let publish = written.authority.written().and_then(|authority| authority.value.publish.written());
        let mut binds: Vec<&At<SocketAddr>> =
            listeners.chain(written.admin.written()).chain(publish).collect();
        binds.sort_by_key(|bind| bind.at);
        let mut seen: Vec<&At<SocketAddr>> = Vec::new();
        for bind in binds {
            if let Some(first) = seen.iter().find(|seen| overlap(seen.value, bind.value)) {
                let line = self.problems.line(first.at);
                let message = format!("`{}` is taken by `{}` in line {line}", bind.value, first.value);
                self.problems.tell(bind.at, message, "give each an address or port of its own");
            }
            seen.push(bind);
        }
    }

    /// A listener and an upstream of one name are one party, so what they say must fit together.
    pub(super) fn one_party(
        &mut self,
        written: &written::File,
        listeners: &[Listener],
        upstreams: &[Upstream],
    ) {
        for upstream in upstreams {
            let Some(listener) = listeners.iter().find(|listener| listener.name == upstream.name) else {
                continue;
            };
            let written = entries(&written.upstream)
                .iter()
                .find_map(|at| at.value.name.written().filter(|name| name.value == upstream.name));
            let Some(written) = written else { continue };
            if let Some((message, hint)) = self.misfit(listener, upstream) {
                self.problems.tell(written.at, message, hint);
            }
        }
    }

    fn misfit(&self, listener: &Listener, upstream: &Upstream) -> Option<(String, String)> {
        let name = &upstream.name;
        let other_name = "give the upstream another name if it is somebody else";
        if let Protocol::Redirect(_) = &listener.protocol {
            let message = format!("`{name}` is an http listener, which serves no content");
            return Some((message, other_name.to_owned()));
        }
        if let Some(told) = self.misfit_in_passing(listener, upstream) {
            return told;
        }
        let weakened = upstream.transport.demand() != Demand::Require;
        let (termination, tls) = match (listener.termination(), upstream.transport.tls()) {
            // What it says of TLS must fit, although it may not come to it.
            (Some(termination), Some(tls)) => (termination, tls),
            (Some(termination), None) if termination.demand != Demand::Require => return None,
            (None, None) => return None,
            (None, Some(_)) if weakened => return None,
            (Some(_), None) => {
                let message =
                    format!("TLS ends at listener `{name}`, but this upstream of its name is cleartext");
                return Some((message, format!("add `tls = {{ trust = \"authority\" }}`, or {other_name}")));
            }
            (None, Some(_)) => {
                let message =
                    format!("listener `{name}` takes cleartext, but this upstream of its name has `tls`");
                return Some((message, other_name.to_owned()));
            }
        };
        match tls.identity.as_ref().map(|presented| &presented.party) {
            None if demands_certificate(termination) => {
                let message =
                    format!("listener `{name}` lets nobody in without a certificate, and none is presented");
                Some((message, "add an `identity` to `tls`".to_owned()))
            }
            Some(identity) if !self.admits(termination, identity) => {
                let message = format!("listener `{name}` does not let `{identity}` in");
                Some((message, format!("add \"{identity}\" to its `allow`")))
            }
            _ => None,
        }
    }

    /// The same where TLS passes through one of both; `None` where it does not.
    fn misfit_in_passing(
        &self,
        listener: &Listener,
        upstream: &Upstream,
    ) -> Option<Option<(String, String)>> {
        let name = &upstream.name;
        let through = upstream.transport == UpstreamTransport::Passthrough;
        let passing = listener.passing().next().is_some();
        let told = match (listener.termination(), passing) {
            (Some(_), _) if through => None,
            (None, true) if through || upstream.transport.tls().is_some() => None,
            (None, true) => Some("takes TLS alone, but this upstream of its name is cleartext"),
            (None, false) if through => {
                Some("takes cleartext, but what goes to this upstream of its name is TLS")
            }
            _ => return None,
        };
        let hint = "give the upstream another name if it is somebody else";
        Some(told.map(|told| (format!("listener `{name}` {told}"), hint.to_owned())))
    }

    fn admits(&self, termination: &Termination, name: &PartyName) -> bool {
        let id = SpiffeId::new(&self.trust_domain, name.as_str()).ok().map(Identity::Spiffe);
        // Whose certificate a fingerprint is can't be told from here.
        let may_be = |entry: &Admitted| match entry {
            Admitted::Identity(identity) => id.as_ref() == Some(identity),
            Admitted::Certificate(_) => true,
        };
        termination.allow.as_ref().is_none_or(|allow| allow.iter().any(may_be))
    }
}

fn demands_certificate(termination: &Termination) -> bool {
    termination.allow.is_some() || matches!(termination.clients, Clients::Required(_))
}

/// Whether one socket would take the other's connections; port 0 is a new one each time.
fn overlap(one: SocketAddr, other: SocketAddr) -> bool {
    let (a, b) = (one.ip(), other.ip());
    let covers = a == b || a.is_ipv4() == b.is_ipv4() && (a.is_unspecified() || b.is_unspecified());
    one.port() != 0 && one.port() == other.port() && covers
}

/// Whether nothing that is sent there can leave the host.
pub(super) fn is_local(endpoint: &Endpoint) -> bool {
    match endpoint {
        Endpoint::Unix(_) => true,
        Endpoint::Tcp { host, .. } => {
            host == "localhost"
                || host.parse().is_ok_and(|ip: std::net::IpAddr| ip.to_canonical().is_loopback())
        }
    }
}
