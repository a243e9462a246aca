//! What a finished handshake shows.

use rustls::HandshakeKind;

use crate::chain::Chain;
use crate::error::{HandshakeError, PeerCertificateProblem};
use crate::parameters::{CipherSuite, NamedGroup, ProtocolVersion};
use crate::revocation::CertificationPath;

/// The facts of a finished handshake, as seen by our end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Negotiated {
    /// The protocol version.
    pub version: ProtocolVersion,
    /// The cipher suite.
    pub suite: CipherSuite,
    /// The key-exchange group; `None` for a TLS 1.2 resumption, which exchanges no keys.
    pub group: Option<NamedGroup>,
    /// The application protocol, where one was agreed.
    pub alpn: Option<String>,
    /// The server name that the client asked for.
    pub server_name: Option<String>,
    /// Whether a session was resumed.
    pub resumed: bool,
    /// The chain that our end presented, in this handshake or in the one that it resumes.
    pub presented: Option<Chain>,
    /// The chain that the peer presented and that we verified, in this handshake or in the one that
    /// it resumes.
    pub peer: Option<Chain>,
    /// The path by which we verified a client's chain, in this handshake or in the one that it resumes.
    pub path: Option<CertificationPath>,
}

impl Negotiated {
    /// Reads the facts out of a connection whose handshake is over.
    pub(crate) fn of(
        connection: &rustls::CommonState,
        server_name: Option<String>,
        presented: Option<Chain>,
    ) -> Result<Self, HandshakeError> {
        let unfinished = || HandshakeError::Protocol("the handshake agreed on no parameters".to_owned());
        let peer = connection.peer_certificates().map(Chain::presented).transpose().map_err(|error| {
            HandshakeError::PeerCertificate(PeerCertificateProblem::Other(error.to_string()))
        })?;
        let suite = connection.negotiated_cipher_suite().ok_or_else(unfinished)?;
        let group = connection.negotiated_key_exchange_group();
        Ok(Self {
            version: ProtocolVersion(connection.protocol_version().ok_or_else(unfinished)?.into()),
            suite: CipherSuite(suite.suite().into()),
            group: group.map(|group| NamedGroup(group.name().into())),
            alpn: connection.alpn_protocol().map(|alpn| String::from_utf8_lossy(alpn).into_owned()),
            server_name,
            resumed: connection.handshake_kind() == Some(HandshakeKind::Resumed),
            presented,
            peer,
            path: None,
        })
    }
}
