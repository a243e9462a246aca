//! A handshake made only to be looked at: it comes to an end whatever the certificate is, and so no
//! data may ever follow it.

mod foreign;
mod witness;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rustls::ClientConfig;
use rustls::client::Resumption;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::client::OurIdentity;
use crate::credential::Credential;
use crate::engine::{Engine, EngineClock};
use crate::error::{HandshakeError, PeerCertificateProblem, SettingsError};
use crate::handshake::Negotiated;
use crate::identity::{DnsName, Identity};
use crate::revocation::RevokedCertificates;
use crate::trust::TrustAnchors;
use crate::{Clock, SignatureScheme, failure, verify};
use witness::Witness;

pub use foreign::{Foreign, ForeignServer, ForeignServerError, ask_foreign};

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
    sends_name: bool,
    /// The schemes that are offered; empty: all that can be verified.
    schemes: Vec<SignatureScheme>,
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
    /// What it showed, byte for byte.
    pub shown: Shown,
}

/// What a far end showed of its certificates, byte for byte: nothing of it is verified, or even read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The certificates in DER, in the order in which they came.
    pub certificates: Vec<Bytes>,
    /// The OCSP response that was stapled, in DER.
    pub stapled: Option<Bytes>,
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
    /// What it showed until then.
    pub shown: Option<Box<Shown>>,
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
        let sends_name = matches!(expected, Identity::Dns(_));
        Ok(Self {
            engine: Engine::unrestricted(),
            clock,
            trust,
            expected,
            dialled,
            sends_name,
            schemes: Vec::new(),
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

    /// Without post-quantum groups: the hello fits into one packet then, and there are boxes that lose longer ones.
    #[must_use]
    pub fn without_post_quantum(self) -> Self {
        Self { engine: self.engine.without_post_quantum(), ..self }
    }

    /// Offering these signature schemes alone, so that a far end with several certificates shows the one
    /// whose key signs so. What can't be verified here may be among them: it counts as not verified.
    #[must_use]
    pub fn with_schemes(self, schemes: Vec<SignatureScheme>) -> Self {
        Self { schemes, ..self }
    }

    /// Asking for another name than the expected one, or for none: to see what strangers are shown.
    #[must_use]
    pub fn with_server_name(self, name: Option<&DnsName>) -> Self {
        let other = name.and_then(|name| ServerName::try_from(name.as_str().to_owned()).ok());
        let sends_name = other.is_some();
        Self { dialled: other.unwrap_or_else(|| self.dialled.clone()), sends_name, ..self }
    }

    /// Completes one handshake over `io` and closes it. There is no deadline for the
    /// handshake in here; once it stands, taking leave is short. It needs a runtime with a timer.
    pub async fn inspect<IO>(&self, io: IO) -> Result<Inspected, Uninspected>
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        let witness = self.witness();
        let outcome = match self.handshake(&witness, io).await {
            Ok((negotiated, mut stream)) => {
                timeout(PARTING, self.part(&mut stream)).await.ok();
                negotiated
            }
            Err(error) => Err(error),
        };
        testified(&witness, outcome)
    }

    /// Completes one handshake, asks one question behind it and hears the answer, up to `limit` bytes of it,
    /// until `is_whole` says that it is whole or the far end hangs up.
    ///
    /// Whoever answers reads the question, verified or not: it may hold nothing but what anybody may know.
    pub async fn ask<IO>(
        &self,
        io: IO,
        question: &[u8],
        limit: usize,
        is_whole: impl Fn(&[u8]) -> bool,
    ) -> Result<(Inspected, Bytes), Uninspected>
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        let witness = self.witness();
        let (outcome, heard) = match self.handshake(&witness, io).await {
            Ok((negotiated, mut stream)) => {
                let mut heard = Vec::new();
                // An answer that breaks off is what was heard of it.
                answered(&mut stream, question, limit, is_whole, &mut heard).await.ok();
                timeout(PARTING, self.part(&mut stream)).await.ok();
                (negotiated, heard)
            }
            Err(error) => (Err(error), Vec::new()),
        };
        Ok((testified(&witness, outcome)?, heard.into()))
    }

    /// The server name that goes out: of a DNS name only.
    pub fn server_name(&self) -> Option<&str> {
        match &self.dialled {
            ServerName::DnsName(name) if self.sends_name => Some(name.as_ref()),
            _ => None,
        }
    }

    fn witness(&self) -> Arc<Witness> {
        let schemes = self.schemes.iter().map(|scheme| scheme.0.into()).collect();
        let witness = Witness::new(&self.trust, &self.revoked, &self.expected, &self.engine);
        Arc::new(witness.offering(schemes))
    }

    /// A handshake that came to its end, and what it agreed on, where that can be read.
    async fn handshake<IO>(
        &self,
        witness: &Arc<Witness>,
        io: IO,
    ) -> Result<(Result<Negotiated, HandshakeError>, TlsStream<IO>), HandshakeError>
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        let config =
            self.configuration(witness).map_err(|error| HandshakeError::Protocol(error.to_string()))?;
        let connecting = TlsConnector::from(config).connect(self.dialled.clone(), io).into_fallible();
        match connecting.await {
            Ok(stream) => {
                let server_name = self.server_name().map(str::to_owned);
                Ok((Negotiated::of(stream.get_ref().1, server_name, None), stream))
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

/// What came of a handshake, with what its witness has to say.
fn testified(
    witness: &Witness,
    outcome: Result<Negotiated, HandshakeError>,
) -> Result<Inspected, Uninspected> {
    let shown = witness.shown().map(Box::new);
    match (outcome, witness.testimony()) {
        (Ok(negotiated), Some(verified)) => {
            Ok(Inspected { negotiated, verified, shown: shown.map(|shown| *shown).unwrap_or_default() })
        }
        (Ok(_), None) => {
            let error = HandshakeError::PeerCertificate(PeerCertificateProblem::Missing);
            Err(Uninspected { error, certificate_seen: false, shown })
        }
        (Err(error), testimony) => Err(Uninspected { error, certificate_seen: testimony.is_some(), shown }),
    }
}

async fn answered(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    question: &[u8],
    limit: usize,
    is_whole: impl Fn(&[u8]) -> bool,
    heard: &mut Vec<u8>,
) -> std::io::Result<()> {
    stream.write_all(question).await?;
    stream.flush().await?;
    let mut limited = stream.take(limit as u64);
    while limited.read_buf(heard).await? > 0 && !is_whole(heard) {}
    Ok(())
}

#[cfg(test)]
mod tests;
