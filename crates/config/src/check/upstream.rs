//! Upstreams: where they are, and how the way to them is protected.

use std::path::Path;

use hermetic_hop::{Exception, PartyName};
use hermetic_tls::{Identity, SecurityPolicy, SpiffeId};
use jiff::tz::TimeZone;

use super::Check;
use super::parties::is_local;
use crate::model::{Endpoint, Upstream, UpstreamTransport};
use crate::period::Period;
use crate::written::table::{At, Optional};
use crate::written::text::FarEnd;
use crate::written::{self, Tls, default};

impl Check<'_, '_> {
    pub(super) fn upstream(&mut self, written: &At<written::Upstream>) -> Option<Upstream> {
        let upstream = &written.value;
        let endpoints = self.endpoints(upstream);
        let transport = match (&upstream.tls, &upstream.cleartext) {
            (Optional::Written(tls), Optional::Absent) => self.tls(tls, endpoints.as_deref(), upstream),
            (Optional::Absent, _) => self.cleartext(upstream, endpoints.as_deref()),
            (Optional::Written(tls), Optional::Written(cleartext)) => {
                let message = "this upstream has both `tls` and `cleartext`";
                self.problems.tell(
                    tls.key.max(cleartext.key),
                    message,
                    "keep `tls`: then no exception is needed",
                );
                self.tls(tls, endpoints.as_deref(), upstream);
                self.exception(&cleartext.value);
                None
            }
            (Optional::Wrong, _) | (_, Optional::Wrong) => None,
        };
        let endpoints = endpoints?.into_iter().map(|endpoint| self.placed(endpoint.value)).collect();
        Some(Upstream {
            name: upstream.name.written()?.value.clone(),
            endpoints,
            transport: transport?,
            http2: upstream.http2.or(false)?,
            connect_timeout: upstream.connect_timeout.or(Period(default::CONNECT_TIMEOUT))?.0,
            response_timeout: upstream.response_timeout.or(Period(default::RESPONSE_TIMEOUT))?.0,
        })
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

    fn tls(
        &mut self,
        written: &At<Tls>,
        endpoints: Option<&[At<Endpoint>]>,
        upstream: &written::Upstream,
    ) -> Option<UpstreamTransport> {
        let tls = &written.value;
        if let Some(http2) = upstream.http2.written()
            && http2.value
        {
            let message = "under TLS, HTTP/2 is negotiated, so `http2` has no meaning";
            self.problems.tell(http2.key, message, "take it out");
        }
        let trust = tls.trust.written().and_then(|source| self.trust(source));
        let name = self.far_end(written, endpoints);
        let identity = self.identity(&tls.identity);
        Some(UpstreamTransport::Tls {
            policy: tls.policy.or(SecurityPolicy::default_policy())?,
            trust: trust?,
            name: name?,
            identity: identity?,
        })
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

    fn identity(&mut self, written: &Optional<PartyName>) -> Option<Option<PartyName>> {
        if let Optional::Written(At { at, value, .. }) = written
            && SpiffeId::new(&self.trust_domain, value.as_str()).is_err()
        {
            let message = format!("`{value}` can't be the end of a SPIFFE ID");
            self.problems.tell(*at, message, "choose a name with a letter in it");
            return None;
        }
        written.if_any()
    }

    fn cleartext(
        &mut self,
        upstream: &written::Upstream,
        endpoints: Option<&[At<Endpoint>]>,
    ) -> Option<UpstreamTransport> {
        let exception = match &upstream.cleartext {
            Optional::Absent => None,
            Optional::Wrong => return None,
            Optional::Written(written) => Some((written.key, self.exception(&written.value)?)),
        };
        let remote = endpoints?.iter().find(|endpoint| !is_local(&endpoint.value));
        match (remote, exception) {
            (None, None) => Some(UpstreamTransport::Cleartext { local: true, exception: None }),
            (Some(_), Some((_, exception))) => {
                Some(UpstreamTransport::Cleartext { local: false, exception: Some(exception) })
            }
            (Some(remote), None) => {
                let message = "cleartext to this endpoint can leave the host";
                let hint = "add `tls = { trust = … }`, or for a time `cleartext = { reason = …, owner = …, until = … }`";
                self.problems.tell(remote.at, message, hint);
                None
            }
            (None, Some((key, _))) => {
                let message =
                    "cleartext to loopback and unix sockets can't leave the host and needs no exception";
                self.problems.tell(key, message, "take `cleartext` out");
                None
            }
        }
    }

    fn exception(&mut self, written: &written::Cleartext) -> Option<Exception> {
        let until = written.until.written()?;
        let today = TimeZone::UTC.to_datetime(self.now).date();
        let exception = Exception {
            reason: written.reason.written()?.value.0.clone(),
            owner: written.owner.written()?.value.0.clone(),
            until: until.value,
        };
        if !exception.holds_on(today) {
            let message = format!("this exception ended with {}; today is {today} (UTC)", exception.until);
            let hint = format!("protect the upstream with `tls`, or ask {} for a new date", exception.owner);
            self.problems.tell(until.at, message, hint);
            return None;
        }
        Some(exception)
    }
}
