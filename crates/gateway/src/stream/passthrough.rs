//! Passthrough: TLS that ends behind the upstream. The hello that was read goes on as it came, and all
//! that follows; both hellos are looked at, and nothing is opened.

use std::sync::Arc;

use hermetic_guard::{Action, RuleId};
use hermetic_hop::{HopName, Mode, View};
use hermetic_tls::flight::ServerChoice;
use hermetic_tls::{Alert, Refusal};

use super::passage::{Failure, Passage};
use super::recording::Recording;
use super::relay::{self, Counted};
use super::silence;
use crate::door::Door;
use crate::handshake;
use crate::hello;
use crate::introduction;
use crate::limits::{Admission, Noted};
use crate::proxy_protocol::Details;
use crate::secure::Opened;
use crate::sightings::Sighted;
use crate::snapshot::HopSnapshot;

/// Passes a connection on to its end.
pub(super) async fn serve(
    hop: &Arc<HopSnapshot>,
    demanded: &hermetic_config::Passage,
    mut opened: Opened<'_>,
    admission: &Admission,
) {
    let policy = demanded.policy;
    if let Err(refusal) = judge(demanded, &mut opened) {
        return opened.refuse(refusal.alert, &refusal.reason).await;
    }
    let Opened { mut stream, opening, door, .. } = opened;
    let Door { worker, listener, ends, hello: facts } = door;
    worker.ledger().guarded(&listener.name, facts.fired);
    let hello = opening.hello;
    let header = hop.proxy_protocol.map(|version| {
        // What both will agree on is not known yet.
        let told = introduction::in_cleartext(&ends);
        let details = Details { authority: hello.server_name.clone(), ..told };
        introduction::header(version, &ends, Some(&details))
    });
    let recording = Recording::unseen(worker, listener, &ends, facts);
    let inbound = &listener.stranger;
    let wire = match worker.pool_introducing(hop, header).open_wire(worker).await {
        Ok(wire) => wire,
        Err(error) => {
            let reason = error.to_string();
            worker.ledger().failed(inbound, View::Observer, &reason);
            recording.ended(Err(reason));
            return hello::refuse(&mut stream, Alert::InternalError).await;
        }
    };
    let seen = |choice: &ServerChoice| {
        let evidence = handshake::seen_in_passing(&hello, choice, worker.clock.now());
        for name in [inbound, &hop.name] {
            worker.ledger().connected(name, &evidence);
        }
        let sighted = |name: &HopName| Sighted::new(name, Mode::Require, policy, evidence.clone());
        recording.seen(sighted(inbound));
        recording.reached(sighted(&hop.name));
    };
    let passage = Passage::new(policy, &seen);
    let silent = async {
        tokio::time::sleep(listener.handshake_timeout).await;
        if passage.is_seen() {
            std::future::pending().await
        }
    };
    let (client, traffic) = Noted::new(&mut stream);
    let client = Counted::new(client, &opening.received, &recording.here);
    let upstream = Counted::new(passage.watch(wire), &[], &recording.there);
    let relayed = tokio::select! {
        relayed = relay::both_ways(client, upstream) => relayed.map_err(|error| error.to_string()),
        reason = silence(&traffic, listener, admission) => Err(reason),
        () = silent => {
            Err(format!("no ServerHello within {} s", listener.handshake_timeout.as_secs()))
        }
    };
    let failure = passage.failure();
    let outcome = match (&failure, relayed) {
        (Some(Failure::Closed), _) if recording.here.ended.get() => {
            Err("the client left before the upstream answered".to_owned())
        }
        (Some(failure), _) => Err(failure.to_string()),
        (None, relayed) => relayed,
    };
    if let (Err(reason), false) = (&outcome, passage.is_seen()) {
        let mut ledger = worker.ledger();
        ledger.failed(inbound, View::Observer, reason);
        ledger.failed(&hop.name, View::Observer, reason);
    }
    let unanswered = recording.here.sent.get() == 0 && !passage.is_seen();
    recording.ended(outcome);
    // In clear, so only where the client has no answer yet that this would break into.
    let alert = failure.map_or(Some(Alert::InternalError), |failure| failure.alert());
    if let Some(alert) = alert.filter(|_| unanswered) {
        hello::refuse(&mut stream, alert).await;
    }
}

/// Refuses a hello that offers no version of the policy, or that the guard refuses. Who the client can
/// check without a name is for its server to know.
fn judge(demanded: &hermetic_config::Passage, opened: &mut Opened<'_>) -> Result<(), Refusal> {
    let (policy, hello) = (demanded.policy, &*opened.opening.hello);
    if !policy.versions.iter().any(|version| hello.versions.contains(version)) {
        opened.door.hello.fired.note(RuleId::BelowFloor, Action::Deny);
        let reason = format!("the client offers no version of {}", policy.full_name());
        return Err(Refusal { alert: Alert::ProtocolVersion, reason });
    }
    opened.door.judge(&demanded.guard, hello, true)
}
