//! The certificates that a configuration needs of the authority, issued and kept renewed.

use std::collections::HashMap;
use std::sync::Arc;

use hermetic_authority::{Authority, Request, Stored};
use hermetic_config::{
    CertificateSource, Configuration, HookAction, Issuance, Presented, StoredCertificate, UpstreamTls,
};
use hermetic_gateway::{Credentials, MockSecret};
use hermetic_hop::PartyName;
use hermetic_tls::{
    Clock, CredentialHandle, Identity, Randomness, RevokedCertificates, SpiffeId, TicketKeys,
};
use hermetic_x509::ProfileKind;

use super::UpError;
use crate::part::protocol::Role;
use crate::settings;

/// What the secret is for by which strangers are not told from users.
const MOCK: &str = "mock verifiers of users who are not known";

/// What lasts as long as the process, whatever is configured.
#[derive(Clone, Debug)]
pub struct Lasting {
    /// What the authority has revoked.
    pub revoked: RevokedCertificates,
    /// The keys of session tickets.
    pub tickets: TicketKeys,
    /// What the verifiers of users come from who are not known.
    pub mock_secret: MockSecret,
    /// Chance, for the nonces of logins.
    pub randomness: Arc<dyn Randomness>,
}

impl Lasting {
    /// That of a process that starts.
    pub async fn new(
        authority: &Authority,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
    ) -> Result<Self, UpError> {
        // Without them sessions are lost, which is no reason to serve nobody.
        let keys = authority.ticket_keys().await.unwrap_or_else(|error| {
            tracing::error!(%error, "the kept keys of session tickets can't be used; sessions begin anew");
            Vec::new()
        });
        let tickets = TicketKeys::holding(keys, clock, randomness.clone())
            .map_err(|error| UpError::System(error.to_string()))?;
        let mock_secret = MockSecret::new(authority.secret(MOCK)?);
        Ok(Self { revoked: RevokedCertificates::default(), tickets, mock_secret, randomness })
    }

    /// That of credentials in use.
    pub fn of(credentials: &Credentials) -> Self {
        let Credentials { revoked, tickets, mock_secret, randomness, .. } = credentials.clone();
        Self { revoked, tickets, mock_secret, randomness }
    }
}

/// Issues what is missing, takes what is there, and has all of it renewed from now on.
pub async fn issue(
    configuration: &Configuration,
    authority: &Authority,
    lasting: Lasting,
) -> Result<Credentials, UpError> {
    authority.follow(settings::terms(configuration));
    let mut listeners = HashMap::new();
    let mut identities = HashMap::new();
    for Needed { party, role, names, issuance } in needed(configuration) {
        let kind = if role == Role::Listener { ProfileKind::Server } else { ProfileKind::Client };
        let usual = Request::new(subject(&party, role), kind, names);
        let profile = configuration.profile(&issuance.profile);
        let request = Request {
            profile: issuance.profile.to_string(),
            issuer: Some(issuance.issuer),
            key: profile.and_then(|profile| profile.key_algorithms().first().copied()).unwrap_or(usual.key),
            ..usual
        };
        let handle = authority.maintain(request).await?;
        match role {
            Role::Listener => listeners.insert(party, handle),
            Role::Identity => identities.insert(party, handle),
        };
    }
    let Lasting { revoked, tickets, mock_secret, randomness } = lasting;
    let anchors = authority.trust_anchors()?;
    Ok(Credentials {
        anchors,
        listeners,
        stored: stored(configuration, authority).await?,
        identities,
        revoked,
        tickets,
        mock_secret,
        randomness,
    })
}

/// The certificates of the store that listeners name, followed from now on. One that is not there is missing:
/// the gateway says whose.
async fn stored(
    configuration: &Configuration,
    authority: &Authority,
) -> Result<HashMap<StoredCertificate, CredentialHandle>, UpError> {
    let mut stored = HashMap::new();
    let terminations = configuration.listeners.iter().filter_map(|listener| listener.termination());
    for source in terminations.flat_map(|termination| &termination.certificates) {
        let CertificateSource::Stored(which) = source else { continue };
        let meant = match which {
            StoredCertificate::Name(name) => Stored::Named(name.clone()),
            StoredCertificate::Serial(serial) => Stored::Numbered(serial.clone()),
        };
        if let Some(handle) = authority.serve_stored(&meant).await? {
            stored.insert(which.clone(), handle);
        }
    }
    Ok(stored)
}

/// What a certificate is recorded as.
pub fn subject(party: &PartyName, role: Role) -> String {
    match role {
        Role::Listener => format!("listener {party}"),
        Role::Identity => format!("identity {party}"),
    }
}

/// A certificate that is needed.
struct Needed {
    party: PartyName,
    role: Role,
    names: Vec<Identity>,
    issuance: Issuance,
}

fn needed(configuration: &Configuration) -> Vec<Needed> {
    let mut needed = Vec::new();
    for listener in &configuration.listeners {
        let Some(termination) = listener.termination() else { continue };
        for source in &termination.certificates {
            if let CertificateSource::Authority { identities, issuance } = source {
                needed.push(Needed {
                    party: listener.name.clone(),
                    role: Role::Listener,
                    names: identities.clone(),
                    issuance: issuance.clone(),
                });
            }
        }
    }
    let of_upstreams = configuration.upstreams.iter().filter_map(|upstream| upstream.transport.tls());
    let of_hooks = configuration.hooks.iter().filter_map(|hook| match &hook.action {
        HookAction::Webhook { tls, .. } => Some(&**tls),
        HookAction::Run { .. } => None,
    });
    for tls in of_upstreams.chain(of_hooks) {
        let UpstreamTls { identity: Some(Presented { party, issuance }), .. } = tls else { continue };
        let trust_domain = &configuration.authority.trust_domain;
        let known = needed.iter().any(|known| known.party == *party && known.role == Role::Identity);
        if let (false, Ok(id)) = (known, SpiffeId::new(trust_domain, party.as_str())) {
            let (party, names, issuance) = (party.clone(), vec![Identity::Spiffe(id)], issuance.clone());
            needed.push(Needed { party, role: Role::Identity, names, issuance });
        }
    }
    needed
}
