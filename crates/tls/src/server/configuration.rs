//! Settings as rustls configurations: one for each certificate, alike in everything else.

use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::sign::SingleCertAndKey;

use super::{ClientCertificates, ServerSettings};
use crate::credential::{Credential, CredentialHandle};
use crate::digest::FieldDigest;
use crate::engine::{Engine, EngineClock};
use crate::error::SettingsError;
use crate::identity::Identity;
use crate::ticket::{Partition, TicketKeys};
use crate::trust::TrustAnchors;
use crate::verify::ClientVerifier;
use crate::{Clock, ProtocolVersion};

/// A certificate of a listener, with the configuration that serves it.
#[derive(Debug)]
pub(super) struct Served {
    handle: CredentialHandle,
    base: Arc<ServerConfig>,
    configured: ArcSwap<Configured>,
}

/// A configuration that serves this credential and no other.
#[derive(Debug)]
pub(super) struct Configured {
    pub(super) credential: Arc<Credential>,
    pub(super) config: Arc<ServerConfig>,
}

impl Served {
    pub(super) fn new(handle: CredentialHandle, base: Arc<ServerConfig>) -> Self {
        let configured = ArcSwap::from_pointee(Configured::new(&base, handle.load()));
        Self { handle, base, configured }
    }

    pub(super) fn handle(&self) -> &CredentialHandle {
        &self.handle
    }

    /// The configuration for what the handle holds now; made anew when that was swapped.
    pub(super) fn configured(&self) -> Arc<Configured> {
        let configured = self.configured.load_full();
        let credential = self.handle.load();
        if Arc::ptr_eq(&configured.credential, &credential) {
            return configured;
        }
        let configured = Arc::new(Configured::new(&self.base, credential));
        self.configured.store(Arc::clone(&configured));
        configured
    }
}

impl Configured {
    fn new(base: &ServerConfig, credential: Arc<Credential>) -> Self {
        let mut config = base.clone();
        config.cert_resolver = Arc::new(SingleCertAndKey::from(Arc::clone(credential.certified())));
        Self { credential, config: Arc::new(config) }
    }
}

/// What all certificates of a listener share, with the versions that it serves. It presents nothing
/// itself.
pub(super) fn base_configuration(
    settings: &ServerSettings,
    tickets: &TicketKeys,
    clock: Arc<dyn Clock>,
) -> Result<(Vec<ProtocolVersion>, ServerConfig), SettingsError> {
    let engine = Engine::of(settings.policy)?;
    let verifier: Arc<dyn ClientCertVerifier> = match &settings.clients {
        ClientCertificates::None => WebPkiClientVerifier::no_client_auth(),
        ClientCertificates::Optional(trust) => Arc::new(verifier(settings, &engine, trust, false)),
        ClientCertificates::Required(trust) => Arc::new(verifier(settings, &engine, trust, true)),
    };
    let nothing = Arc::new(rustls::server::ResolvesServerCertUsingSni::new());
    let time = Arc::new(EngineClock(clock));
    let mut config = ServerConfig::builder_with_details(Arc::clone(&engine.provider), time)
        .with_protocol_versions(&engine.versions)
        .map_err(|error| SettingsError::Library(error.to_string()))?
        .with_client_cert_verifier(verifier)
        .with_cert_resolver(nothing);
    config.alpn_protocols = settings.alpn.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    // AWS's services choose by their own order; Mozilla's guideline leaves it to the client, who
    // knows whether it has AES in hardware.
    config.ignore_client_order = !settings.policy.service.starts_with("mozilla");
    // Sessions live in tickets alone, whose keys know their partition.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    let revocations = settings.revocations.clone();
    config.ticketer = Arc::new(Partition::new(tickets, partition_digest(settings), revocations));
    Ok((engine.versions().collect(), config))
}

fn verifier(
    settings: &ServerSettings,
    engine: &Engine,
    trust: &TrustAnchors,
    required: bool,
) -> ClientVerifier {
    ClientVerifier::new(trust, required, settings.revocations.clone(), &engine.provider)
}

/// What two listeners must have in common for a ticket of one to be good at the other.
///
/// Certificates count by the names in them and not by their serials, so that sessions outlive a
/// renewal.
fn partition_digest(settings: &ServerSettings) -> [u8; 32] {
    let mut certificates: Vec<String> = settings.certificates.iter().map(names).collect();
    certificates.sort_unstable();
    certificates.dedup();
    let mut digest = FieldDigest::new();
    digest.field(settings.policy.full_name().as_bytes());
    match &settings.clients {
        ClientCertificates::None => digest.field(b"none"),
        ClientCertificates::Optional(trust) => {
            digest.field(b"optional");
            digest.field(&trust.digest());
        }
        ClientCertificates::Required(trust) => {
            digest.field(b"required");
            digest.field(&trust.digest());
        }
    }
    digest.list(&certificates);
    digest.list(&settings.alpn);
    digest.finish()
}

fn names(handle: &CredentialHandle) -> String {
    let credential = handle.load();
    let mut names: Vec<String> = credential.leaf().identities.iter().map(Identity::to_string).collect();
    names.sort_unstable();
    names.join(" ")
}
