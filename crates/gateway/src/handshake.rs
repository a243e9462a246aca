//! Handshake: completes the TLS handshake with the certificate that select chose, within the
//! deadline, and says in types what came out of it.

use std::time::Duration;

use hermetic_hop::{Checked, Evidence, EvidenceKind, PeerFacts, TlsFacts, Transport, View};
use hermetic_tls::flight::ServerChoice;
use hermetic_tls::{ClientHello, HandshakeError, Negotiated, TlsStream};
use jiff::Timestamp;
use tokio::net::TcpStream;

use crate::deadline::Deadline;
use crate::hello::Opening;
use crate::snapshot::TerminationSnapshot;

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
    termination: &TerminationSnapshot,
    credential: hermetic_tls::CredentialHandle,
    opening: &Opening,
    stream: TcpStream,
    deadline: Deadline,
) -> Result<TlsStream<TcpStream>, Failure> {
    let handshake = termination.handshake.accept(&opening.hello, credential, &opening.received, stream);
    match deadline.hold(handshake).await {
        Err(within) => Err(Failure::Slow(within)),
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

/// What both hellos show of a handshake between others. Whether the client checked the server is theirs
/// to know; that it was not asked for a certificate can be seen, and what became of one can't.
pub(crate) fn seen_in_passing(hello: &ClientHello, choice: &ServerChoice, at: Timestamp) -> Evidence {
    let client_checked = match choice.asks_client {
        Some(false) => Checked::NotAsked,
        Some(true) | None => Checked::NotObservable,
    };
    let facts = TlsFacts {
        version: Some(choice.version),
        suite: Some(choice.suite),
        group: choice.group,
        post_quantum_offered: Some(hello.groups.iter().any(|group| group.is_post_quantum())),
        alpn: choice.alpn.clone(),
        server_name: hello.server_name.clone(),
        resumed: choice.resumed,
        server: choice.chain.as_ref().map(|chain| PeerFacts::of(chain.leaf())),
        server_checked: Checked::NotObservable,
        client_checked,
        ..TlsFacts::default()
    };
    evidence(facts, View::Observer, at)
}

fn evidence(facts: TlsFacts, view: View, at: Timestamp) -> Evidence {
    Evidence { kind: EvidenceKind::Negotiated, view, at, transport: Transport::Tls(Box::new(facts)) }
}
