//! The certificates that a configuration needs of the authority, issued and kept renewed.

use std::collections::HashMap;
use std::sync::Arc;

use hermetic_authority::{Authority, Request, Usage};
use hermetic_config::{CertificateSource, Configuration, Protocol, UpstreamTransport};
use hermetic_gateway::Credentials;
use hermetic_hop::PartyName;
use hermetic_tls::{Clock, Identity, Randomness, SpiffeId, TicketKeys};

use super::UpError;
use crate::part::protocol::Role;

/// Issues what is missing, takes what is there, and has all of it renewed from now on.
pub async fn issue(
    configuration: &Configuration,
    authority: &Authority,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
) -> Result<Credentials, UpError> {
    let mut listeners = HashMap::new();
    let mut identities = HashMap::new();
    for (party, role, names) in needed(configuration) {
        let usage = if role == Role::Listener { Usage::Server } else { Usage::Client };
        let subject = subject(&party, role);
        let request =
            Request { subject, identities: names, usage, lifetime: configuration.authority.lifetime };
        let handle = authority.maintain(request).await?;
        match role {
            Role::Listener => listeners.insert(party, handle),
            Role::Identity => identities.insert(party, handle),
        };
    }
    let tickets =
        TicketKeys::generate(clock, randomness).map_err(|error| UpError::System(error.to_string()))?;
    Ok(Credentials { anchors: authority.trust_anchors(), listeners, identities, tickets })
}

/// What a certificate is recorded as.
pub fn subject(party: &PartyName, role: Role) -> String {
    match role {
        Role::Listener => format!("listener {party}"),
        Role::Identity => format!("identity {party}"),
    }
}

fn needed(configuration: &Configuration) -> Vec<(PartyName, Role, Vec<Identity>)> {
    let mut needed = Vec::new();
    for listener in &configuration.listeners {
        let Protocol::Https(https) = &listener.protocol else { continue };
        for source in &https.certificates {
            if let CertificateSource::Authority(names) = source {
                needed.push((listener.name.clone(), Role::Listener, names.clone()));
            }
        }
    }
    for upstream in &configuration.upstreams {
        let UpstreamTransport::Tls { identity: Some(party), .. } = &upstream.transport else { continue };
        let trust_domain = &configuration.authority.trust_domain;
        let known = needed.iter().any(|(have, role, _)| have == party && *role == Role::Identity);
        if let (false, Ok(id)) = (known, SpiffeId::new(trust_domain, party.as_str())) {
            needed.push((party.clone(), Role::Identity, vec![Identity::Spiffe(id)]));
        }
    }
    needed
}
