//! What was seen of the hop from this instance to the database of its store.

use hermetic_hop::{Evidence, EvidenceKind, HopName, Observation, PartyName, Step, Transport, View};
use hermetic_store::{Connection, ConnectionOutcome};

/// What the connections to the database have shown; `None` where it is no server, and so no hop leads there.
pub(super) fn observation(connections: &[Connection]) -> Option<Observation> {
    if connections.is_empty() {
        return None;
    }
    let mut seen = Observation::new(HopName::new(PartyName::hermetic(), PartyName::store()), View::Client);
    for connection in connections {
        add(&mut seen, connection);
    }
    Some(seen)
}

fn add(seen: &mut Observation, Connection { at, outcome, times }: &Connection) {
    let at = *at;
    let stands = match outcome {
        ConnectionOutcome::Tls(negotiated) => Ok(hermetic_gateway::seen_by_client(negotiated, at)),
        ConnectionOutcome::Local => {
            let transport = Transport::Cleartext { local: true };
            Ok(Evidence { kind: EvidenceKind::Negotiated, view: View::Client, at, transport })
        }
        ConnectionOutcome::NotAsDemanded(reason) => Err((Step::Handshake, reason)),
        ConnectionOutcome::NotReached(reason) => Err((Step::Connect, reason)),
    };
    match stands {
        Ok(evidence) => seen.connected_often(&evidence, *times),
        Err((step, reason)) => {
            seen.failed_often(reason, *times);
            seen.refused(at, step, reason);
        }
    }
}
