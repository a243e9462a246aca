//! A handshake made only to be looked at: it comes to an end whatever the certificate is, and so no
//! data may ever follow it.

mod old;
mod witness;

use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::client::Resumption;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::client::OurIdentity;
use crate::credential::Credential;
use crate::engine::{Engine, EngineClock};
use crate::error::{HandshakeError, PeerCertificateProblem, SettingsError};
use crate::handshake::Negotiated;
use crate::identity::Identity;
use crate::revocation::RevokedCertificates;
use crate::trust::TrustAnchors;
use crate::{Clock, failure, verify};
use witness::Witness;

pub use old::{OldServer, OldServerError, ask_old};

/// Looks at how a far end answers a handshake, and hangs up. Not for data: what it connects to may be
/// anybody, so it consumes the transport, closes it, and hands out no stream.
///
/// It offers every version, suite and group that can be spoken, so that the far end's own choice
/// shows and can be judged by a policy afterwards. It presents no client certificate unless it is given one,
/// and resumes no session.
#[derive(Clone, Debug)]
pub struct Inspection {
    farewell: &'static [u8],
    engine: Engine,
    clock: Arc<dyn Clock>,
    trust: TrustAnchors,
    expected: Identity,
    dialled: ServerName<'static>,
    alpn: Vec<Vec<u8>>,
    revoked: RevokedCertificates,
    credential: Option<Arc<Credential>>,
}

/// How long the far end's own goodbye is waited for.
const PARTING: Duration = Duration::from_millis(250);

/// The most bytes that it may say until then.
const PARTING_LIMIT: u64 = 64 * 1024;

/// What a completed handshake showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspected {
    /// What the far end chose. Its chain is what it *presented*: read `verified` before believing it.
    pub negotiated: Negotiated,
    /// Whether the far end is who it must be; if not, the first thing that speaks against it.
    pub verified: Result<(), PeerCertificateProblem>,
}

/// A handshake that did not complete.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct Uninspected {
    /// Why.
    pub error: HandshakeError,
    /// Whether the far end had presented its certificate by then: version and suite were agreed, and
    /// something later was amiss. Servers that demand a client certificate end TLS 1.2 so.
    pub certificate_seen: bool,
}

impl Inspection {
    /// Looks for `expected` among those whom `trust` vouches for, offering these application protocols
    /// (best first). An error where nobody can prove to be the expected.
    pub fn new(
        trust: TrustAnchors,
        expected: Identity,
        alpn: &[&str],
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SettingsError> {
        let dialled = verify::dialled_name(&expected)?;
        let alpn = alpn.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        Ok(Self {
            engine: Engine::unrestricted(),
            clock,
            trust,
            expected,
            dialled,
            alpn,
            farewell: &[],
            revoked: RevokedCertificates::default(),
            credential: None,
        })
    }

    /// With these last words before it hangs up, for servers that hold a silent leave against a client's
    /// host. Whoever answers reads them, verified or not: they must be the same for everybody, and
    /// `'static` is here so that no secret can be among them.
    #[must_use]
    pub fn with_farewell(self, farewell: &'static [u8]) -> Self {
        Self { farewell, ..self }
    }

    /// Believing none of these, whoever vouches for them.
    #[must_use]
    pub fn with_revoked(self, revoked: RevokedCertificates) -> Self {
        Self { revoked, ..self }
    }

    /// Presenting this, where a client certificate is asked for.
    #[must_use]
    pub fn with_credential(self, credential: Option<Arc<Credential>>) -> Self {
        Self { credential, ..self }
    }

    /// Completes one handshake over `io` and closes it. There is no deadline for the
    /// handshake in here; once it stands, taking leave is short. It needs a runtime with a timer.
    pub async fn inspect<IO>(&self, io: IO) -> Result<Inspected, Uninspected>
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        let witness = Arc::new(Witness::new(&self.trust, &self.revoked, &self.expected, &self.engine));
        let outcome = self.handshake(&witness, io).await;
        match (outcome, witness.testimony()) {
            (Ok(negotiated), Some(verified)) => Ok(Inspected { negotiated, verified }),
            (Ok(_), None) => {
                let error = HandshakeError::PeerCertificate(PeerCertificateProblem::Missing);
                Err(Uninspected { error, certificate_seen: false })
            }
            (Err(error), testimony) => Err(Uninspected { error, certificate_seen: testimony.is_some() }),
        }
    }

    /// The server name that goes out: of a DNS name only.
    pub fn server_name(&self) -> Option<&str> {
        match &self.expected {
            Identity::Dns(name) => Some(name.as_str()),
            Identity::Ip(_) | Identity::Spiffe(_) => None,
        }
    }

    async fn handshake<IO>(&self, witness: &Arc<Witness>, io: IO) -> Result<Negotiated, HandshakeError>
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        let config =
            self.configuration(witness).map_err(|error| HandshakeError::Protocol(error.to_string()))?;
        let connecting = TlsConnector::from(config).connect(self.dialled.clone(), io).into_fallible();
        match connecting.await {
            Ok(mut stream) => {
                let server_name = self.server_name().map(str::to_owned);
                let negotiated = Negotiated::of(stream.get_ref().1, server_name, None);
                timeout(PARTING, self.part(&mut stream)).await.ok();
                negotiated
            }
            Err((error, io)) => {
                failure::close(io).await;
                Err(failure::of_handshake(error))
            }
        }
    }

    /// Takes leave. What was seen stands, whatever comes of this. The far end may still be sending
    /// session tickets: to hang up on those is a reset to it, which may take our last words with it.
    async fn part(&self, stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> std::io::Result<()> {
        stream.write_all(self.farewell).await?;
        stream.shutdown().await?;
        let mut unread = stream.take(PARTING_LIMIT);
        tokio::io::copy(&mut unread, &mut tokio::io::sink()).await.map(drop)
    }

    fn configuration(&self, witness: &Arc<Witness>) -> Result<Arc<ClientConfig>, rustls::Error> {
        let time = Arc::new(EngineClock(Arc::clone(&self.clock)));
        let builder = ClientConfig::builder_with_details(Arc::clone(&self.engine.provider), time)
            .with_protocol_versions(&self.engine.versions)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(witness) as _);
        let mut config = match &self.credential {
            None => builder.with_no_client_auth(),
            Some(credential) => {
                builder.with_client_cert_resolver(Arc::new(OurIdentity(Arc::clone(credential.certified()))))
            }
        };
        config.alpn_protocols.clone_from(&self.alpn);
        config.enable_sni = self.server_name().is_some();
        config.resumption = Resumption::disabled();
        Ok(Arc::new(config))
    }
}

#[cfg(test)]
mod tests;
