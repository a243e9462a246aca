//! PostgreSQL: a connection that may begin in cleartext and goes on encrypted, its login, and then bytes.
//!
//! What reads bytes of strangers is here without a socket, and public for those who put it to the test.

mod cancel;
mod entry;
mod exchange;
mod login;
pub mod message;
mod negotiation;
mod refusal;
pub mod scram;
mod session;
pub mod startup;
mod users;

use hermetic_hop::View;

use crate::introduction;
use crate::limits::Admission;
use crate::prelude::Arrival;
use crate::snapshot::{ListenerSnapshot, PostgresSnapshot};
use crate::stream::{self, Inbound};
use crate::worker::Worker;
use entry::{Door, Wants};
pub(crate) use negotiation::{ALPN, NegotiationError, ask, counts};
use session::Session;

/// Serves one connection to its end.
pub(crate) async fn serve(
    worker: &Worker,
    listener: &ListenerSnapshot,
    postgres: &PostgresSnapshot,
    arrival: Arrival,
    admission: &Admission,
) {
    let door = Door { worker, listener, postgres, admission };
    let Some((entered, wants)) = door.enter(arrival).await else { return };
    let route = stream::choose(&postgres.stream.routes, &entered.inbound.leg);
    match wants {
        Wants::Session(startup) => Session { door: &door, startup }.run(entered, route).await,
        Wants::Cancel(packet) => {
            let Inbound { leg, ends, sighted, admitted, details, .. } = entered.inbound;
            let Some(route) = route.filter(|_| admitted) else {
                let reason = "a cancel request that leads nowhere";
                return worker.ledger().failed(sighted.hop(), View::Server, reason);
            };
            let header = route.to.proxy_protocol;
            let header = header.map(|version| introduction::header(version, &ends, details.as_deref()));
            let pool = worker.pool_introducing(&route.to, header);
            cancel::pass_on(worker, &pool, &packet, route.to.response_timeout, leg).await;
        }
    }
}
