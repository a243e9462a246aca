//! Listeners.

use std::sync::Arc;

use hermetic_guard::Settings;
use hermetic_hop::{Demand, PartyName};
use hermetic_tls::{SecurityPolicy, UnknownSni};

use super::Check;
use crate::model::{Http, Https, Listener, Passage, Protocol, Redirect, Stream, StreamClients, Termination};
use crate::period::Period;
use crate::written::table::{At, Optional};
use crate::written::{self, default, word};

impl Check<'_, '_> {
    /// A listener without its routes.
    pub(super) fn listener(&mut self, written: &At<written::Listener>) -> Option<Listener> {
        let listener = &written.value;
        let protocol = match listener.protocol.or(word::Protocol::Https) {
            Some(word::Protocol::Https) => self.https(written).map(|https| Protocol::Https(Box::new(https))),
            Some(word::Protocol::Http) => self.http(written),
            Some(word::Protocol::Tls) => self.tls_stream(written),
            Some(word::Protocol::Tcp) => self.tcp_stream(written),
            Some(word::Protocol::Postgres) => self.postgres(written),
            None => None,
        };
        let proxy_protocol = self.proxy_protocol(listener);
        let limits = self.limits(listener, listener.protocol.or(word::Protocol::Https));
        let policy_document = self.policy_document(&listener.policy_document);
        let callers = self.callers(&listener.credentials);
        let bind = listener.bind.written().map(|bind| bind.value);
        let public_port = match &listener.public_port {
            Optional::Absent => bind.map(|bind| bind.port()),
            Optional::Wrong => None,
            Optional::Written(port) => u16::try_from(port.value.0.get()).ok(),
        };
        Some(Listener {
            name: listener.name.written()?.value.clone(),
            bind: bind?,
            public_port: public_port?,
            handshake_timeout: listener.handshake_timeout.or(Period(default::HANDSHAKE_TIMEOUT))?.0,
            idle_timeout: listener.idle_timeout.or(Period(default::IDLE_TIMEOUT))?.0,
            proxy_protocol: proxy_protocol?,
            limits: limits?,
            policy_document: policy_document?,
            callers: callers?,
            protocol: protocol?,
        })
    }

    fn https(&mut self, written: &At<written::Listener>) -> Option<Https> {
        let listener = &written.value;
        if let Some(redirect) = listener.redirect.written() {
            let message = "an https listener does not redirect";
            self.problems.tell(redirect.key, message, "take `redirect` out, or write `protocol = \"http\"`");
        }
        self.meaningless("an https", keys_of_postgres(listener));
        Some(Https {
            termination: self.termination(written)?,
            hsts: listener.hsts.if_any()?.map(|hsts| hsts.0),
            routes: Vec::new(),
        })
    }

    fn tls_stream(&mut self, written: &At<written::Listener>) -> Option<Protocol> {
        self.meaningless("a tls", keys_of_http(&written.value).chain(keys_of_postgres(&written.value)));
        let name = written.value.name.written();
        if name.is_some_and(|name| self.parties.only_passes_through(&name.value)) {
            return self.passing_through(&written.value);
        }
        let clients = StreamClients::Tls(self.termination(written)?);
        Some(Protocol::Stream(Box::new(Stream { clients, routes: Vec::new() })))
    }

    /// A `tls` listener at which no TLS ends.
    fn passing_through(&mut self, listener: &written::Listener) -> Option<Protocol> {
        let here = ["policy", "guard", "handshake_timeout"];
        let of_cleartext = [("mode", key(&listener.mode)), ("cleartext", key(&listener.cleartext))];
        let of_cleartext = of_cleartext.into_iter().filter_map(|(name, at)| Some((name, at?)));
        for (key, at) in keys_of_tls(listener).chain(of_cleartext).filter(|(key, _)| !here.contains(key)) {
            let message = format!("`{key}` has no meaning here: TLS passes through on every route");
            let hint = "take it out, or add a route without `passthrough`, for which TLS ends here";
            self.problems.tell(at, message, hint);
        }
        let guard = self.guard(listener);
        let policy = listener.policy.or(SecurityPolicy::default_policy())?;
        let clients = StreamClients::PassedThrough(Passage { policy, guard: Arc::new(guard?) });
        Some(Protocol::Stream(Box::new(Stream { clients, routes: Vec::new() })))
    }

