//! Handshakes that are completed to see what comes of them, believed by nobody: how sessions are gone on with,
//! by which scheme a server signs under TLS 1.3, what it
//! shows beside its certificates there, and whether it renegotiates at a client's wish.
//!
//! No stream comes out of here, and nobody is verified: what they connect to may be anybody.

mod entries;
mod renegotiation;
mod schemes;
mod sessions;
#[cfg(test)]
mod tests;

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, DigitallySignedStruct, SupportedProtocolVersion};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::engine::Engine;
use crate::error::HandshakeError;
use crate::{DnsName, SignatureScheme, failure};

pub use entries::{Entry, NotShown, certificate_entries};
pub use renegotiation::{NotRenegotiated, Renegotiation, renegotiate, stays_open};
pub use schemes::signed_by;
pub use sessions::{SessionForm, SessionSeen, SessionTrial, TicketSeen};

/// How long is waited for what a server sends behind its handshake.
const PARTING: Duration = Duration::from_millis(250);

/// The most bytes of that.
const PARTING_LIMIT: u64 = 64 * 1024;

/// What tries: one version, and a verifier that believes everybody.
fn configuration(
    version: &'static SupportedProtocolVersion,
    verifier: Arc<Credulous>,
    resumption: Resumption,
) -> Result<ClientConfig, HandshakeError> {
    let engine = Engine::unrestricted();
    let builder = ClientConfig::builder_with_details(engine.provider, Arc::new(Still))
        .with_protocol_versions(&[version])
        .map_err(|error| HandshakeError::Protocol(error.to_string()))?;
    let mut config = builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
    config.resumption = resumption;
    Ok(config)
}

/// The name that goes out; for nobody in particular the unspecified address, which never does.
fn dialled(server_name: Option<&DnsName>) -> ServerName<'static> {
    server_name
        .and_then(|name| ServerName::try_from(name.as_str().to_owned()).ok())
        .unwrap_or_else(|| ServerName::IpAddress(Ipv4Addr::UNSPECIFIED.into()))
}

async fn connect<IO>(
    config: Arc<ClientConfig>,
    server_name: ServerName<'static>,
    io: IO,
) -> Result<TlsStream<IO>, HandshakeError>
where
    IO: AsyncRead + AsyncWrite + Unpin,
{
    match TlsConnector::from(config).connect(server_name, io).into_fallible().await {
        Ok(stream) => Ok(stream),
        Err((error, io)) => {
            failure::close(io).await;
            Err(failure::of_handshake(error))
        }
    }
}

/// Takes leave, and reads what the server sends behind its handshake: session tickets among it.
async fn part(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), farewell: &[u8]) {
    let parting = async {
        stream.write_all(farewell).await?;
        stream.shutdown().await?;
        tokio::io::copy(&mut stream.take(PARTING_LIMIT), &mut tokio::io::sink()).await
    };
    timeout(PARTING, parting).await.ok();
}

/// A verifier that believes everybody, and remembers how they signed.
///
/// Crate-private, and used by trials alone, from which no stream comes out.
#[derive(Debug)]
struct Credulous {
    /// What it says that it could verify.
    schemes: Vec<SignatureScheme>,
    signed: Mutex<Option<SignatureScheme>>,
}

impl Credulous {
    fn new(schemes: Vec<SignatureScheme>) -> Arc<Self> {
        Arc::new(Self { schemes, signed: Mutex::new(None) })
    }

    /// By which scheme the last one signed.
    fn signed(&self) -> Option<SignatureScheme> {
        *self.signed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn believe(&self, signed: &DigitallySignedStruct) -> HandshakeSignatureValid {
        let scheme = SignatureScheme(u16::from(signed.scheme));
        *self.signed.lock().unwrap_or_else(PoisonError::into_inner) = Some(scheme);
        HandshakeSignatureValid::assertion()
    }
}

impl ServerCertVerifier for Credulous {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(self.believe(signed))
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(self.believe(signed))
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        self.schemes.iter().map(|scheme| rustls::SignatureScheme::from(scheme.0)).collect()
    }
}

/// A clock that stands: nobody's validity is asked for, and a ticket is used at once.
#[derive(Debug)]
struct Still;

impl TimeProvider for Still {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::ZERO))
    }
}
