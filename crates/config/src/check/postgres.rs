//! `postgres` listeners: how their clients come, and logins that are known to fail.

use hermetic_hop::{Demand, PartyName};

use super::Check;
use super::listener::{keys_of_http, keys_of_tls};
use crate::model::{
    CertificateSource, Listener, Login, Postgres, Protocol, SslNegotiation, Stream, StreamClients,
    Termination, Upstream, UpstreamTransport, Users,
};
use crate::written::table::{At, Optional};
use crate::written::{self, word};

impl Check<'_, '_> {
    /// A `postgres` listener without its routes.
    pub(super) fn postgres(&mut self, written: &At<written::Listener>) -> Option<Protocol> {
        let listener = &written.value;
        self.meaningless("a postgres", keys_of_http(listener));
        let clients = self.clients_of_postgres(written);
        let login = self.login(listener, clients.as_ref());
        let cancel = self.cancel(listener, clients.as_ref());
        let stream = Stream { clients: clients?, routes: Vec::new() };
        Some(Protocol::Postgres(Box::new(Postgres { stream, login: login?, cancel: cancel? })))
    }

    fn cancel(&mut self, listener: &written::Listener, clients: Option<&StreamClients>) -> Option<Demand> {
        let written = match &listener.cleartext_cancel {
            Optional::Absent => return Some(Demand::Require),
            Optional::Wrong => return None,
            Optional::Written(written) => written,
        };
        match clients? {
            StreamClients::Tls(termination) if termination.demand == Demand::Require => {
                let instead = "take `cleartext_cancel` out, so that such requests are refused";
                self.exception(&written.value, instead).map(Demand::Observe)
            }
            _ => {
                let message = "cancel requests come in cleartext here without this exception";
                self.problems.tell(written.key, message, "take it out");
                None
            }
        }
    }

    /// TLS ends at a listener that has a certificate; to one that has none, clients come in cleartext.
    fn clients_of_postgres(&mut self, written: &At<written::Listener>) -> Option<StreamClients> {
        let listener = &written.value;
        let certified =
            [is_there(&listener.names), is_there(&listener.certificate), is_there(&listener.certificates)];
        if certified.contains(&true) {
            return self.termination(written).map(StreamClients::Tls);
        }
        let of_tls = keys_of_tls(listener).filter(|(key, _)| *key != "handshake_timeout");
        self.meaningless("a cleartext postgres", of_tls);
        let tls = "add `names = [\"db.example.com\"]`, so that TLS ends here";
        self.in_cleartext(listener, ("a cleartext postgres", tls))
    }

    fn login(&mut self, listener: &written::Listener, clients: Option<&StreamClients>) -> Option<Login> {
        let users = self.users(listener);
        let binding = listener.binding.if_any();
        let (users, binding, clients) = (users?, binding?, clients?);
        let at = listener.binding.written().map_or(0, |binding| binding.at);
        match (binding, users, clients) {
            (None | Some(word::Binding::Terminate), Some(users), _) => Some(Login::Terminate(users)),
            (None | Some(word::Binding::StripPlus), None, StreamClients::Cleartext { .. }) => {
                Some(Login::StripPlus)
            }
            (Some(word::Binding::None), None, _)
            | (None, None, StreamClients::Tls(_) | StreamClients::PassedThrough(_)) => Some(Login::Pass),
            (Some(word::Binding::SharedCertificate), None, StreamClients::Tls(termination)) => {
                self.shareable(termination, at).map(|()| Login::SharedCertificate)
            }
            (Some(binding), users, _) => {
                let (message, hint) = misfit(binding, users.is_some());
                self.problems.tell(at, message, hint);
                None
            }
        }
    }

    /// A certificate of the authority is the gateway's alone, and one that is signed without a hash of its
    /// own can't be bound to.
    fn shareable(&mut self, termination: &Termination, at: usize) -> Option<()> {
        for source in &termination.certificates {
            let (message, hint) = match source {
                CertificateSource::Authority { .. } => (
                    "the upstream can't have this listener's certificate: the authority issues it for the gateway alone",
                    "name the upstream's own files: `certificate = { cert = \"…\", key = \"…\" }`, and take `names` out",
                ),
                CertificateSource::Files { credential, .. }
                    if credential.leaf().tls_server_end_point().is_none() =>
                {
                    (
                        "no login can be bound to this listener's certificate: its signature (Ed25519 or RSA-PSS) names no hash (RFC 5929 section 4.1)",
                        "use a certificate that is signed with ECDSA and SHA-256",
                    )
                }
                CertificateSource::Files { .. } | CertificateSource::Stored(_) => continue,
            };
            self.problems.tell(at, message, hint);
            return None;
        }
        Some(())
    }

