//! Upstreams: where they are, and how the way to them is protected.

use std::path::Path;

use hermetic_hop::Demand;
use hermetic_tls::{Fingerprint, Identity, SecurityPolicy};

use super::Check;
use super::parties::is_local;
use super::proxy_protocol;
use crate::model::{Endpoint, Upstream, UpstreamTls, UpstreamTransport};
use crate::period::Period;
use crate::written::table::{At, Optional};
use crate::written::text::FarEnd;
use crate::written::value::List;
use crate::written::{self, Tls, default};

impl Check<'_, '_> {
    pub(super) fn upstream(&mut self, written: &At<written::Upstream>) -> Option<Upstream> {
        let upstream = &written.value;
        let endpoints = self.endpoints(upstream);
        let through = upstream.name.written().and_then(|name| self.parties.passed_through_to(&name.value));
        let transport = match through {
            Some(route) => self.passed_through(upstream, route),
            None => self.transport(upstream, endpoints.as_deref()),
        };
        let policy_document = self.policy_document(&upstream.policy_document);
        let endpoints = endpoints?.into_iter().map(|endpoint| self.placed(endpoint.value)).collect();
        Some(Upstream {
            name: upstream.name.written()?.value.clone(),
            endpoints,
            transport: transport?,
            proxy_protocol: proxy_protocol::version(&upstream.proxy_protocol)?,
            sslnegotiation: self.sslnegotiation(upstream)?,
            policy_document: policy_document?,
            http2: upstream.http2.or(false)?,
            connect_timeout: upstream.connect_timeout.or(Period(default::CONNECT_TIMEOUT))?.0,
            response_timeout: upstream.response_timeout.or(Period(default::RESPONSE_TIMEOUT))?.0,
        })
    }

    /// An upstream that TLS passes through to: nothing is put around or instead of it.
    fn passed_through(&mut self, upstream: &written::Upstream, route: usize) -> Option<UpstreamTransport> {
        let line = self.problems.line(route);
        let keys = [
            ("tls", upstream.tls.written().map(|tls| tls.key), "so it can't begin here as well"),
            ("mode", upstream.mode.written().map(|at| at.key), "so nothing is in cleartext"),
            ("cleartext", upstream.cleartext.written().map(|at| at.key), "so nothing is in cleartext"),
            ("http2", upstream.http2.written().map(|at| at.key), "so the client negotiates what is spoken"),
        ];
        let mut holds =
            !matches!((&upstream.tls, &upstream.cleartext), (Optional::Wrong, _) | (_, Optional::Wrong));
        for (key, at, reason) in keys {
            let Some(at) = at else { continue };
            let message =
                format!("the client's TLS passes through to here by the route in line {line}, {reason}");
            let hint = format!("take `{key}` out, or `passthrough` out of that route");
            self.problems.tell(at, message, hint);
            holds = false;
        }
        holds.then_some(UpstreamTransport::Passthrough)
    }

    fn endpoints(&mut self, upstream: &written::Upstream) -> Option<Vec<At<Endpoint>>> {
        let endpoints = upstream.endpoints.written()?;
        if endpoints.value.0.is_empty() {
            let hint = "write at least one, such as \"app.internal:8443\"";
            self.problems.tell(endpoints.at, "an upstream without endpoints leads nowhere", hint);
            return None;
        }
        Some(endpoints.value.0.clone())
    }

    /// A socket's path starts at the folder of the configuration too.
    fn placed(&self, endpoint: Endpoint) -> Endpoint {
        match endpoint {
            Endpoint::Unix(path) => Endpoint::Unix(self.folder.join::<&Path>(path.as_ref())),
            tcp @ Endpoint::Tcp { .. } => tcp,
        }
    }

    fn tls(&mut self, written: &At<Tls>, endpoints: Option<&[At<Endpoint>]>) -> Option<UpstreamTls> {
        let tls = &written.value;
        let trust = tls.trust.written().and_then(|source| self.trust(source));
        let name = self.far_end(written, endpoints);
        let identity = self.presented(&tls.identity, &tls.profile, &tls.issuer);
        let pins = self.pins(&tls.pin);
        Some(UpstreamTls {
            policy: tls.policy.or(SecurityPolicy::default_policy())?,
            trust: trust?,
            name: name?,
            pins: pins?,
            identity: identity?,
        })
    }

