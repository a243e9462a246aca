//! Evidence: what shows how a hop is protected, when, and in whose view.

use std::fmt;

use hermetic_tls::{CipherSuite, Identity, NamedGroup, ProtocolVersion};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What kind of evidence it is, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EvidenceKind {
    /// A configuration says so.
    Declared,
    /// A cloud resource or infrastructure code says so.
    Configured,
    /// A log record says so.
    Logged,
    /// The scanner saw what the far end accepts.
    Probed,
    /// This very handshake was ours, or passed through us and showed its hellos.
    Negotiated,
}

/// Which end of the hop saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum View {
    /// The end that connects.
    Client,
    /// The end that is connected to.
    Server,
    /// Both ends, put together.
    Both,
    /// Somebody beside the path: a configuration, a log, a scanner, a gateway that TLS passes through.
    Observer,
}

/// One observation of one hop.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Its kind.
    pub kind: EvidenceKind,
    /// Whose view it is.
    pub view: View,
    /// When it was seen.
    pub at: Timestamp,
    /// What was seen.
    pub transport: Transport,
}

/// How the bytes of a hop travel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// TLS with these facts.
    Tls(Box<TlsFacts>),
    /// Nothing protects them.
    Cleartext {
        /// Whether they can't leave the host: loopback or a unix socket.
        local: bool,
    },
}

/// What is known of a TLS connection. A field that the view can't show is `None`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TlsFacts {
    /// The protocol version; from a declaration, the lowest that may be negotiated.
    pub version: Option<ProtocolVersion>,
    /// The cipher suite.
    pub suite: Option<CipherSuite>,
    /// The key-exchange group.
    pub group: Option<NamedGroup>,
    /// Whether the client offered a post-quantum group; `None` where the view can't tell.
    pub post_quantum_offered: Option<bool>,
    /// The application protocol.
    pub alpn: Option<String>,
    /// The server name that was asked for.
    pub server_name: Option<String>,
    /// Whether a session was resumed.
    pub resumed: bool,
    /// The server, as its certificate shows it.
    pub server: Option<PeerFacts>,
    /// The client, as its certificate shows it; `None` where it showed none.
    pub client: Option<PeerFacts>,
    /// Whether the client checked the server's certificate.
    pub server_checked: Checked,
    /// What the client's check found against the server, as a sentence; `None` where it found nothing
    /// or was not made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// Whether the server checked a client certificate.
    pub client_checked: Checked,
}

/// What a certificate says of its holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerFacts {
    /// Who it is.
    pub identities: Vec<Identity>,
    /// Who says so.
    pub issuer: String,
    /// The certificate's serial number, in hex.
    pub serial: String,
    /// SHA-256 of the certificate, in hex.
    pub fingerprint: String,
    /// The end of its validity.
    pub not_after: Timestamp,
}

/// Whether a certificate was checked, as far as this view can tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Checked {
    /// Chain, name and validity were checked and hold.
    Verified,
    /// They were not checked, or do not hold.
    NotVerified,
    /// No certificate was asked for.
    NotAsked,
    /// The other end knows; this one can't. Never claimed.
    #[default]
    NotObservable,
}

impl Evidence {
    /// What both ends of one connection saw, put together: each tells what only it can know. The
    /// later one stands where they can't be joined.
    pub fn joined(self, other: Self) -> Self {
        let (client, server) = match (self.view, other.view) {
            (View::Client, View::Server) => (self, other),
            (View::Server, View::Client) => (other, self),
            _ => return if other.at >= self.at { other } else { self },
        };
        let transport = match (client.transport, server.transport) {
            (Transport::Tls(client), Transport::Tls(server)) => Transport::Tls(Box::new(TlsFacts {
                server_checked: client.server_checked,
                problem: client.problem,
                client_checked: server.client_checked,
                client: server.client.or(client.client),
                server: client.server.or(server.server),
                ..*server
            })),
            // Only what both ends know to stay on the host does.
            (Transport::Cleartext { local: near }, Transport::Cleartext { local: far }) => {
                Transport::Cleartext { local: near && far }
            }
            // One end saw cleartext: a TLS that the other end speaks of ends before it.
            (clear @ Transport::Cleartext { .. }, _) | (_, clear) => clear,
        };
        Self { kind: client.kind.min(server.kind), view: View::Both, at: client.at.max(server.at), transport }
    }
}

