//! How the TLS of a listener's clients ends, ready to serve.

use std::sync::Arc;

use hermetic_config::{Admitted, CertificateSource, ClientCrl, Clients, Termination, Trust};
use hermetic_guard::Settings;
use hermetic_hop::{Demand, PartyName};
use hermetic_tls::{
    ClientCertificates, CredentialHandle, Revocations, SecurityPolicy, ServerHandshake, ServerSettings,
    TrustDomain,
};

use super::{Builder, Credentials};
use crate::crl;
use crate::error::GatewayError;

/// How the TLS of a listener's clients ends.
#[derive(Debug)]
pub(crate) struct TerminationSnapshot {
    pub handshake: ServerHandshake,
    pub demand: Demand,
    pub policy: &'static SecurityPolicy,
    pub allow: Option<Vec<Admitted>>,
    /// What the guard's rules do.
    pub guard: Arc<Settings>,
    /// Whether clients are asked for a certificate.
    pub asks_clients: bool,
    /// Bytes in either direction after which keys are changed.
    pub key_update_after: u64,
    /// Which certificates of clients are revoked, and the files that say so.
    pub revocations: Revocations,
    pub client_crl: Option<(ClientCrl, Trust)>,
    /// Whether everybody who comes in is an authenticated party whose word about the path counts.
    pub authenticates: bool,
    pub trust_domain: TrustDomain,
}

impl Builder<'_> {
    pub(super) fn termination(
        &self,
        name: &PartyName,
        termination: &Termination,
        alpn: Vec<String>,
    ) -> Result<TerminationSnapshot, GatewayError> {
        self.termination_with(name, termination, alpn, self.revocations(name, termination)?)
    }

    /// The same for one of several terminations of a listener, which know of the same revoked certificates.
    pub(super) fn termination_with(
        &self,
        name: &PartyName,
        termination: &Termination,
        alpn: Vec<String>,
        revocations: Revocations,
    ) -> Result<TerminationSnapshot, GatewayError> {
        let clients = match &termination.clients {
            Clients::None => ClientCertificates::None,
            Clients::Optional(trust) => ClientCertificates::Optional(self.anchors(name, trust)?),
            Clients::Required(trust) => ClientCertificates::Required(self.anchors(name, trust)?),
        };
        let authenticates = matches!(clients, ClientCertificates::Required(_)) && termination.allow.is_some();
        let asks_clients = !matches!(clients, ClientCertificates::None);
        let settings = ServerSettings {
            policy: termination.policy,
            certificates: self.certificates(name, &termination.certificates)?,
            unknown_sni: termination.unknown_sni,
            clients,
            revocations: revocations.clone(),
            alpn,
        };
        let handshake = ServerHandshake::new(settings, &self.credentials.tickets, self.clock.clone())
            .map_err(|source| GatewayError::Settings { party: name.clone(), source })?;
        Ok(TerminationSnapshot {
            handshake,
            demand: termination.demand.clone(),
            policy: termination.policy,
            allow: termination.allow.clone(),
            guard: termination.guard.clone(),
            asks_clients,
            key_update_after: self.key_update_after,
            revocations,
            client_crl: termination.client_crl.clone().zip(termination.clients.trust().cloned()),
            authenticates,
            trust_domain: self.configuration.authority.trust_domain.clone(),
        })
    }

    /// What is known of revoked certificates: by the CRLs where some are demanded, and by our authority.
    pub(super) fn revocations(
        &self,
        name: &PartyName,
        termination: &Termination,
    ) -> Result<Revocations, GatewayError> {
        let revoked = &self.credentials.revoked;
        let (Some(crl), Some(trust)) = (&termination.client_crl, termination.clients.trust()) else {
            return Ok(Revocations::by_authority(revoked));
        };
        crl::warn_of_stale(name, &crl.lists, self.clock.now());
        Revocations::by_lists(crl.lists.clone(), &self.anchors(name, trust)?, revoked)
            .map_err(|source| GatewayError::ClientCrl { party: name.clone(), source })
    }

    fn certificates(
        &self,
        party: &PartyName,
        sources: &[CertificateSource],
    ) -> Result<Vec<CredentialHandle>, GatewayError> {
        let Credentials { listeners, stored, .. } = self.credentials;
        let missing = || GatewayError::NoCredential { party: party.clone() };
        sources
            .iter()
            .map(|source| match source {
                CertificateSource::Authority { .. } => listeners.get(party).cloned().ok_or_else(missing),
                CertificateSource::Stored(which) => {
                    let absent = || GatewayError::NotStored { party: party.clone(), which: which.clone() };
                    stored.get(which).cloned().ok_or_else(absent)
                }
                CertificateSource::Files { credential, .. } => Ok(CredentialHandle::new(credential.clone())),
            })
            .collect()
    }
}
