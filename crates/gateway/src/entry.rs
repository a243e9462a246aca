//! Entry: a client comes by TLS or, where an exception lets it pass, in cleartext. Which of both it is
//! its first bytes say, and only they: a client that says nothing is never guessed at (linkerd2#1270
//! and #5384 tell what becomes of that), so nobody whose server speaks first can come in cleartext to
//! a port where TLS ends.

use hermetic_guard::Fired;
use hermetic_hop::{CleartextRefused, Demand, Evidence, EvidenceKind, Exception, Transport, View};
use hermetic_tls::{Clock, SecurityPolicy};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use crate::deadline::Deadline;
use crate::door::HelloFacts;
use crate::identify::Client;
use crate::limits::{self, Admission, Limit};
use crate::prelude::{Arrival, Ends};
use crate::record::{AccessRecord, Guarded, ToldRecord};
use crate::secure::{Secured, secure};
use crate::sightings::Sighted;
use crate::snapshot::{ListenerSnapshot, TerminationSnapshot};
use crate::worker::Worker;

/// What a client speaks, as its first bytes tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum First {
    /// TLS, or nothing that could be served.
    Tls,
    /// Cleartext HTTP/1.
    Http1,
    /// Cleartext HTTP/2, known beforehand (RFC 9113 3.3): gRPC comes so.
    Http2,
    /// Cleartext of any other protocol.
    Bytes,
}

/// How a client came in.
#[derive(Debug)]
pub(crate) enum Entry {
    Secured(Box<Secured>),
    Cleartext(Box<Plain>),
}

/// A client that came in cleartext, by somebody's leave.
#[derive(Debug)]
pub(crate) struct Plain {
    pub stream: TcpStream,
    /// What was read of it already.
    pub received: Vec<u8>,
    pub deadline: Deadline,
    pub first: First,
    pub client: Client,
    pub sighted: Sighted,
}

/// Reads what a client speaks; `None` while it could still be several things.
pub(crate) type Reading = fn(&[u8]) -> Option<First>;

/// On a port of HTTP: TLS begins with the byte 22, a method with a letter, HTTP/2's preface with `PRI`,
/// as no method does.
pub(crate) fn http(first: &[u8]) -> Option<First> {
    match first {
        [] | b"P" | b"PR" => None,
        [b'P', b'R', b'I', ..] => Some(First::Http2),
        [letter, ..] if letter.is_ascii_alphabetic() => Some(First::Http1),
        _ => Some(First::Tls),
    }
}

/// On a port of any protocol: TLS begins with the byte 22, and what does not is cleartext.
pub(crate) fn bytes(first: &[u8]) -> Option<First> {
    match first {
        [] => None,
        [22, ..] => Some(First::Tls),
        _ => Some(First::Bytes),
    }
}

/// Lets a client in at a listener where TLS ends; `None` where it is refused, which is on record then.
pub(crate) async fn enter(
    worker: &Worker,
    listener: &ListenerSnapshot,
    termination: &TerminationSnapshot,
    arrival: Arrival,
    reading: Reading,
    admission: &Admission,
) -> Option<Entry> {
    match tell(worker, listener, &termination.demand, arrival, reading, admission).await? {
        Came::Cleartext(plain) => Some(Entry::Cleartext(plain)),
        Came::ByTls(arrival) => {
            let secured = secure(worker, listener, termination, arrival, admission).await?;
            Some(Entry::Secured(Box::new(secured)))
        }
    }
}

/// How a client comes, before anything of TLS is read.
#[derive(Debug)]
pub(crate) enum Came {
    /// By TLS, or in a way that the handshake refuses.
    ByTls(Arrival),
    Cleartext(Box<Plain>),
}

/// Tells how a client comes to a listener with this demand; `None` where it is refused, which is on record
/// then.
pub(crate) async fn tell(
    worker: &Worker,
    listener: &ListenerSnapshot,
    demand: &Demand,
    mut arrival: Arrival,
    reading: Reading,
    admission: &Admission,
) -> Option<Came> {
    // Where cleartext is refused, the refusal is that of the handshake.
    let Ok(exception) = demand.cleartext(worker.clock.now()) else { return Some(Came::ByTls(arrival)) };
    let silent = admission.silent(&worker.silent);
    let Some(told) = silent.hold(first(&mut arrival, reading)).await else {
        give_way(&arrival, admission);
        return None;
    };
    drop(silent);
    match told {
        Some(First::Tls) => Some(Came::ByTls(arrival)),
        Some(first) => {
            let plain = plain(worker, listener, (demand, exception), arrival, first);
            Some(Came::Cleartext(Box::new(plain)))
        }
        None => {
            let reason = "a client that sent nothing: it may wait for the server to speak first";
            refuse(worker, listener, &arrival.ends, reason);
            None
        }
    }
}

