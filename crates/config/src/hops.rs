//! The hops that a configuration declares.

use hermetic_hop::{Checked, Declared, HopName, Mode, PartyName, TlsFacts, Transport};
use hermetic_tls::{Identity, ProtocolVersion, SecurityPolicy};

use crate::model::{
    Clients, Configuration, Destination, Https, Listener, Protocol, Upstream, UpstreamTransport,
};

/// What the two ends say of one hop; at least one of them is ours.
struct Ends<'c> {
    name: HopName,
    server: Option<&'c Https>,
    client: Option<&'c Upstream>,
}

impl Configuration {
    /// The hops that it declares: into each listener, and from each listener to each upstream that
    /// it routes to. A listener and an upstream of one name are one party.
    pub fn hops(&self) -> Vec<Declared> {
        let mut hops: Vec<Ends<'_>> = Vec::new();
        for (listener, https) in self.listeners.iter().filter_map(serving) {
            for caller in self.callers(https) {
                let name = HopName::new(caller, listener.name.clone());
                note(&mut hops, Ends { name, server: Some(https), client: None });
            }
            for upstream in https.routes.iter().filter_map(|route| self.led_to(&route.to)) {
                let name = HopName::new(listener.name.clone(), upstream.name.clone());
                note(&mut hops, Ends { name, server: None, client: Some(upstream) });
            }
        }
        hops.iter().map(Ends::declared).collect()
    }

    /// Who connects to a listener: the parties of this configuration that it allows, and `client`
    /// where it allows anybody else.
    fn callers(&self, https: &Https) -> Vec<PartyName> {
        let Some(allow) = &https.allow else { return vec![PartyName::client()] };
        let mut callers = Vec::new();
        for identity in allow {
            let caller = self.party(identity).unwrap_or_else(PartyName::client);
            if !callers.contains(&caller) {
                callers.push(caller);
            }
        }
        callers
    }

    /// The party that an identity belongs to: a listener's name, or one presented to an upstream.
    fn party(&self, identity: &Identity) -> Option<PartyName> {
        let Identity::Spiffe(id) = identity else { return None };
        if *id.trust_domain() != self.authority.trust_domain {
            return None;
        }
        let presented = self.upstreams.iter().filter_map(|upstream| match &upstream.transport {
            UpstreamTransport::Tls { identity, .. } => identity.as_ref(),
            UpstreamTransport::Cleartext { .. } => None,
        });
        let listeners = self.listeners.iter().map(|listener| &listener.name);
        listeners.chain(presented).find(|name| name.as_str() == id.path()).cloned()
    }

    fn led_to(&self, destination: &Destination) -> Option<&Upstream> {
        match destination {
            Destination::Upstream(name) => self.upstream(name),
            Destination::Path => None,
        }
    }
}

/// A redirect carries no content, so nothing into it is a hop.
fn serving(listener: &Listener) -> Option<(&Listener, &Https)> {
    match &listener.protocol {
        Protocol::Https(https) => Some((listener, https)),
        Protocol::Redirect { .. } => None,
    }
}

/// Adds a hop, or what another end says of a hop that is there.
fn note<'c>(hops: &mut Vec<Ends<'c>>, ends: Ends<'c>) {
    match hops.iter_mut().find(|known| known.name == ends.name) {
        Some(known) => {
            known.server = known.server.or(ends.server);
            known.client = known.client.or(ends.client);
        }
        None => hops.push(ends),
    }
}

impl Ends<'_> {
    fn declared(&self) -> Declared {
        let (policy, transport) = match self.client.map(|upstream| &upstream.transport) {
            Some(UpstreamTransport::Cleartext { local, .. }) => {
                (SecurityPolicy::default_policy(), Transport::Cleartext { local: *local })
            }
            Some(UpstreamTransport::Tls { policy, identity, .. }) => {
                let presented = if identity.is_some() { Checked::NotObservable } else { Checked::NotAsked };
                (
                    *policy,
                    self.tls(Checked::Verified, self.server.map_or(presented, client_checked), Some(policy)),
                )
            }
            None => {
                let checked = self.server.map_or(Checked::NotObservable, client_checked);
                let policy = self.server.map_or_else(SecurityPolicy::default_policy, |https| https.policy);
                (policy, self.tls(Checked::NotObservable, checked, None))
            }
        };
        Declared { name: self.name.clone(), mode: Mode::Require, policy, transport: Some(transport) }
    }

    /// Both ends must agree on a version, so the lowest possible is the higher of their lowest.
    fn tls(
        &self,
        server_checked: Checked,
        client_checked: Checked,
        client: Option<&SecurityPolicy>,
    ) -> Transport {
        let policies = client.into_iter().chain(self.server.map(|https| https.policy));
        let version = policies.filter_map(lowest_servable).max();
        Transport::Tls(Box::new(TlsFacts { version, server_checked, client_checked, ..TlsFacts::default() }))
    }
}

/// Whoever is let in by name has shown a certificate.
fn client_checked(https: &Https) -> Checked {
    match (&https.clients, &https.allow) {
        (Clients::Required(_), _) | (Clients::Optional(_), Some(_)) => Checked::Verified,
        (Clients::Optional(_) | Clients::None, _) => Checked::NotAsked,
    }
}

fn lowest_servable(policy: &SecurityPolicy) -> Option<ProtocolVersion> {
    policy.servable_versions().into_iter().min()
}
