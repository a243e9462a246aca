//! Listeners.

use hermetic_tls::{SecurityPolicy, UnknownSni};

use super::Check;
use crate::model::{Https, Listener, Protocol};
use crate::period::Period;
use crate::written::table::{At, Optional};
use crate::written::{self, default, word};

impl Check<'_, '_> {
    /// A listener without its routes.
    pub(super) fn listener(&mut self, written: &At<written::Listener>) -> Option<Listener> {
        let listener = &written.value;
        let protocol = match listener.protocol.or(word::Protocol::Https) {
            Some(word::Protocol::Https) => self.https(written).map(|https| Protocol::Https(Box::new(https))),
            Some(word::Protocol::Http) => self.redirect(written),
            None => None,
        };
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
            protocol: protocol?,
        })
    }

    fn https(&mut self, written: &At<written::Listener>) -> Option<Https> {
        let listener = &written.value;
        if let Some(redirect) = listener.redirect.written() {
            let message = "an https listener does not redirect";
            self.problems.tell(redirect.key, message, "take `redirect` out, or write `protocol = \"http\"`");
        }
        let certificates = self.certificates(written);
        let clients = self.clients(listener);
        let allow = self.allow(listener);
        let unknown_sni = match listener.unknown_sni.or(word::UnknownSni::Refuse)? {
            word::UnknownSni::Refuse => UnknownSni::Refuse,
            word::UnknownSni::First => UnknownSni::First,
        };
        Some(Https {
            policy: listener.policy.or(SecurityPolicy::default_policy())?,
            certificates: certificates?,
            unknown_sni,
            clients: clients?,
            allow: allow?,
            hsts: listener.hsts.if_any()?.map(|hsts| hsts.0),
            routes: Vec::new(),
        })
    }

    fn redirect(&mut self, written: &At<written::Listener>) -> Option<Protocol> {
        let listener = &written.value;
        for (key, at) in keys_of_https(listener) {
            let message = format!("`{key}` has no meaning on an http listener");
            self.problems.tell(at, message, "take it out, or write `protocol = \"https\"`");
        }
        let target = match &listener.redirect {
            Optional::Absent => {
                let message = "an http listener serves no content, and this one redirects nowhere";
                self.problems.tell(written.at, message, "add `redirect = \"<an https listener>\"`");
                return None;
            }
            Optional::Wrong => return None,
            Optional::Written(target) => target,
        };
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
        Some(Protocol::Redirect { to: target.value.clone(), public_port: 0 })
    }

    /// Fills in the ports that redirects lead to.
    pub(super) fn redirects(&mut self, written: &[At<written::Listener>], listeners: &mut [Listener]) {
        let ports: Vec<_> = listeners.iter().map(|l| (l.name.clone(), l.public_port)).collect();
        for listener in listeners {
            let Protocol::Redirect { to, public_port } = &mut listener.protocol else { continue };
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

    /// Tells the `https` listeners that no route starts from.
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
            let https = at.value.protocol.or(word::Protocol::Https) == Some(word::Protocol::Https);
            if https && !routed {
                let message =
                    format!("no route leads from listener `{}`, so it would answer all with 404", name.value);
                let hint = format!("add [[route]] with `listener = \"{}\"` and `to` an upstream", name.value);
                self.problems.tell(at.at, message, hint);
            }
        }
    }
}

/// The keys that only an `https` listener has, where they are written.
fn keys_of_https(listener: &written::Listener) -> impl Iterator<Item = (&'static str, usize)> {
    [
        ("policy", key(&listener.policy)),
        ("names", key(&listener.names)),
        ("certificate", key(&listener.certificate)),
        ("certificates", key(&listener.certificates)),
        ("unknown_sni", key(&listener.unknown_sni)),
        ("clients", key(&listener.clients)),
        ("client_ca", key(&listener.client_ca)),
        ("allow", key(&listener.allow)),
        ("hsts", key(&listener.hsts)),
        ("handshake_timeout", key(&listener.handshake_timeout)),
    ]
    .into_iter()
    .filter_map(|(name, at)| at.map(|at| (name, at)))
}

fn key<T>(key: &Optional<T>) -> Option<usize> {
    key.written().map(|at| at.key)
}
