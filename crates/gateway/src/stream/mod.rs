//! Streams: connections whose bytes are passed on as they are, whatever protocol they are of.

mod passage;
mod passthrough;
mod recording;
mod relay;
mod select;

use std::sync::Arc;

use hermetic_hop::{Demand, View};
use tokio::net::TcpStream;

use crate::door::HelloFacts;
use crate::entry::{self, Came, Plain};
use crate::introduction;
use crate::leg::Leg;
use crate::limits::{Admission, Limit, Noted, Traffic};
use crate::live::Registration;
use crate::prelude::{Arrival, Ends};
use crate::proxy_protocol::Details;
use crate::record::Lapse;
use crate::secure::{self, Opened, Secured};
use crate::sightings::Sighted;
use crate::snapshot::{
    Ending, HopSnapshot, ListenerSnapshot, StreamClientsSnapshot, StreamRouteSnapshot, StreamSnapshot,
};
use crate::upstream::Reached;
use crate::wire::Wire;
use crate::worker::Worker;
pub(crate) use recording::Recording;
use relay::Counted;

/// A client's leg that is ready to carry bytes.
pub(crate) struct Inbound<'a> {
    pub leg: Leg<TcpStream>,
    pub ends: Ends,
    pub sighted: Sighted,
    pub hello: HelloFacts,
    pub admitted: bool,
    pub cut: Cut<'a>,
    /// What was received of the leg already.
    pub received: Vec<u8>,
    /// What upstreams with PROXY protocol are told of the client.
    pub details: Option<Box<Details>>,
}

/// What may end a connection before its time.
pub(crate) enum Cut<'a> {
    /// The revocation of its client's certificate, or its end.
    Revocation(Registration),
    /// The end of the exception by which it came in cleartext.
    Exception(&'a Demand),
    Nothing,
}

/// Serves one connection to its end.
pub(crate) async fn serve(
    worker: &Worker,
    listener: &ListenerSnapshot,
    stream: &StreamSnapshot,
    arrival: Arrival,
    admission: &Admission,
) {
    let door = Door { worker, listener, admission };
    let Some(entered) = enter(worker, listener, stream, arrival, admission).await else { return };
    let opened = match entered {
        Entered::Cleartext(inbound) => {
            let route = choose(&stream.routes, &inbound.leg);
            return pass_on(door, route.map(|route| &route.to), *inbound).await;
        }
        Entered::Opened(opened) => *opened,
    };
    let route = match select::route(&stream.routes, &opened.opening.hello) {
        Ok(route) => route,
        Err(refusal) => return opened.refuse(refusal.alert, &refusal.reason).await,
    };
    let termination = match &route.ending {
        Ending::Beyond(passage) => return passthrough::serve(&route.to, passage, opened, admission).await,
        Ending::With(termination) => Some(&**termination),
        Ending::Here => stream.clients.termination(),
    };
    let Some(termination) = termination else { return };
    let secured = secure::terminate(termination, opened, admission).await;
    if let Some(inbound) = secured.map(Inbound::from).filter(|inbound| inbound.admitted) {
        pass_on(door, Some(&route.to), inbound).await;
    }
}

/// How far a client has come in.
enum Entered<'a> {
    /// Its hello is there.
    Opened(Box<Opened<'a>>),
    Cleartext(Box<Inbound<'a>>),
}

/// Passes the bytes of a client on over this hop, and back.
async fn pass_on(door: Door<'_>, hop: Option<&Arc<HopSnapshot>>, inbound: Inbound<'_>) {
    let Door { worker, listener, .. } = door;
    let Inbound { leg: client, ends, sighted, hello, cut, received, details, .. } = inbound;
    let Some(hop) = hop else {
        let reason = "no route leads there";
        worker.ledger().failed(sighted.hop(), View::Server, reason);
        return Recording::begin(worker, listener, &ends, sighted, hello).ended(Err(reason.to_owned()));
    };
    let recording = Recording::begin(worker, listener, &ends, sighted, hello);
    let header = hop.proxy_protocol.map(|version| introduction::header(version, &ends, details.as_deref()));
    let leg = match worker.pool_introducing(hop, header).open_bytes(worker).await {
        Ok(Reached { leg, sighted }) => {
            recording.reached(sighted);
            leg
        }
        // Bytes of an unknown protocol have no words for it.
        Err(error) => return recording.ended(Err(error.to_string())),
    };
    recording.ended(carry(door, &recording, &cut, (client, &received), (hop, leg)).await);
}

/// What a stream is carried by.
pub(crate) struct Door<'a> {
    pub worker: &'a Worker,
    pub listener: &'a ListenerSnapshot,
    pub admission: &'a Admission,
}

/// Carries bytes both ways until both ends are done, or the stream is cut, or nothing has passed for too
/// long.
pub(crate) async fn carry(
    Door { worker, listener, admission }: Door<'_>,
    recording: &Recording<'_>,
    cut: &Cut<'_>,
    (client, received): (Leg<TcpStream>, &[u8]),
    (hop, upstream): (&HopSnapshot, Leg<Wire>),
) -> Result<(), String> {
    let plain = matches!(upstream, Leg::Cleartext(_));
    let (client, traffic) = Noted::new(client);
    let client = Counted::new(client, received, &recording.here);
    let upstream = Counted::new(upstream, &[], &recording.there);
    tokio::select! {
        // What ends it comes before its next bytes.
        biased;
        reason = cut.wait(worker) => Err(reason),
        reason = leave_ended(worker, hop, plain) => Err(reason),
        reason = silence(&traffic, listener, admission) => Err(reason),
        relayed = relay::both_ways(client, upstream) => relayed.map_err(|error| error.to_string()),
    }
}

