//! Handshake: completes the TLS handshake with the certificate that select chose, within the
//! deadline, and says in types what came out of it.

use std::time::Duration;

use hermetic_hop::{Checked, Evidence, EvidenceKind, PeerFacts, TlsFacts, Transport, View};
use hermetic_tls::{ClientHello, HandshakeError, Negotiated, TlsStream};
use jiff::Timestamp;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::hello::Opening;
use crate::snapshot::HttpsSnapshot;

/// Why a handshake did not come to an end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("no finished handshake within {} s", .0.as_secs())]
    Slow(Duration),
    #[error(transparent)]
    Tls(#[from] HandshakeError),
}

/// Completes the handshake as the server.
pub(crate) async fn accept(
    https: &HttpsSnapshot,
    credential: hermetic_tls::CredentialHandle,
    opening: &Opening,
    stream: TcpStream,
    deadline: Duration,
) -> Result<TlsStream<TcpStream>, Failure> {
    let handshake = https.handshake.accept(&opening.hello, credential, &opening.received, stream);
    match timeout(deadline, handshake).await {
        Err(_) => Err(Failure::Slow(deadline)),
        Ok(outcome) => Ok(outcome?),
    }
}

/// What a handshake shows, as the server sees it. Whether the client checked our certificate is
/// not observable from here, and is never claimed.
pub(crate) fn seen_by_server(hello: &ClientHello, negotiated: &Negotiated, at: Timestamp) -> Evidence {
    let client = negotiated.peer.as_ref().map(|chain| PeerFacts::of(chain.leaf()));
    let client_checked = if client.is_some() { Checked::Verified } else { Checked::NotAsked };
    let server = negotiated.presented.as_ref().map(|chain| PeerFacts::of(chain.leaf()));
    let facts = TlsFacts {
        post_quantum_offered: Some(hello.groups.iter().any(|group| group.is_post_quantum())),
        server,
        client,
        server_checked: Checked::NotObservable,
        client_checked,
        ..TlsFacts::from(negotiated)
    };
    evidence(facts, View::Server, at)
}

/// What a handshake shows, as the client sees it. It came to an end, so we verified the server;
/// whether the server checked us is not observable from here.
pub fn seen_by_client(negotiated: &Negotiated, at: Timestamp) -> Evidence {
    let facts = TlsFacts {
        server: negotiated.peer.as_ref().map(|chain| PeerFacts::of(chain.leaf())),
        client: negotiated.presented.as_ref().map(|chain| PeerFacts::of(chain.leaf())),
        server_checked: Checked::Verified,
        client_checked: Checked::NotObservable,
        ..TlsFacts::from(negotiated)
    };
    evidence(facts, View::Client, at)
}

fn evidence(facts: TlsFacts, view: View, at: Timestamp) -> Evidence {
    Evidence { kind: EvidenceKind::Negotiated, view, at, transport: Transport::Tls(Box::new(facts)) }
}
