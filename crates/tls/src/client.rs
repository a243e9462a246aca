//! The client's end: whom we expect, whom we believe, who we are.

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::Clock;
use crate::certificate::CredentialHandle;
use crate::error::{HandshakeError, SettingsError};
use crate::identity::Identity;
use crate::policy::SecurityPolicy;
use crate::stream::TlsStream;
use crate::trust::TrustAnchors;

/// How connections to one upstream are made. Verification can't be left out.
#[derive(Clone, Debug)]
pub struct ClientSettings {
    /// What may be negotiated.
    pub policy: &'static SecurityPolicy,
    /// Whom we believe.
    pub trust: TrustAnchors,
    /// Who the far end must be.
    pub expected: Expected,
    /// Who we are to it.
    pub identity: Option<CredentialHandle>,
    /// The application protocols, best first; empty: none is offered.
    pub alpn: Vec<String>,
}

/// Who the far end must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected(pub Identity);

/// Makes handshakes as one set of settings says. Clones are the same.
#[derive(Clone, Debug)]
pub struct ClientHandshake {
    #[allow(dead_code)]
    settings: Arc<ClientSettings>,
}

impl ClientHandshake {
    /// Builds it.
    pub fn new(_settings: ClientSettings, _clock: Arc<dyn Clock>) -> Result<Self, SettingsError> {
        todo!()
    }

    /// Completes the handshake over `io`.
    pub async fn connect<IO>(&self, _io: IO) -> Result<TlsStream<IO>, HandshakeError>
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        todo!()
    }

    /// The same with other application protocols: an upgrade needs HTTP/1.1 where HTTP/2 is usual.
    pub fn with_alpn(&self, _alpn: Vec<String>) -> Result<Self, SettingsError> {
        todo!()
    }
}