    /// Tells the logins that are known to fail. With TLS on both sides of the gateway, a client binds its
    /// login to the listener's certificate and the upstream expects its own; where the offer to bind is
    /// hidden, the client says that it would have bound, and the upstream sees a downgrade.
    pub(super) fn logins(
        &mut self,
        written: &[At<written::Listener>],
        listeners: &[Listener],
        upstreams: &[Upstream],
    ) {
        for listener in listeners {
            let Protocol::Postgres(postgres) = &listener.protocol else { continue };
            self.verifiers_in_cleartext(written, listener, postgres, upstreams);
            let (Login::Pass, StreamClients::Tls(_)) = (&postgres.login, &postgres.stream.clients) else {
                continue;
            };
            let Some(at) = place(written, &listener.name) else { continue };
            let sealed = postgres.stream.routes.iter().map(|route| &route.to).find(|to| {
                let upstream = upstreams.iter().find(|upstream| upstream.name == **to);
                upstream.is_some_and(|upstream| {
                    matches!(
                        upstream.transport,
                        UpstreamTransport::Tls(_) | UpstreamTransport::Preferred { .. }
                    )
                })
            });
            let (Optional::Absent, Some(sealed)) = (&at.value.binding, sealed) else { continue };
            let message = format!(
                "psql's default login to `{sealed}` would fail here: it is bound to the certificate that the client sees, and `{sealed}` has another"
            );
            let hint = "add `users = { file = \"userlist.txt\" }` or `auth_query`, so that the login ends here; or say `binding = \"shared-certificate\"`, or \"none\" where all clients have `channel_binding=disable`";
            self.problems.tell(at.at, message, hint);
        }
    }

    /// Tells an `auth_query` that could go over cleartext. The verifier that comes back and the proof of the
    /// login that follows give whoever reads both the user's ClientKey (RFC 5802 section 9), which is as
    /// good as the password.
    fn verifiers_in_cleartext(
        &mut self,
        written: &[At<written::Listener>],
        listener: &Listener,
        postgres: &Postgres,
        upstreams: &[Upstream],
    ) {
        let Login::Terminate(Users::Query(_)) = &postgres.login else { return };
        let mut led_to = postgres.stream.routes.iter().map(|route| &route.to);
        let exposed = led_to.find(|to| {
            let upstream = upstreams.iter().find(|upstream| upstream.name == **to);
            upstream.is_some_and(|upstream| {
                matches!(
                    upstream.transport,
                    UpstreamTransport::Preferred { local: false, .. }
                        | UpstreamTransport::Cleartext { local: false, .. }
                )
            })
        });
        let Some(at) = place(written, &listener.name) else { return };
        let (Some(exposed), Optional::Written(query)) = (exposed, &at.value.auth_query) else { return };
        let message = format!(
            "verifiers of `{exposed}` could come in cleartext, and with the logins that follow they are as good as passwords"
        );
        let hint =
            "take `mode` and `cleartext` of the upstream out, or write `users = { file = \"userlist.txt\" }`";
        self.problems.tell(query.key, message, hint);
    }

    /// Tells `sslnegotiation` where nothing speaks PostgreSQL.
    pub(super) fn negotiations(&mut self, written: &[At<written::Upstream>], listeners: &[Listener]) {
        for upstream in written {
            let tls = upstream.value.tls.written();
            let Some(negotiation) = tls.and_then(|tls| tls.value.sslnegotiation.written()) else { continue };
            let Some(name) = upstream.value.name.written() else { continue };
            let of_postgres = |listener: &&Listener| matches!(listener.protocol, Protocol::Postgres(_));
            let mut postgres = listeners.iter().filter(of_postgres);
            if !postgres.any(|listener| listener.upstreams().contains(&&name.value)) {
                let message = format!("no postgres listener leads to `{}`", name.value);
                self.problems.tell(negotiation.key, message, "take `sslnegotiation` out");
            }
        }
    }

    pub(super) fn sslnegotiation(&mut self, upstream: &written::Upstream) -> Option<SslNegotiation> {
        let Some(tls) = upstream.tls.written() else { return Some(SslNegotiation::Postgres) };
        Some(match tls.value.sslnegotiation.or(word::SslNegotiation::Postgres)? {
            word::SslNegotiation::Postgres => SslNegotiation::Postgres,
            word::SslNegotiation::Direct => SslNegotiation::Direct,
        })
    }
}

/// Why a binding can't be had as it is written, and what to do.
fn misfit(binding: word::Binding, has_users: bool) -> (&'static str, &'static str) {
    match binding {
        word::Binding::Terminate => (
            "the gateway ends no login without the users' verifiers",
            "add `users = { file = \"userlist.txt\" }` or `auth_query`",
        ),
        word::Binding::StripPlus if !has_users => (
            "a client that comes by TLS sees that the offer to bind was taken away, and the upstream refuses it",
            "add `users` or `auth_query`, so that the login ends here; or let clients on this host come in cleartext",
        ),
        word::Binding::SharedCertificate if !has_users => (
            "clients that come in cleartext see no certificate, so none is shared",
            "take `binding` out: the offer to bind is kept from them",
        ),
        _ => (
            "`users` and `auth_query` are for logins that end here, and this `binding` lets them pass",
            "take one of the two out",
        ),
    }
}

fn place<'w>(written: &'w [At<written::Listener>], name: &PartyName) -> Option<&'w At<written::Listener>> {
    written.iter().find(|at| at.value.name.written().is_some_and(|written| written.value == *name))
}

fn is_there<T>(key: &Optional<T>) -> bool {
    !matches!(key, Optional::Absent)
}