/// Lets a client in at a listener that takes nothing but cleartext, as long as its exception holds.
/// `None` where it says nothing.
pub(crate) async fn enter_plain(
    worker: &Worker,
    listener: &ListenerSnapshot,
    (demand, exception): (&Demand, &Exception),
    mut arrival: Arrival,
    admission: &Admission,
) -> Option<Plain> {
    let silent = admission.silent(&worker.silent);
    let Some(told) = silent.hold(first(&mut arrival, http)).await else {
        give_way(&arrival, admission);
        return None;
    };
    let first = told?;
    Some(plain(worker, listener, (demand, exception), arrival, first))
}

/// Ends a client that has said nothing for another, at the limit of connections.
pub(crate) fn give_way(arrival: &Arrival, admission: &Admission) {
    admission.refuse(Limit::Connections);
    limits::close(&arrival.stream);
}

/// Reads until the first bytes tell what is spoken; `None` where they don't come in time.
async fn first(arrival: &mut Arrival, reading: Reading) -> Option<First> {
    let deadline = arrival.deadline;
    let told = async {
        loop {
            if let Some(first) = reading(&arrival.received) {
                return first;
            }
            match arrival.stream.read_buf(&mut arrival.received).await {
                Ok(1..) => {}
                // Whoever reads on meets the same end.
                Ok(0) | Err(_) => return First::Tls,
            }
        }
    };
    deadline.hold(told).await.ok()
}

fn plain(
    worker: &Worker,
    listener: &ListenerSnapshot,
    leave: (&Demand, &Exception),
    arrival: Arrival,
    first: First,
) -> Plain {
    let sighted = accepted(worker, listener, &arrival.ends, leave);
    let Arrival { stream, ends, received, deadline, .. } = arrival;
    let client = Client::in_cleartext(listener, ends);
    Plain { stream, received, deadline, first, client, sighted }
}

/// Puts a client that came in cleartext on record, with by whose leave it did. What comes from this
/// host itself has not left it.
pub(crate) fn accepted(
    worker: &Worker,
    listener: &ListenerSnapshot,
    ends: &Ends,
    (demand, exception): (&Demand, &Exception),
) -> Sighted {
    let hop = &listener.stranger;
    tracing::debug!(%hop, client = %ends.client, %exception, "a client came in cleartext");
    let (at, peer) = (worker.clock.now(), || ends.client.to_string());
    worker.log(|| AccessRecord::Cleartext { at, hop, peer: peer(), exception, error: None });
    seen(worker, listener, demand, (ends, ends.are_of_this_host()))
}

/// Puts a connection in cleartext on record.
pub(crate) fn seen(
    worker: &Worker,
    listener: &ListenerSnapshot,
    demand: &Demand,
    (ends, local): (&Ends, bool),
) -> Sighted {
    let hop = &listener.stranger;
    let transport = Transport::Cleartext { local };
    let (kind, view, at) = (EvidenceKind::Negotiated, View::Server, worker.clock.now());
    let evidence = Evidence { kind, view, at, transport };
    worker.ledger().came_in_cleartext(hop, &evidence, ends.client.ip());
    Sighted::new(hop, demand.mode(), SecurityPolicy::default_policy(), evidence)
}

/// Refuses a client before anything could come in; it is on record then.
pub(crate) fn refuse(worker: &Worker, listener: &ListenerSnapshot, ends: &Ends, error: &str) {
    let hop = &listener.stranger;
    tracing::debug!(%hop, client = %ends.client, error, "a client was refused");
    worker.ledger().failed(hop, View::Server, error);
    let hello = HelloFacts::default();
    worker.log(|| AccessRecord::HandshakeFailed {
        at: worker.clock.now(),
        listener: &listener.name,
        client: ends.client,
        told: ends.told.as_deref().map(ToldRecord::from),
        server_name: None,
        alert: None,
        error,
        guarded: Guarded::of(&hello, Fired::default()),
    });
}

/// Waits until the exception by which a connection is in cleartext counts no more.
pub(crate) async fn ended(clock: &dyn Clock, demand: &Demand) -> CleartextRefused {
    loop {
        if let Err(refused) = demand.cleartext(clock.now()) {
            return refused;
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

/// How often a live connection in cleartext looks whether its exception still holds. Not a wait for
/// the day itself: clocks are set, and the machine may sleep.
const LOOK_AGAIN: std::time::Duration = std::time::Duration::from_secs(30);

#[cfg(test)]
mod tests;
