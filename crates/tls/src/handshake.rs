//! What a finished handshake shows.

use crate::certificate::Chain;
use crate::parameters::{CipherSuite, NamedGroup, ProtocolVersion};

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
    /// The chain that our end presented.
    pub presented: Option<Chain>,
    /// The chain that the peer presented and that we verified.
    pub peer: Option<Chain>,
}
