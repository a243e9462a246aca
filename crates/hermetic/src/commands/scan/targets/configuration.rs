//! The targets of a hermetic.toml: its listeners, the endpoints of its upstreams, and the far ends of hops that
//! are not ours.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;
use std::sync::Arc;

use hermetic_config::{
    CertificateSource, Configuration, Endpoint, Listener, Protocol, Trust, Upstream, UpstreamTransport,
};
use hermetic_hop::{ExternalEndpoint, HopName, PartyName, Scheme};
use hermetic_probe::Target;
use hermetic_tls::{Clock, Identity, RevokedCertificates, SystemClock, TrustAnchors};

use super::{HopOf, Named, Targets};
use crate::commands::scan::target::Given;
use crate::exit::Failure;
use crate::outside::{self, OutsideError};

/// Each far end that TLS is spoken with, and each that should speak it. Nobody is believed whom our authority has
/// revoked.
pub async fn targets(path: &Path, given: &Arc<Given>) -> Result<Targets, Failure> {
    let configuration = hermetic_config::read(path, &SystemClock)?;
    let revoked = match believes_our_authority(&configuration) {
        true => outside::revoked(&configuration, SystemClock.now()).await?,
        false => RevokedCertificates::default(),
    };
    let all = of(&configuration, given, &revoked)
        .map_err(|error| Failure::unable(error.to_string()).at(path.display().to_string()))?;
    Ok(Box::new(all.into_iter().map(Ok)))
}

/// The same of a configuration that is read already. Nobody is believed whom our authority has revoked.
pub fn of(
    configuration: &Configuration,
    given: &Given,
    revoked: &RevokedCertificates,
) -> Result<Vec<Named>, OutsideError> {
    Reading { configuration, given, revoked }.all()
}

/// A configuration that is being read.
struct Reading<'a> {
    configuration: &'a Configuration,
    given: &'a Given,
    /// Whom our authority has revoked.
    revoked: &'a RevokedCertificates,
}