    fn tcp_stream(&mut self, written: &At<written::Listener>) -> Option<Protocol> {
        let listener = &written.value;
        self.meaningless(
            "a tcp",
            keys_of_http(listener).chain(keys_of_tls(listener)).chain(keys_of_postgres(listener)),
        );
        let instead = ("a tcp", "write `protocol = \"tls\"`");
        let clients = self.in_cleartext(listener, instead)?;
        Some(Protocol::Stream(Box::new(Stream { clients, routes: Vec::new() })))
    }

    /// How clients come to a listener where no TLS ends: from this host, or by an exception from others.
    /// `kind` is what such a listener is, and `tls` what makes it one where TLS ends.
    pub(super) fn in_cleartext(
        &mut self,
        listener: &written::Listener,
        (kind, tls): (&str, &str),
    ) -> Option<StreamClients> {
        let demand = self.demand(&listener.mode, &listener.cleartext, "bind it to loopback")?;
        let bind = listener.bind.written()?;
        let local = bind.value.ip().to_canonical().is_loopback();
        let exception = match demand {
            Demand::Require if local => None,
            Demand::Observe(exception) if !local => Some(exception),
            Demand::Require => {
                let message =
                    format!("clients would come to `{}` in cleartext that left their host", bind.value);
                let hint = format!(
                    "bind it to loopback, such as \"127.0.0.1:5432\", {tls}, or for a time \
                     `mode = \"observe\"` with `cleartext = {{ reason = …, owner = …, until = … }}`"
                );
                self.problems.tell(bind.at, message, hint);
                return None;
            }
            Demand::Prefer(_) => {
                let message = format!("no TLS ends at {kind} listener, so none can be preferred");
                let hint = format!("{tls}, or `mode = \"observe\"`");
                self.problems.tell(listener.mode.written()?.at, message, hint);
                return None;
            }
            Demand::Observe(_) => {
                let message = "cleartext from this host to loopback needs no exception";
                let hint = "take `mode` and `cleartext` out";
                self.problems.tell(listener.cleartext.written()?.key, message, hint);
                return None;
            }
        };
        Some(StreamClients::Cleartext { exception })
    }

    /// How the TLS of the listener's clients ends.
    pub(super) fn termination(&mut self, written: &At<written::Listener>) -> Option<Termination> {
        let listener = &written.value;
        let demand = self.demand(&listener.mode, &listener.cleartext, "write `mode = \"require\"`");
        let certificates = self.certificates(written);
        let clients = self.clients(listener);
        let client_crl = match &clients {
            Some(clients) => self.client_crl(listener, clients),
            None => None,
        };
        let allow = self.allow(listener);
        let guard = self.guard(listener);
        self.no_way_round(listener);
        let unknown_sni = match listener.unknown_sni.or(word::UnknownSni::Refuse)? {
            word::UnknownSni::Refuse => UnknownSni::Refuse,
            word::UnknownSni::First => UnknownSni::First,
        };
        Some(Termination {
            demand: demand?,
            policy: listener.policy.or(SecurityPolicy::default_policy())?,
            certificates: certificates?,
            unknown_sni,
            clients: clients?,
            client_crl: client_crl?,
            allow: allow?,
            guard: Arc::new(guard?),
        })
    }

    /// A client in cleartext shows no certificate: where one is demanded, it would be let in without.
    fn no_way_round(&mut self, listener: &written::Listener) {
        let Some(mode) = listener.mode.written().filter(|mode| mode.value != word::Mode::Require) else {
            return;
        };
        let required = listener.clients.or(word::Clients::None) == Some(word::Clients::Required);
        if required || listener.allow.written().is_some() {
            let message = "clients in cleartext show no certificate, and here nobody comes in without one";
            let hint =
                "write `mode = \"require\"`, or while clients move, `clients = \"optional\"` without `allow`";
            self.problems.tell(mode.at, message, hint);
        }
    }

