//! The server's end: settings become a handshake that many connections share.

use std::net::IpAddr;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::certificate::CredentialHandle;
use crate::error::{HandshakeError, SettingsError};
use crate::hello::ClientHello;
use crate::policy::SecurityPolicy;
use crate::stream::TlsStream;
use crate::ticket::TicketKeys;
use crate::trust::TrustAnchors;
use crate::{Alert, Clock};

/// How a listener answers handshakes.
#[derive(Clone, Debug)]
pub struct ServerSettings {
    /// What may be negotiated.
    pub policy: &'static SecurityPolicy,
    /// The certificates to choose from, by server name; the first is the one without a better.
    pub certificates: Vec<CredentialHandle>,
    /// What to do with a server name that none of them covers.
    pub unknown_sni: UnknownSni,
    /// What is demanded of clients.
    pub clients: ClientCertificates,
    /// The application protocols, best first; empty: none is negotiated.
    pub alpn: Vec<String>,
}

/// What to do with a server name that no certificate covers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownSni {
    /// Refuse with the alert `unrecognized_name`.
    #[default]
    Refuse,
    /// Serve the first certificate.
    First,
}

/// What is demanded of clients.
#[derive(Clone, Debug, Default)]
pub enum ClientCertificates {
    /// No certificate is asked for.
    #[default]
    None,
    /// One is asked for, and verified where it comes.
    Optional(TrustAnchors),
    /// Without a valid one the handshake fails.
    Required(TrustAnchors),
}

/// Why a hello is refused before the handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The alert to send.
    pub alert: Alert,
    /// The reason for the log.
    pub reason: String,
}

/// Answers handshakes as one set of settings says. Clones are the same.
#[derive(Clone, Debug)]
pub struct ServerHandshake {
    #[allow(dead_code)]
    settings: Arc<ServerSettings>,
}

impl ServerHandshake {
    /// Builds it; an error where the policy can't be served or nothing can be presented.
    pub fn new(
        _settings: ServerSettings,
        _tickets: &TicketKeys,
        _clock: Arc<dyn Clock>,
    ) -> Result<Self, SettingsError> {
        todo!()
    }

    /// Chooses the certificate for this hello, or refuses it: version too old, a fallback that need
    /// not be, a name that nothing covers. Without a name, the certificate that covers `local`, or
    /// the first.
    pub fn select(&self, _hello: &ClientHello, _local: IpAddr) -> Result<CredentialHandle, Refusal> {
        todo!()
    }

    /// Completes the handshake. `received` is everything read from `io` so far, the hello first.
    pub async fn accept<IO>(
        &self,
        _hello: &ClientHello,
        _credential: CredentialHandle,
        _received: &[u8],
        _io: IO,
    ) -> Result<TlsStream<IO>, HandshakeError>
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        todo!()
    }

    /// Whether one of the certificates covers `host`.
    pub fn covers_host(&self, _host: &str) -> bool {
        todo!()
    }
}