impl Reading<'_> {
    fn all(&self) -> Result<Vec<Named>, OutsideError> {
        let mut all = Vec::new();
        for listener in &self.configuration.listeners {
            all.extend(self.listener(listener)?);
        }
        for upstream in &self.configuration.upstreams {
            self.upstream(upstream, &mut all)?;
        }
        for hop in &self.configuration.external {
            if let (Some(endpoint), Some(expected)) = (&hop.endpoint, &hop.expected) {
                let trust = outside::anchors(&hop.trust, &hop.name, &self.configuration.data)?;
                let target = self.target(endpoint.clone(), expected.clone(), trust, hop.policy);
                all.push(self.named(target, Some(hop.name.clone())));
            }
        }
        Ok(all)
    }

    /// A redirect carries no content, and of bytes in cleartext there is nothing to ask.
    fn listener(&self, listener: &Listener) -> Result<Option<Named>, OutsideError> {
        let scheme = match &listener.protocol {
            Protocol::Https(_) | Protocol::Http(_) => Scheme::Https,
            Protocol::Postgres(_) => Scheme::Postgres,
            Protocol::Stream(_) if listener.termination().is_some() => Scheme::Tls,
            Protocol::Stream(_) | Protocol::Redirect(_) => return Ok(None),
        };
        let hop = HopName::new(PartyName::client(), listener.name.clone());
        let ip = here(listener.bind.ip());
        let endpoint = ExternalEndpoint { scheme, host: ip.to_string(), port: listener.bind.port() };
        let source = listener.termination().and_then(|termination| termination.certificates.first());
        let trust = match source {
            Some(CertificateSource::Authority { .. }) => {
                outside::anchors(&Trust::Authority, &hop, &self.configuration.data)?
            }
            _ => self.given.trust.clone(),
        };
        let named = source.and_then(|source| match source {
            CertificateSource::Authority { identities, .. } => first_name(identities),
            CertificateSource::Files { credential, .. } => first_name(&credential.leaf().identities),
            CertificateSource::Stored(_) => None,
        });
        let expected = named.unwrap_or(Identity::Ip(ip));
        let policy = listener.termination().map_or(self.given.policy, |termination| termination.policy);
        let target = self.target(endpoint, expected, trust, policy);
        Ok(Some(self.named(target, Some(hop))))
    }

    /// Each endpoint, for each of the hops that lead to it.
    fn upstream(&self, upstream: &Upstream, all: &mut Vec<Named>) -> Result<(), OutsideError> {
        let listeners = &self.configuration.listeners;
        let leading = listeners.iter().find(|listener| listener.upstreams().contains(&&upstream.name));
        let hop = leading.map(|listener| HopName::new(listener.name.clone(), upstream.name.clone()));
        let is_postgres = leading.is_some_and(|it| matches!(it.protocol, Protocol::Postgres(_)));
        let is_http = leading.is_some_and(|it| matches!(it.protocol, Protocol::Https(_) | Protocol::Http(_)));
        let scheme = match (is_postgres, is_http) {
            (true, _) => Scheme::Postgres,
            (_, true) => Scheme::Https,
            _ if matches!(upstream.transport, UpstreamTransport::Cleartext { .. }) => return Ok(()),
            _ => Scheme::Tls,
        };
        for endpoint in &upstream.endpoints {
            // Nothing of a unix socket leaves the host.
            let Endpoint::Tcp { host, port } = endpoint else { continue };
            let endpoint = ExternalEndpoint { scheme, host: host.clone(), port: *port };
            let tls = upstream.transport.tls();
            let (trust, policy) = match (tls, &hop) {
                (Some(tls), Some(hop)) => {
                    (outside::anchors(&tls.trust, hop, &self.configuration.data)?, tls.policy)
                }
                _ => (self.given.trust.clone(), self.given.policy),
            };
            let Some(expected) = tls.map(|tls| tls.name.clone()).or_else(|| Identity::host(host).ok()) else {
                continue;
            };
            let target = self.target(endpoint, expected, trust, policy);
            all.push(self.named(target, hop.clone()));
        }
        Ok(())
    }

    fn named(&self, target: Target, hop: Option<HopName>) -> Named {
        let data = || Arc::from(self.configuration.data.as_path());
        Named { target, hop: hop.map(|name| HopOf { name, data: data() }) }
    }

    fn target(
        &self,
        endpoint: ExternalEndpoint,
        expected: Identity,
        trust: TrustAnchors,
        policy: &'static hermetic_tls::SecurityPolicy,
    ) -> Target {
        let (credential, extent) = (self.given.credential.clone(), self.given.extent.clone());
        let revoked = self.revoked.clone();
        Target { endpoint, trust, revoked, expected, policy, credential, extent }
    }
}

/// Whether anything in it is verified by our authority.
fn believes_our_authority(configuration: &Configuration) -> bool {
    let of_listener = |listener: &Listener| {
        let source = listener.termination().and_then(|termination| termination.certificates.first());
        matches!(source, Some(CertificateSource::Authority { .. }))
    };
    let of_upstream = |upstream: &Upstream| {
        upstream.transport.tls().is_some_and(|tls| matches!(tls.trust, Trust::Authority))
    };
    configuration.listeners.iter().any(of_listener)
        || configuration.upstreams.iter().any(of_upstream)
        || configuration.external.iter().any(|hop| matches!(hop.trust, Trust::Authority))
}

/// Where a listener on this address is reached from this host.
fn here(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    }
}

/// The first that a server name can ask for; a wildcard by a name that it covers.
fn first_name(identities: &[Identity]) -> Option<Identity> {
    let dns = identities.iter().find_map(|identity| match identity {
        Identity::Dns(name) => Some(name.as_str()),
        Identity::Ip(_) | Identity::Spiffe(_) => None,
    })?;
    Identity::host(&dns.replacen('*', "www", 1)).ok()
}
