//! The hops that a configuration declares.

mod instance;

use hermetic_hop::{Checked, Declared, Demand, HopName, PartyName, PeerFacts, TlsFacts, Transport};
use hermetic_tls::{Identity, ProtocolVersion, SecurityPolicy};

use crate::model::{
    Admitted, CertificateSource, Clients, Configuration, Listener, Protocol, Termination, Upstream,
    UpstreamTls, UpstreamTransport,
};

/// What the two ends say of one hop; at least one of them is ours.
struct Ends<'c> {
    name: HopName,
    server: Option<Server<'c>>,
    client: Option<&'c Upstream>,
    /// What others may negotiate over it, where it is their TLS that passes through.
    through: Option<&'static SecurityPolicy>,
}

/// How a listener takes the connections of a hop.
#[derive(Clone, Copy)]
struct Server<'c> {
    /// How their TLS ends, where it does.
    termination: Option<&'c Termination>,
    listener: &'c Listener,
}

impl Configuration {
    /// The hops that it declares: into each listener, and from each listener to each upstream that
    /// it routes to. A listener and an upstream of one name are one party. Then those on which the instance
    /// itself is the client.
    pub fn hops(&self) -> Vec<Declared> {
        let mut hops: Vec<Ends<'_>> = Vec::new();
        for server in self.listeners.iter().filter_map(serving) {
            let listener = server.listener;
            for caller in self.callers(server) {
                let name = HopName::new(caller, listener.name.clone());
                let through = listener.passing().map(|(_, policy)| policy).next();
                note(&mut hops, Ends { name, server: Some(server), client: None, through });
            }
            for upstream in listener.upstreams().into_iter().filter_map(|name| self.upstream(name)) {
                let name = HopName::new(listener.name.clone(), upstream.name.clone());
                let through = listener.passes_through_to(&upstream.name);
                note(&mut hops, Ends { name, server: None, client: Some(upstream), through });
            }
        }
        hops.iter().map(Ends::declared).chain(self.hops_of_the_instance()).collect()
    }

    /// Who connects to a listener: the parties of this configuration that it allows, and `client`
    /// where it allows anybody else.
    fn callers(&self, server: Server<'_>) -> Vec<PartyName> {
        let Some(Termination { allow: Some(allow), .. }) = server.termination else {
            return vec![PartyName::client()];
        };
        let mut callers = Vec::new();
        for entry in allow {
            let caller = self.party(entry).unwrap_or_else(PartyName::client);
            if !callers.contains(&caller) {
                callers.push(caller);
            }
        }
        // Whose TLS passes through, nobody here asks who they are.
        if server.listener.passing().next().is_some() && !callers.contains(&PartyName::client()) {
            callers.push(PartyName::client());
        }
        callers
    }

    /// The party that an identity belongs to: a listener's name, or one presented to an upstream.
    fn party(&self, entry: &Admitted) -> Option<PartyName> {
        let Admitted::Identity(Identity::Spiffe(id)) = entry else { return None };
        if *id.trust_domain() != self.authority.trust_domain {
            return None;
        }
        let presented =
            self.upstreams.iter().filter_map(|upstream| upstream.transport.tls()?.identity.as_ref());
        let presented = presented.map(|presented| &presented.party);
        let listeners = self.listeners.iter().map(|listener| &listener.name);
        listeners.chain(presented).find(|name| name.as_str() == id.path()).cloned()
    }
}

/// A redirect carries no content, so nothing into it is a hop.
fn serving(listener: &Listener) -> Option<Server<'_>> {
    let serves = !matches!(listener.protocol, Protocol::Redirect(_));
    serves.then(|| Server { termination: listener.termination(), listener })
}

/// Adds a hop, or what another end says of a hop that is there.
fn note<'c>(hops: &mut Vec<Ends<'c>>, ends: Ends<'c>) {
    match hops.iter_mut().find(|known| known.name == ends.name) {
        Some(known) => {
            known.server = known.server.or(ends.server);
            known.client = known.client.or(ends.client);
            known.through = known.through.or(ends.through);
        }
        None => hops.push(ends),
    }
}