    pub(super) fn pins(&mut self, written: &Optional<List<Fingerprint>>) -> Option<Vec<Fingerprint>> {
        let pins = match written {
            Optional::Absent => return Some(Vec::new()),
            Optional::Wrong => return None,
            Optional::Written(pins) => pins,
        };
        if pins.value.0.is_empty() {
            let message = "no certificate is in an empty `pin`, so nobody could be the upstream";
            self.problems.tell(pins.at, message, "name a certificate, or take `pin` out");
            return None;
        }
        Some(pins.value.0.iter().map(|pin| pin.value).collect())
    }

    /// Who the far end must be: as written, or the one host of all endpoints.
    fn far_end(&mut self, tls: &At<Tls>, endpoints: Option<&[At<Endpoint>]>) -> Option<Identity> {
        match &tls.value.name {
            Optional::Written(At { value: FarEnd(identity), .. }) => return Some(identity.clone()),
            Optional::Wrong => return None,
            Optional::Absent => {}
        }
        let endpoints = endpoints?;
        let hosts: Option<Vec<&str>> = endpoints
            .iter()
            .map(|endpoint| match &endpoint.value {
                Endpoint::Tcp { host, .. } => Some(host.as_str()),
                Endpoint::Unix(_) => None,
            })
            .collect();
        let shared = hosts.and_then(|hosts| {
            let first = *hosts.first()?;
            hosts.iter().all(|host| *host == first).then_some(first)
        });
        let identity = shared.and_then(|host| Identity::host(host).ok());
        if identity.is_none() {
            let message = "who the far end must be can't be told from the endpoints: they share no host";
            self.problems.tell(tls.at, message, "add `name = \"app.internal\"` to `tls`");
        }
        identity
    }

    fn transport(
        &mut self,
        upstream: &written::Upstream,
        endpoints: Option<&[At<Endpoint>]>,
    ) -> Option<UpstreamTransport> {
        let hint = "protect the upstream with `tls`";
        let demand = self.demand(&upstream.mode, &upstream.cleartext, hint);
        let tls = match &upstream.tls {
            Optional::Absent => Some(None),
            Optional::Wrong => None,
            Optional::Written(tls) => self.tls(tls, endpoints).map(Some),
        };
        let remote = endpoints?.iter().find(|endpoint| !is_local(&endpoint.value));
        let local = remote.is_none();
        match (demand?, tls?) {
            (Demand::Require, Some(tls)) => {
                self.negotiated_http2(upstream);
                Some(UpstreamTransport::Tls(tls))
            }
            (Demand::Prefer(exception), Some(tls)) => {
                Some(UpstreamTransport::Preferred { tls, local, exception })
            }
            (Demand::Observe(exception), Some(tls)) => {
                Some(UpstreamTransport::Cleartext { local, exception: Some(exception), tls: Some(tls) })
            }
            (Demand::Prefer(_), None) => {
                let message = "which TLS is preferred is not said";
                let hint = "add `tls = { trust = … }`, or write `mode = \"observe\"`";
                self.problems.tell(upstream.mode.written()?.at, message, hint);
                None
            }
            (Demand::Require, None) => self.on_this_host(remote),
            (Demand::Observe(exception), None) => {
                self.needless(upstream, local);
                Some(UpstreamTransport::Cleartext { local, exception: Some(exception), tls: None })
            }
        }
    }

    /// Without `tls` and without an exception, nothing may leave the host.
    fn on_this_host(&mut self, remote: Option<&At<Endpoint>>) -> Option<UpstreamTransport> {
        let Some(remote) = remote else {
            return Some(UpstreamTransport::Cleartext { local: true, exception: None, tls: None });
        };
        let message = "cleartext to this endpoint can leave the host";
        let hint = "add `tls = { trust = … }`, or for a time `mode = \"observe\"` with \
                    `cleartext = { reason = …, owner = …, until = … }`";
        self.problems.tell(remote.at, message, hint);
        None
    }

    /// An exception for what needs none.
    fn needless(&mut self, upstream: &written::Upstream, local: bool) {
        if let Some(cleartext) = upstream.cleartext.written()
            && local
        {
            let message =
                "cleartext to loopback and unix sockets can't leave the host and needs no exception";
            self.problems.tell(cleartext.key, message, "take `mode` and `cleartext` out");
        }
    }

    fn negotiated_http2(&mut self, upstream: &written::Upstream) {
        if let Some(http2) = upstream.http2.written()
            && http2.value
        {
            let message = "under TLS, HTTP/2 is negotiated, so `http2` has no meaning";
            self.problems.tell(http2.key, message, "take it out");
        }
    }
}