/// Waits until nothing has passed for as long as the listener allows; gives the reason to end.
async fn silence(traffic: &Traffic, listener: &ListenerSnapshot, admission: &Admission) -> String {
    let limit = listener.limits.stream_timeout;
    traffic.silent(limit).await;
    admission.refuse(Limit::StreamTimeout);
    format!("nothing passed for {} s", limit.as_secs())
}

/// Waits until cleartext to the upstream is refused; for ever where the connection is by TLS.
async fn leave_ended(worker: &Worker, hop: &HopSnapshot, plain: bool) -> String {
    match hop.demand.exception().filter(|_| plain) {
        Some(_) => entry::ended(&*worker.clock, &hop.demand).await.to_string(),
        None => std::future::pending().await,
    }
}

/// Lets a client in as its listener takes them: as far as its hello, or all of it where none comes.
async fn enter<'a>(
    worker: &'a Worker,
    listener: &'a ListenerSnapshot,
    stream: &'a StreamSnapshot,
    arrival: Arrival,
    admission: &Admission,
) -> Option<Entered<'a>> {
    let in_cleartext =
        |arrival, sighted, cut| Some(Entered::Cleartext(Box::new(Inbound::plain(arrival, sighted, cut))));
    let demand = match &stream.clients {
        StreamClientsSnapshot::Tls(termination) => &termination.demand,
        StreamClientsSnapshot::PassedThrough => &Demand::Require,
        StreamClientsSnapshot::Local => {
            let sighted = entry::seen(worker, listener, &Demand::Require, (&arrival.ends, true));
            return in_cleartext(arrival, sighted, Cut::Nothing);
        }
        StreamClientsSnapshot::Cleartext(demand) => {
            return match demand.cleartext(worker.clock.now()) {
                Ok(exception) => {
                    let sighted = entry::accepted(worker, listener, &arrival.ends, (demand, exception));
                    in_cleartext(arrival, sighted, Cut::Exception(demand))
                }
                Err(refused) => {
                    entry::refuse(worker, listener, &arrival.ends, &refused.to_string());
                    None
                }
            };
        }
    };
    match entry::tell(worker, listener, demand, arrival, entry::bytes, admission).await? {
        Came::ByTls(arrival) => {
            let opened = secure::open(worker, listener, demand, arrival, admission).await?;
            Some(Entered::Opened(Box::new(opened)))
        }
        Came::Cleartext(plain) => {
            let Plain { stream, received, deadline, client, sighted, .. } = *plain;
            let arrival = Arrival { stream, ends: client.ends, received, alpn: None, deadline };
            in_cleartext(arrival, sighted, Cut::Exception(demand))
        }
    }
}

impl From<Secured> for Inbound<'_> {
    fn from(secured: Secured) -> Self {
        let Secured { stream, client, sighted, hello, registration } = secured;
        Self {
            leg: Leg::Tls(Box::new(stream)),
            ends: client.ends,
            sighted,
            hello,
            admitted: client.admitted,
            cut: registration.map_or(Cut::Nothing, Cut::Revocation),
            received: Vec::new(),
            details: client.details,
        }
    }
}

impl<'a> Inbound<'a> {
    /// A client in cleartext.
    pub fn plain(arrival: Arrival, sighted: Sighted, cut: Cut<'a>) -> Self {
        let Arrival { stream, ends, received, .. } = arrival;
        let details = Some(Box::new(introduction::in_cleartext(&ends)));
        let (leg, hello) = (Leg::Cleartext(stream), HelloFacts::default());
        Self { leg, ends, sighted, hello, admitted: true, cut, received, details }
    }
}

impl Cut<'_> {
    /// Waits for it; gives the reason.
    pub async fn wait(&self, worker: &Worker) -> String {
        match self {
            Self::Revocation(registration) => match registration.ended().await {
                Lapse::Revoked => "the client's certificate was revoked".to_owned(),
                Lapse::Expired => "the client's certificate has expired".to_owned(),
            },
            Self::Exception(demand) => entry::ended(&*worker.clock, demand).await.to_string(),
            Self::Nothing => std::future::pending().await,
        }
    }
}

/// The first route that takes a client by the server name that it asked for, where TLS ends here if it
/// came by it.
pub(crate) fn choose<'a>(
    routes: &'a [StreamRouteSnapshot],
    leg: &Leg<TcpStream>,
) -> Option<&'a StreamRouteSnapshot> {
    let (server_name, by_tls) = match leg {
        Leg::Tls(stream) => (stream.negotiated().server_name.as_deref(), true),
        Leg::Cleartext(_) => (None, false),
    };
    // Without a hello nothing was offered, so a route that wants something offered takes none.
    let takes = |route: &&StreamRouteSnapshot| {
        select::takes_name(route, server_name) && (by_tls || route.alpn.is_empty())
    };
    let ends_here = |route: &&StreamRouteSnapshot| !matches!(route.ending, Ending::Beyond(_));
    routes.iter().filter(ends_here).find(takes)
}