impl TlsFacts {
    /// Whether the key exchange resists a quantum computer; `None` where the group is not known.
    pub fn post_quantum(&self) -> Option<bool> {
        self.group.map(NamedGroup::is_post_quantum)
    }
}

impl From<&hermetic_tls::Negotiated> for TlsFacts {
    /// What the handshake agreed; who checked whom is for the caller to say.
    fn from(negotiated: &hermetic_tls::Negotiated) -> Self {
        Self {
            version: Some(negotiated.version),
            suite: Some(negotiated.suite),
            group: negotiated.group,
            alpn: negotiated.alpn.clone(),
            server_name: negotiated.server_name.clone(),
            resumed: negotiated.resumed,
            ..Self::default()
        }
    }
}

/// The issuer of certificates that were made for tests, which is their subject, too: what `hermetic cert
/// self-signed` marks them with.
const TEST_ONLY: &str = "O=Hermetic test only";

impl PeerFacts {
    /// Whether the certificate was made for tests, as it says itself.
    pub fn is_for_tests(&self) -> bool {
        self.issuer == TEST_ONLY
    }

    /// The facts of a certificate.
    pub fn of(certificate: &hermetic_tls::Certificate) -> Self {
        Self {
            identities: certificate.identities.clone(),
            issuer: certificate.issuer.clone(),
            serial: certificate.serial.to_string(),
            fingerprint: certificate.fingerprint.to_string(),
            not_after: certificate.not_after,
        }
    }

    /// The identity to show where there is room for one: a SPIFFE ID before a name.
    pub fn foremost(&self) -> Option<&Identity> {
        let spiffe = self.identities.iter().find(|identity| matches!(identity, Identity::Spiffe(_)));
        spiffe.or(self.identities.first())
    }
}

impl EvidenceKind {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::Configured => "configured",
            Self::Logged => "logged",
            Self::Probed => "probed",
            Self::Negotiated => "negotiated",
        }
    }
}

impl fmt::Display for EvidenceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::samples::{any_evidence, facts, hour, peer, seen};

    fn both_ends() -> (Evidence, Evidence) {
        let client = TlsFacts { server_checked: Checked::Verified, ..facts() };
        let server = TlsFacts {
            server_checked: Checked::NotObservable,
            client_checked: Checked::Verified,
            client: Some(peer("edge")),
            ..facts()
        };
        (seen(View::Client, client), seen(View::Server, server))
    }

    #[test]
    fn each_end_tells_what_only_it_can_know() {
        let (client, server) = both_ends();
        let joined = client.joined(server);
        assert_eq!(joined.view, View::Both);
        let Transport::Tls(facts) = joined.transport else { panic!("it was TLS") };
        assert_eq!((facts.server_checked, facts.client_checked), (Checked::Verified, Checked::Verified));
        assert_eq!(facts.client, Some(peer("edge")));
    }

    #[test]
    fn cleartext_at_either_end_is_cleartext() {
        let (client, server) = both_ends();
        let clear = Evidence { transport: Transport::Cleartext { local: false }, ..server };
        assert_eq!(client.joined(clear.clone()).transport, clear.transport);
    }

    #[test]
    fn cleartext_stays_on_the_host_only_where_both_ends_know_so() {
        let (client, server) = both_ends();
        let near = Evidence { transport: Transport::Cleartext { local: true }, ..client };
        let far = Evidence { transport: Transport::Cleartext { local: false }, ..server };
        assert_eq!(near.joined(far).transport, Transport::Cleartext { local: false });
    }

    #[test]
    fn of_two_observations_by_one_end_the_later_stands() {
        let (client, _) = both_ends();
        let later =
            Evidence { at: hour(1), transport: Transport::Cleartext { local: true }, ..client.clone() };
        assert_eq!(client.clone().joined(later.clone()), later);
        assert_eq!(later.clone().joined(client), later);
    }

    proptest! {
        #[test]
        fn it_does_not_matter_which_end_is_named_first(one in any_evidence(), other in any_evidence()) {
            let client = Evidence { view: View::Client, ..one };
            let server = Evidence { view: View::Server, ..other };
            prop_assert_eq!(client.clone().joined(server.clone()), server.joined(client));
        }

        #[test]
        fn joined_evidence_is_no_stronger_than_its_weaker_half(one in any_evidence(), other in any_evidence()) {
            let client = Evidence { view: View::Client, ..one };
            let server = Evidence { view: View::Server, ..other };
            let weaker = client.kind.min(server.kind);
            prop_assert_eq!(client.joined(server).kind, weaker);
        }
    }
}
