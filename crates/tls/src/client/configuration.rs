//! Settings as a rustls configuration, for one identity of ours, with the sessions made under it.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use jiff::Timestamp;
use rustls::client::{ResolvesClientCert, Resumption};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, SignatureScheme};

use super::ClientSettings;
use crate::Clock;
use crate::chain::Chain;
use crate::credential::{Credential, CredentialHandle};
use crate::engine::{Engine, EngineClock};
use crate::error::SettingsError;
use crate::handshake::Negotiated;
use crate::identity::Identity;
use crate::verify::{ProvenPaths, ServerVerifier};

/// Server names whose sessions are kept: an upstream has one, and its endpoints share it.
const SESSIONS: usize = 64;

tokio::task_local! {
    /// Whether the handshake that runs now has sent our certificate. rustls does not tell
    /// afterwards, but asks for it from within the poll of that handshake.
    pub(super) static SENT: Cell<bool>;
}

/// A configuration that presents this identity and no other.
#[derive(Debug)]
pub(super) struct Configured {
    pub(super) config: Arc<ClientConfig>,
    credential: Option<Arc<Credential>>,
    /// Whether the last full handshake presented our identity: so did, then, what is resumed.
    presented: AtomicBool,
    /// The second at which the first of the certificates runs out that the sessions rest on.
    sessions_until: AtomicI64,
}

impl Configured {
    pub(super) fn new(
        settings: &ClientSettings,
        engine: &Engine,
        clock: &Arc<dyn Clock>,
        proven: &ProvenPaths,
    ) -> Result<Self, SettingsError> {
        let credential = settings.identity.as_ref().map(CredentialHandle::load);
        let verifier = ServerVerifier {
            trust: settings.trust.clone(),
            expected: settings.expected.0.clone(),
            pins: settings.pins.clone(),
            revoked: settings.revoked.clone(),
            proven: proven.clone(),
            algorithms: engine.provider.signature_verification_algorithms,
        };
        let time = Arc::new(EngineClock(Arc::clone(clock)));
        let builder = ClientConfig::builder_with_details(Arc::clone(&engine.provider), time)
            .with_protocol_versions(&engine.versions)
            .map_err(|error| SettingsError::Library(error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        let mut config = match &credential {
            None => builder.with_no_client_auth(),
            Some(credential) => {
                builder.with_client_cert_resolver(Arc::new(OurIdentity(Arc::clone(credential.certified()))))
            }
        };
        config.alpn_protocols = settings.alpn.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        config.enable_sni = matches!(settings.expected.0, Identity::Dns(_));
        config.resumption = Resumption::in_memory_sessions(SESSIONS);
        Ok(Self {
            config: Arc::new(config),
            credential,
            presented: AtomicBool::new(false),
            sessions_until: AtomicI64::new(i64::MAX),
        })
    }

    /// Whether it is still the one to dial with.
    pub(super) fn holds(&self, identity: Option<&CredentialHandle>, now: Timestamp) -> bool {
        let same = match (&self.credential, identity) {
            (Some(ours), Some(handle)) => Arc::ptr_eq(ours, &handle.load()),
            (None, None) => true,
            _ => false,
        };
        same && now.as_second() < self.sessions_until.load(Ordering::Relaxed)
    }

    /// The chain that we are known by in this connection, and a note of what its session rests on.
    pub(super) fn presented(&self, negotiated: &Negotiated, sent: bool) -> Option<Chain> {
        if !negotiated.resumed {
            self.presented.store(sent, Ordering::Relaxed);
            if let Some(peer) = &negotiated.peer {
                self.sessions_until.fetch_min(peer.leaf().not_after.as_second(), Ordering::Relaxed);
            }
        }
        let known = sent || negotiated.resumed && self.presented.load(Ordering::Relaxed);
        self.credential.as_ref().filter(|_| known).map(|credential| credential.chain().clone())
    }
}

/// Presents one credential to whoever asks for one that it suits.
#[derive(Debug)]
pub(crate) struct OurIdentity(pub(crate) Arc<CertifiedKey>);

impl ResolvesClientCert for OurIdentity {
    fn resolve(
        &self,
        _root_hint_subjects: &[&[u8]],
        sigschemes: &[SignatureScheme],
    ) -> Option<Arc<CertifiedKey>> {
        self.0.key.choose_scheme(sigschemes)?;
        SENT.try_with(|sent| sent.set(true)).ok();
        Some(Arc::clone(&self.0))
    }

    fn has_certs(&self) -> bool {
        true
    }
}