impl Ends<'_> {
    fn declared(&self) -> Declared {
        let termination = self.server.and_then(|server| server.termination);
        let tls = self.client.and_then(|upstream| upstream.transport.tls());
        let own = tls.map(|tls| tls.policy).or(termination.map(|termination| termination.policy));
        let passes = self.passes_through();
        let policy = if passes { self.through.or(own) } else { own };
        let transport = match self.cleartext() {
            Some(local) => Transport::Cleartext { local },
            None if passes => self.passed_through(termination),
            None => self.tls(tls, termination),
        };
        Declared {
            name: self.name.clone(),
            demand: Some(self.demand()),
            policy: policy.unwrap_or_else(SecurityPolicy::default_policy),
            transport: Some(transport),
        }
    }

    /// The stricter of what both ends demand holds.
    fn demand(&self) -> Demand {
        let client = self.client.map(|upstream| upstream.transport.demand());
        let server = self.server.and_then(|server| server.listener.demand());
        match (client, server) {
            (Some(client), Some(server)) => {
                if client == Demand::Require {
                    client
                } else {
                    server
                }
            }
            (client, server) => client.or(server).unwrap_or_default(),
        }
    }

    /// Whether it may be cleartext, and if so, whether that stays on the host.
    fn cleartext(&self) -> Option<bool> {
        let client = self.client.map(|upstream| match upstream.transport {
            UpstreamTransport::Tls(_) | UpstreamTransport::Passthrough => None,
            UpstreamTransport::Preferred { local, .. } | UpstreamTransport::Cleartext { local, .. } => {
                Some(local)
            }
        });
        let server = self.server.map(|Server { termination, listener }| {
            let none_ends = || listener.passing().next().is_none();
            let accepted = termination.map_or_else(none_ends, |it| it.demand != Demand::Require);
            accepted.then(|| listener.bind.ip().to_canonical().is_loopback())
        });
        match (client, server) {
            // It takes both ends to speak cleartext, and what one of them keeps on the host stays.
            (Some(client), Some(server)) => client.zip(server).map(|(near, far)| near || far),
            (client, server) => client.or(server).flatten(),
        }
    }

    /// Whether all TLS over it is that of others, and ends behind it.
    fn passes_through(&self) -> bool {
        match (self.client, self.server) {
            (Some(upstream), _) => upstream.transport == UpstreamTransport::Passthrough,
            (None, Some(Server { termination, listener })) => {
                termination.is_none() && listener.passing().next().is_some()
            }
            (None, None) => false,
        }
    }

    /// TLS of others, of which the policy is kept as their hellos are seen. Who checks whom is theirs to
    /// know, but for a server that is ours.
    fn passed_through(&self, server: Option<&Termination>) -> Transport {
        let policy = self.through.unwrap_or_else(SecurityPolicy::default_policy);
        let of_server = server.and_then(|server| lowest_servable(server.policy));
        let facts = TlsFacts {
            version: policy.lowest_version().max(of_server),
            server_checked: Checked::NotObservable,
            client_checked: server.map_or(Checked::NotObservable, client_checked),
            ..TlsFacts::default()
        };
        Transport::Tls(Box::new(facts))
    }

    fn tls(&self, tls: Option<&UpstreamTls>, termination: Option<&Termination>) -> Transport {
        let client_checked = match (termination, tls) {
            // Of those who pass through, it is not known.
            (Some(_), _) if self.through.is_some() => Checked::NotObservable,
            (Some(termination), _) => client_checked(termination),
            (None, Some(UpstreamTls { identity: None, .. })) => Checked::NotAsked,
            (None, _) => Checked::NotObservable,
        };
        let server_checked = if tls.is_some() { Checked::Verified } else { Checked::NotObservable };
        let policies = [tls.map(|tls| tls.policy), termination.map(|termination| termination.policy)];
        // Both ends must agree on a version, so the lowest possible is the higher of their lowest.
        let version = policies.into_iter().flatten().filter_map(lowest_servable).max();
        let server = termination.and_then(made_for_tests);
        let facts = TlsFacts { version, server, server_checked, client_checked, ..TlsFacts::default() };
        Transport::Tls(Box::new(facts))
    }
}

/// A certificate of a listener that says itself that it is for tests. Which of several a client meets, the name
/// decides that it asks for, and the worst counts.
fn made_for_tests(server: &Termination) -> Option<PeerFacts> {
    let leaves = server.certificates.iter().filter_map(|source| match source {
        CertificateSource::Files { credential, .. } => Some(PeerFacts::of(credential.leaf())),
        CertificateSource::Authority { .. } | CertificateSource::Stored(_) => None,
    });
    leaves.into_iter().find(PeerFacts::is_for_tests)
}

/// Whoever is let in by name has shown a certificate.
fn client_checked(server: &Termination) -> Checked {
    match (&server.clients, &server.allow) {
        (Clients::Required(_), _) | (Clients::Optional(_), Some(_)) => Checked::Verified,
        (Clients::Optional(_) | Clients::None, _) => Checked::NotAsked,
    }
}

fn lowest_servable(policy: &SecurityPolicy) -> Option<ProtocolVersion> {
    policy.servable_versions().into_iter().min()
}
