//! The server's end: settings become a handshake that many connections share.

mod configuration;
mod selection;

use std::net::IpAddr;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

use crate::credential::CredentialHandle;
use crate::error::{HandshakeError, SettingsError};
use crate::handshake::Negotiated;
use crate::hello::ClientHello;
use crate::identity::Identity;
use crate::policy::SecurityPolicy;
use crate::replay::Replay;
use crate::revocation::Revocations;
use crate::stream::TlsStream;
use crate::ticket::{self, TicketKeys};
use crate::trust::TrustAnchors;
use crate::{Alert, Clock, ProtocolVersion, failure};
use configuration::{Served, base_configuration};

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
    /// Which of their certificates are revoked.
    pub revocations: Revocations,
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
pub struct ServerHandshake(Arc<Answering>);

#[derive(Debug)]
struct Answering {
    unknown_sni: UnknownSni,
    /// The versions that can be served, best first.
    versions: Vec<ProtocolVersion>,
    /// The certificates in the order of the settings; never empty.
    served: Vec<Served>,
}

impl ServerHandshake {
    /// Builds it; an error where the policy can't be served or nothing can be presented.
    pub fn new(
        settings: ServerSettings,
        tickets: &TicketKeys,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SettingsError> {
        let (versions, base) = base_configuration(&settings, tickets, clock)?;
        let base = Arc::new(base);
        let served: Vec<_> =
            settings.certificates.into_iter().map(|handle| Served::new(handle, Arc::clone(&base))).collect();
        if served.is_empty() {
            return Err(SettingsError::NoCertificate);
        }
        Ok(Self(Arc::new(Answering { unknown_sni: settings.unknown_sni, versions, served })))
    }

    /// Chooses the certificate for this hello, or refuses it: version too old, a fallback that need
    /// not be, a name that nothing covers. Without a name, the certificate that covers `local`, or
    /// the first.
    pub fn select(&self, hello: &ClientHello, local: IpAddr) -> Result<CredentialHandle, Refusal> {
        selection::check_version(&self.0.versions, hello)?;
        let handles = self.0.served.iter().map(Served::handle);
        selection::choose(handles, hello, local, self.0.unknown_sni).cloned()
    }

    /// Whether a client that asks for no server name can check what it is answered with: a certificate
    /// covers `local`, or an address by which a translator of addresses leads here.
    pub fn answers_addresses(&self, local: IpAddr) -> bool {
        let names_address = |identity: &Identity| matches!(identity, Identity::Ip(_));
        let local = local.to_canonical().to_string();
        self.0.served.iter().any(|served| {
            let credential = served.handle().load();
            credential.leaf().covers_host(&local) || credential.leaf().identities.iter().any(names_address)
        })
    }

    /// Completes the handshake. `received` is everything read from `io` so far, the hello first.
    ///
    /// Where it fails, the peer has been told by an alert, as far as the transport allowed, and
    /// the connection is at its end. There is no deadline in here.
    pub async fn accept<IO>(
        &self,
        hello: &ClientHello,
        credential: CredentialHandle,
        received: &[u8],
        mut io: IO,
    ) -> Result<TlsStream<IO>, HandshakeError>
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        let Some(served) = self.0.served.iter().find(|served| served.handle().is(&credential)) else {
            // Its sessions would land in a ticket partition that does not know it.
            let (alert, reason) = (Alert::UnrecognizedName, "the certificate is none of this listener's");
            io.write_all(&alert.record()).await?;
            failure::close_heard(io).await;
            return Err(HandshakeError::Refused { alert, reason: reason.to_owned() });
        };
        let configured = served.configured();
        let acceptor = TlsAcceptor::from(Arc::clone(&configured.config));
        let handshake = acceptor.accept(Replay::new(received, io)).into_fallible();
        let (outcome, path) = ticket::within(handshake).await;
        match outcome {
            Ok(stream) => {
                let presented = Some(configured.credential.chain().clone());
                let mut negotiated =
                    Negotiated::of(stream.get_ref().1, hello.server_name.clone(), presented)?;
                negotiated.path = path.filter(|_| negotiated.peer.is_some());
                Ok(TlsStream::new(stream.into(), negotiated))
            }
            Err((error, io)) => {
                failure::close_heard(io).await;
                Err(failure::of_handshake(error))
            }
        }
    }

    /// Whether one of the certificates covers `host`.
    pub fn covers_host(&self, host: &str) -> bool {
        self.0.served.iter().any(|served| served.handle().load().leaf().covers_host(host))
    }
}

#[cfg(test)]
mod tests;
