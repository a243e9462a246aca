//! The client's end: whom we expect, whom we believe, who we are.

mod configuration;

use std::cell::Cell;
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;

use crate::credential::CredentialHandle;
use crate::engine::Engine;
use crate::error::{HandshakeError, SettingsError};
use crate::handshake::Negotiated;
use crate::identity::Identity;
use crate::policy::SecurityPolicy;
use crate::replay::Replay;
use crate::revocation::RevokedCertificates;
use crate::stream::TlsStream;
use crate::trust::TrustAnchors;
use crate::verify::ProvenPaths;
use crate::{Clock, Fingerprint, failure, verify};
pub(crate) use configuration::OurIdentity;
use configuration::{Configured, SENT};

/// How connections to one upstream are made. Verification can't be left out.
#[derive(Clone, Debug)]
pub struct ClientSettings {
    /// What may be negotiated.
    pub policy: &'static SecurityPolicy,
    /// Whom we believe.
    pub trust: TrustAnchors,
    /// Who the far end must be.
    pub expected: Expected,
    /// The certificates by which alone it may prove that; empty: any.
    pub pins: Vec<Fingerprint>,
    /// What an authority of ours has revoked: nobody proves anything by it any more.
    pub revoked: RevokedCertificates,
    /// Who we are to it.
    pub identity: Option<CredentialHandle>,
    /// The application protocols, best first; empty: none is offered.
    pub alpn: Vec<String>,
}

/// Who the far end must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected(pub Identity);

/// Makes handshakes as one set of settings says. Clones are the same.
///
/// Sessions are resumed among the connections of one such object, and never beyond a change of our
/// identity, or the end or the revocation of the certificate by which the far end proved itself.
#[derive(Clone, Debug)]
pub struct ClientHandshake(Arc<Dialling>);

#[derive(Debug)]
struct Dialling {
    settings: ClientSettings,
    engine: Engine,
    clock: Arc<dyn Clock>,
    dialled: ServerName<'static>,
    /// What its sessions and connections rest on.
    proven: ProvenPaths,
    configured: ArcSwap<Configured>,
}

impl ClientHandshake {
    /// Builds it; an error where the policy can't be served, or nobody can prove to be the expected.
    pub fn new(settings: ClientSettings, clock: Arc<dyn Clock>) -> Result<Self, SettingsError> {
        let engine = Engine::of(settings.policy)?;
        let dialled = verify::dialled_name(&settings.expected.0)?;
        let proven = ProvenPaths::default();
        let configured = ArcSwap::from_pointee(Configured::new(&settings, &engine, &clock, &proven)?);
        Ok(Self(Arc::new(Dialling { settings, engine, clock, dialled, proven, configured })))
    }

    /// Completes the handshake over `io`.
    ///
    /// Where it fails, the peer has been told by an alert, as far as the transport allowed, and the
    /// connection is at its end. There is no deadline in here.
    pub async fn connect<IO>(&self, io: IO) -> Result<TlsStream<IO>, HandshakeError>
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        let configured = self.0.configured().map_err(|error| HandshakeError::Protocol(error.to_string()))?;
        let connector = TlsConnector::from(Arc::clone(&configured.config));
        let connecting = connector.connect(self.0.dialled.clone(), Replay::new(&[], io)).into_fallible();
        let (outcome, sent) =
            SENT.scope(Cell::new(false), async { (connecting.await, SENT.with(Cell::get)) }).await;
        match outcome {
            Ok(stream) => {
                let connection = stream.get_ref().1;
                let mut negotiated = Negotiated::of(connection, self.0.server_name(), None)?;
                negotiated.presented = configured.presented(&negotiated, sent);
                Ok(TlsStream::new(stream.into(), negotiated))
            }
            Err((error, io)) => {
                let answer = (io.heard_http(), io.heard_tls(), io.heard_nothing());
                failure::close(io).await;
                Err(match (answer, failure::of_handshake(error)) {
                    ((true, ..), _) => HandshakeError::CleartextHttp,
                    ((_, false, false), _) => HandshakeError::NotTls,
                    ((.., true), HandshakeError::Io(_)) => HandshakeError::NoAnswer,
                    (_, failure) => failure,
                })
            }
        }
    }

    /// The same with other application protocols: an upgrade needs HTTP/1.1 where HTTP/2 is usual.
    /// It shares no sessions with this one, since a session belongs to its protocol.
    pub fn with_alpn(&self, alpn: Vec<String>) -> Result<Self, SettingsError> {
        Self::new(ClientSettings { alpn, ..self.0.settings.clone() }, Arc::clone(&self.0.clock))
    }

    /// Whether the far end has proven itself by a certificate that is revoked by now. What rests on it is not
    /// to be used any more; no handshake resumes it.
    pub fn rests_on_revoked(&self) -> bool {
        self.0.rests_on_revoked()
    }

    /// Forgets all sessions and what they rest on, so that the next handshake is a full one: where the far end may be another
    /// than before, a resumed session would not look at its certificate.
    pub fn forget_sessions(&self) -> Result<(), SettingsError> {
        self.0.proven.forget();
        self.0.configure().map(drop)
    }
}

impl Dialling {
    /// The configuration for our identity as it is now; made anew, without the sessions, when that
    /// was swapped or a session would outlive the certificate that it rests on, or its revocation.
    fn configured(&self) -> Result<Arc<Configured>, SettingsError> {
        let configured = self.configured.load_full();
        if configured.holds(self.settings.identity.as_ref(), self.clock.now()) && !self.rests_on_revoked() {
            return Ok(configured);
        }
        self.configure()
    }

    fn rests_on_revoked(&self) -> bool {
        self.proven.are_revoked(&self.settings.revoked)
    }

    fn configure(&self) -> Result<Arc<Configured>, SettingsError> {
        let configured = Arc::new(Configured::new(&self.settings, &self.engine, &self.clock, &self.proven)?);
        self.configured.store(Arc::clone(&configured));
        Ok(configured)
    }

    fn server_name(&self) -> Option<String> {
        match &self.settings.expected.0 {
            Identity::Dns(name) => Some(name.to_string()),
            Identity::Ip(_) | Identity::Spiffe(_) => None,
        }
    }
}

#[cfg(test)]
mod tests;