    /// Cleartext HTTP: redirected, or by an exception served.
    fn http(&mut self, written: &At<written::Listener>) -> Option<Protocol> {
        let listener = &written.value;
        let demand = self.demand(&listener.mode, &listener.cleartext, "write `mode = \"require\"`");
        let hsts = keys_of_http(listener).filter(|(key, _)| *key == "hsts");
        let serves = listener.mode.or(word::Mode::Require) != Some(word::Mode::Require);
        let of_tls = keys_of_tls(listener).filter(|(key, _)| *key != "guard" || !serves);
        let of_policy = keys_of_policy(listener).filter(|_| !serves);
        self.meaningless("an http", of_tls.chain(hsts).chain(of_policy).chain(keys_of_postgres(listener)));
        let site = |guard: Settings, exception, redirect| {
            let (guard, routes) = (Arc::new(guard), Vec::new());
            Protocol::Http(Box::new(Http { exception, guard, redirect, routes }))
        };
        match (demand?, &listener.redirect) {
            (_, Optional::Wrong) => None,
            (Demand::Require, Optional::Absent) => {
                let message = "an http listener serves no content, and this one redirects nowhere";
                self.problems.tell(written.at, message, "add `redirect = \"<an https listener>\"`");
                None
            }
            (Demand::Require, Optional::Written(target)) => self.redirect(target).map(Protocol::Redirect),
            (Demand::Prefer(_), Optional::Absent) => {
                let message = "whoever asks for https would be redirected nowhere";
                let hint = "add `redirect = \"<an https listener>\"`, or write `mode = \"observe\"`";
                self.problems.tell(listener.mode.written()?.at, message, hint);
                None
            }
            (Demand::Prefer(exception), Optional::Written(target)) => {
                let redirect = Some(self.redirect(target)?);
                Some(site(self.guard(listener)?, exception, redirect))
            }
            (Demand::Observe(exception), Optional::Absent) => {
                Some(site(self.guard(listener)?, exception, None))
            }
            (Demand::Observe(_), Optional::Written(target)) => {
                let message = "a listener in `observe` redirects nobody";
                self.problems.tell(target.key, message, "take `redirect` out, or write `mode = \"prefer\"`");
                None
            }
        }
    }

    fn redirect(&mut self, target: &At<PartyName>) -> Option<Redirect> {
        if !self.parties.speaks(&target.value, word::Protocol::Https) {
            // Where the target's protocol is wrong, that has been told there.
            if !self.parties.is_listener(&target.value)
                || self.parties.speaks(&target.value, word::Protocol::Http)
            {
                let message = format!("no https listener is called `{}`", target.value);
                self.problems.tell(target.at, message, self.parties.hint_listener(&target.value));
            }
            return None;
        }
        // The port is filled in when all listeners are known.
        Some(Redirect { to: target.value.clone(), public_port: 0 })
    }

