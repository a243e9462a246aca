//! Who is called what, and what two parties can't share: names, addresses.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use hermetic_hop::PartyName;
use hermetic_tls::{Identity, SpiffeId};

use super::{Check, entries};
use crate::model::{Clients, Endpoint, Https, Listener, Protocol, Upstream, UpstreamTransport};
use crate::nearest::nearest;
use crate::written::table::At;
use crate::written::{self, word};

/// The parties by name, those that don't hold included, so that a mistake in one is told once and
/// not again wherever it is named.
#[derive(Debug)]
pub(super) struct Parties {
    listeners: Vec<(PartyName, Option<word::Protocol>)>,
    upstreams: Vec<PartyName>,
    broken: BTreeSet<PartyName>,
}

impl Parties {
    pub(super) fn new(listeners: &[At<written::Listener>], upstreams: &[At<written::Upstream>]) -> Self {
        let listener = |at: &At<written::Listener>| {
            let name = at.value.name.written()?.value.clone();
            Some((name, at.value.protocol.or(word::Protocol::Https)))
        };
        let upstream = |at: &At<written::Upstream>| at.value.name.written().map(|name| name.value.clone());
        Self {
            listeners: listeners.iter().filter_map(listener).collect(),
            upstreams: upstreams.iter().filter_map(upstream).collect(),
            broken: BTreeSet::new(),
        }
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
        self.listeners.iter().any(|(listener, _)| listener == name)
    }

    /// Whether it is a listener that surely is of the other protocol.
    pub(super) fn speaks(&self, name: &PartyName, protocol: word::Protocol) -> bool {
        self.listeners.iter().any(|(listener, spoken)| listener == name && *spoken == Some(protocol))
    }

    /// A hint towards an `https` listener.
    pub(super) fn hint_listener(&self, name: &PartyName) -> String {
        let https = self.listeners.iter().filter(|(_, spoken)| *spoken != Some(word::Protocol::Http));
        hint(name, https.map(|(name, _)| name), "[[listener]]")
    }

    /// A hint towards an upstream.
    pub(super) fn hint_upstream(&self, name: &PartyName) -> String {
        hint(name, self.upstreams.iter(), "[[upstream]]")
    }
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
        self.distinct_names("flow", flows);
    }

    fn distinct<'a>(&mut self, kind: &str, names: impl Iterator<Item = &'a At<PartyName>> + Clone) {
        for name in names.clone() {
            if name.value == PartyName::client() {
                let message =
                    format!("no {kind} can be called `client`: that is whoever connects from outside");
                self.problems.tell(name.at, message, "choose another name");
            } else if SpiffeId::new(&self.trust_domain, name.value.as_str()).is_err() {
                let message = format!("`{}` can't be the end of a SPIFFE ID", name.value);
                self.problems.tell(name.at, message, "choose a name with a letter in it");
            }
        }
        self.distinct_names(kind, names);
    }

    fn distinct_names<'a>(&mut self, kind: &str, names: impl Iterator<Item = &'a At<PartyName>>) {
        let mut seen: Vec<&At<PartyName>> = Vec::new();
        for name in names {
            match seen.iter().find(|seen| seen.value == name.value) {
                Some(first) => {
                    let line = self.problems.line(first.at);
                    let message = format!("a second {kind} `{}`; the first is in line {line}", name.value);
                    self.problems.tell(name.at, message, "give each a name of its own");
                    // Which of them is meant elsewhere can't be told.
                    self.parties.break_off(Some(name));
                }
                None => seen.push(name),
            }
        }
    }

    /// Addresses to listen on: each only once, that of the metrics included.
    pub(super) fn binds(&mut self, written: &written::File) {
        let listeners = entries(&written.listener).iter().filter_map(|at| at.value.bind.written());
        let mut binds: Vec<&At<SocketAddr>> = listeners.chain(written.admin.written()).collect();
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
        let https = match &listener.protocol {
            Protocol::Https(https) => https,
            Protocol::Redirect { .. } => {
                let message = format!("`{name}` is an http listener, which serves no content");
                return Some((message, other_name.to_owned()));
            }
        };
        let UpstreamTransport::Tls { identity, .. } = &upstream.transport else {
            let message =
                format!("`{name}` is an https listener, but this upstream of its name is cleartext");
            return Some((message, format!("add `tls = {{ trust = \"authority\" }}`, or {other_name}")));
        };
        match identity {
            None if demands_certificate(https) => {
                let message =
                    format!("listener `{name}` lets nobody in without a certificate, and none is presented");
                Some((message, "add an `identity` to `tls`".to_owned()))
            }
            Some(identity) if !self.admits(https, identity) => {
                let message = format!("listener `{name}` does not let `{identity}` in");
                Some((message, format!("add \"{identity}\" to its `allow`")))
            }
            _ => None,
        }
    }

    fn admits(&self, https: &Https, name: &PartyName) -> bool {
        let id = SpiffeId::new(&self.trust_domain, name.as_str()).map(Identity::Spiffe);
        https.allow.as_ref().is_none_or(|allow| id.is_ok_and(|id| allow.contains(&id)))
    }
}

fn demands_certificate(https: &Https) -> bool {
    https.allow.is_some() || matches!(https.clients, Clients::Required(_))
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