    /// Tells the keys that mean nothing on a listener of this kind.
    pub(super) fn meaningless(&mut self, listener: &str, keys: impl Iterator<Item = (&'static str, usize)>) {
        let hint = match listener {
            "an http" => "take it out, or write `protocol = \"https\"`",
            _ => "take it out",
        };
        for (key, at) in keys {
            self.problems.tell(at, format!("`{key}` has no meaning on {listener} listener"), hint);
        }
    }

    /// Fills in the ports that redirects lead to.
    pub(super) fn redirects(&mut self, written: &[At<written::Listener>], listeners: &mut [Listener]) {
        let ports: Vec<_> = listeners.iter().map(|l| (l.name.clone(), l.public_port)).collect();
        for listener in listeners {
            let redirect = match &mut listener.protocol {
                Protocol::Redirect(redirect) => Some(redirect),
                Protocol::Http(http) => http.redirect.as_mut(),
                Protocol::Https(_) | Protocol::Stream(_) | Protocol::Postgres(_) => None,
            };
            let Some(Redirect { to, public_port }) = redirect else { continue };
            let Some((_, port)) = ports.iter().find(|(name, _)| name == to) else { continue };
            *public_port = *port;
            if *port == 0 {
                let place = written.iter().find(|at| at.value.name.written().is_some_and(|n| n.value == *to));
                let message =
                    format!("nobody can be redirected to `{to}`: its port is known only when it runs");
                let at = place.and_then(|at| at.value.bind.written()).map_or(0, |bind| bind.at);
                self.problems.tell(at, message, "write its port, or add `public_port`");
            }
        }
    }

    /// Tells the listeners that no route starts from, though they need one.
    pub(super) fn listeners_without_routes(
        &mut self,
        written: &[At<written::Listener>],
        routes: &[At<written::Route>],
    ) {
        for at in written {
            let Some(name) = at.value.name.written() else { continue };
            let routed = routes.iter().any(|route| {
                route.value.listener.written().is_some_and(|listener| listener.value == name.value)
            });
            let without = match at.value.protocol.or(word::Protocol::Https) {
                Some(word::Protocol::Https) => "answer all with 404",
                Some(word::Protocol::Tls | word::Protocol::Tcp | word::Protocol::Postgres) => {
                    "close every connection"
                }
                Some(word::Protocol::Http) if self.parties.serves(&name.value) => "answer all with 404",
                Some(word::Protocol::Http) | None => continue,
            };
            if !routed {
                let message = format!("no route leads from listener `{}`, so it would {without}", name.value);
                let hint = format!("add [[route]] with `listener = \"{}\"` and `to` an upstream", name.value);
                self.problems.tell(at.at, message, hint);
            }
        }
    }
}

/// The keys of a listener at which TLS ends, where they are written.
pub(super) fn keys_of_tls(listener: &written::Listener) -> impl Iterator<Item = (&'static str, usize)> {
    [
        ("policy", key(&listener.policy)),
        ("names", key(&listener.names)),
        ("certificate", key(&listener.certificate)),
        ("certificates", key(&listener.certificates)),
        ("profile", key(&listener.profile)),
        ("issuer", key(&listener.issuer)),
        ("unknown_sni", key(&listener.unknown_sni)),
        ("clients", key(&listener.clients)),
        ("client_ca", key(&listener.client_ca)),
        ("client_crl", key(&listener.client_crl)),
        ("allow", key(&listener.allow)),
        // A PROXY header must come within it too.
        (
            "handshake_timeout",
            key(&listener.handshake_timeout).filter(|_| key(&listener.proxy_protocol).is_none()),
        ),
        ("guard", key(&listener.guard)),
    ]
    .into_iter()
    .filter_map(|(name, at)| at.map(|at| (name, at)))
}

/// The keys of a listener that speaks HTTP, where they are written.
pub(super) fn keys_of_http(listener: &written::Listener) -> impl Iterator<Item = (&'static str, usize)> {
    let keys = [("hsts", key(&listener.hsts)), ("redirect", key(&listener.redirect))];
    keys.into_iter().filter_map(|(name, at)| at.map(|at| (name, at))).chain(keys_of_policy(listener))
}

/// The keys of a listener whose requests a policy document judges, where they are written.
fn keys_of_policy(listener: &written::Listener) -> impl Iterator<Item = (&'static str, usize)> {
    let keys =
        [("policy_document", key(&listener.policy_document)), ("credentials", key(&listener.credentials))];
    keys.into_iter().filter_map(|(name, at)| at.map(|at| (name, at)))
}

/// The keys of a listener that speaks PostgreSQL, where they are written.
fn keys_of_postgres(listener: &written::Listener) -> impl Iterator<Item = (&'static str, usize)> {
    let keys = [
        ("users", key(&listener.users)),
        ("auth_query", key(&listener.auth_query)),
        ("binding", key(&listener.binding)),
        ("cleartext_cancel", key(&listener.cleartext_cancel)),
    ];
    keys.into_iter().filter_map(|(name, at)| at.map(|at| (name, at)))
}

fn key<T>(key: &Optional<T>) -> Option<usize> {
    key.written().map(|at| at.key)
}
