//! One connection, stage by stage.

use std::cell::RefCell;
use std::io::Cursor;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;

use hermetic_guard::Settings;
use hermetic_hop::View;
use tokio::io::{AsyncReadExt, Join, join};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::time::Instant;

use crate::activity::Activity;
use crate::door::HelloFacts;
use crate::drain::Counted;
use crate::entry::{self, Entry, First, Plain};
use crate::identify::Client;
use crate::introduction;
use crate::limits::{self, Admission, Opened, Resets};
use crate::live::Registration;
use crate::postgres;
use crate::proxied;
use crate::redirect;
use crate::secure::Secured;
use crate::serve;
use crate::sightings::Sighted;
use crate::snapshot::{HopSnapshot, HttpsSnapshot, ListenerSnapshot, ProtocolSnapshot, SiteSnapshot};
use crate::steer::Steering;
use crate::stream;
use crate::upstream::{Kept, Pool};
use crate::worker::Worker;

/// A connection that got through its handshake, or came in without one, as the requests on it see it.
#[derive(Debug)]
pub(crate) struct Connection {
    pub worker: Rc<Worker>,
    pub listener: Arc<ListenerSnapshot>,
    pub client: Client,
    pub sighted: Sighted,
    pub hello: HelloFacts,
    pub activity: Activity,
    pub admission: Admission,
    pub resets: Resets,
    /// Whether it is in cleartext.
    is_plain: bool,
    registration: Option<Registration>,
    /// The pools of upstreams that are told of the client, and so of no other's connections.
    pools: RefCell<Vec<Rc<Kept>>>,
    /// Counted as open for as long as a request, or a tunnel that came of one, holds it.
    _open: Counted,
}

/// Serves a connection to its end, or to that of its listener.
pub(crate) async fn serve(
    worker: Rc<Worker>,
    listener: Arc<ListenerSnapshot>,
    stream: TcpStream,
    peer: SocketAddr,
    counted: (Counted, Opened),
) {
    tokio::select! {
        () = to_its_end(worker, listener.clone(), stream, peer, counted) => {}
        () = listener.tenure.ended() => tracing::debug!(listener = %listener.name, "a connection was cut"),
    }
}

async fn to_its_end(
    worker: Rc<Worker>,
    listener: Arc<ListenerSnapshot>,
    stream: TcpStream,
    peer: SocketAddr,
    (open, opened): (Counted, Opened),
) {
    // Small answers must not wait for one another (Nagle).
    let _ = stream.set_nodelay(true);
    let Some(arrival) = proxied::arrive(&worker, &listener, stream, peer).await else { return };
    // From here on it is known whose connection it is.
    let Some(admission) = opened.admit(&listener.limits, arrival.ends.client, Instant::now()) else {
        return limits::close(&arrival.stream);
    };
    match &listener.protocol {
        ProtocolSnapshot::Redirect { public_port } => {
            redirect::serve(&worker, &listener, Some(*public_port), arrival, &admission).await;
        }
        ProtocolSnapshot::Http(http) => match http.demand.cleartext(worker.clock.now()) {
            Ok(exception) => {
                let leave = (&http.demand, exception);
                let entered = entry::enter_plain(&worker, &listener, leave, arrival, &admission).await;
                if let Some(plain) = entered {
                    Connection::in_cleartext(worker, listener.clone(), plain, (admission, open)).await;
                }
            }
            Err(refused) => {
                worker.ledger().failed(&listener.stranger, View::Server, &refused.to_string());
                redirect::serve(&worker, &listener, http.redirect, arrival, &admission).await;
            }
        },
        ProtocolSnapshot::Stream(passed) => {
            stream::serve(&worker, &listener, passed, arrival, &admission).await;
        }
        ProtocolSnapshot::Postgres(passed) => {
            postgres::serve(&worker, &listener, passed, arrival, &admission).await;
        }
        ProtocolSnapshot::Https(https) => {
            let termination = &https.termination;
            let entered =
                entry::enter(&worker, &listener, termination, arrival, entry::http, &admission).await;
            let (listener, counted) = (listener.clone(), (admission, open));
            match entered {
                Some(Entry::Secured(secured)) => {
                    Connection::secured(worker, listener, *secured, counted).await;
                }
                Some(Entry::Cleartext(plain)) => {
                    Connection::in_cleartext(worker, listener, *plain, counted).await;
                }
                None => {}
            }
        }
    }
}

impl Connection {
    /// Serves the requests of a connection whose TLS stands.
    async fn secured(
        worker: Rc<Worker>,
        listener: Arc<ListenerSnapshot>,
        secured: Secured,
        counted: (Admission, Counted),
    ) {
        let Secured { stream, client, sighted, hello, registration } = secured;
        let http2 = stream.negotiated().alpn.as_deref() == Some("h2");
        let connection =
            Self { hello, registration, ..Self::new(worker, listener, client, sighted, counted) };
        serve::requests(Rc::new(connection), stream, http2, |stream| limits::close(stream.get_ref())).await;
    }

    /// Serves the requests of a connection in cleartext.
    async fn in_cleartext(
        worker: Rc<Worker>,
        listener: Arc<ListenerSnapshot>,
        plain: Plain,
        counted: (Admission, Counted),
    ) {
        let Plain { stream, received, first, client, sighted, .. } = plain;
        let connection = Self { is_plain: true, ..Self::new(worker, listener, client, sighted, counted) };
        let (reading, writing) = stream.into_split();
        let stream = join(Cursor::new(received).chain(reading), writing);
        let close = |stream: &Join<_, OwnedWriteHalf>| limits::close(stream.writer().as_ref());
        serve::requests(Rc::new(connection), stream, first == First::Http2, close).await;
    }

    fn new(
        worker: Rc<Worker>,
        listener: Arc<ListenerSnapshot>,
        client: Client,
        sighted: Sighted,
        (admission, open): (Admission, Counted),
    ) -> Self {
        Self {
            worker,
            listener,
            client,
            sighted,
            hello: HelloFacts::default(),
            activity: Activity::new(),
            admission,
            resets: Resets::default(),
            is_plain: false,
            registration: None,
            pools: RefCell::default(),
            _open: open,
        }
    }

    /// What its listener serves; `None` for a listener of another kind, which has no connections of
    /// this kind.
    pub fn site(&self) -> Option<&SiteSnapshot> {
        match &self.listener.protocol {
            ProtocolSnapshot::Https(https) => Some(&https.site),
            ProtocolSnapshot::Http(http) => Some(&http.site),
            ProtocolSnapshot::Redirect { .. }
            | ProtocolSnapshot::Stream(_)
            | ProtocolSnapshot::Postgres(_) => None,
        }
    }

    /// The pool of a hop; one of the client's own where the upstream is told of it.
    pub fn pool(&self, hop: &Arc<HopSnapshot>) -> Pool {
        let shared = self.worker.pool(hop);
        let Some(version) = hop.proxy_protocol else { return shared };
        let mut pools = self.pools.borrow_mut();
        if let Some(pool) = pools.iter().find_map(|kept| kept.lend(hop)) {
            return pool;
        }
        pools.retain(|pool| !pool.is_abandoned());
        let header = introduction::header(version, &self.client.ends, self.client.details.as_deref());
        let pool = shared.introducing(header);
        pools.push(pool.kept());
        pool
    }

    /// The `https` side of its listener; `None` where the connection is in cleartext.
    pub fn https(&self) -> Option<&HttpsSnapshot> {
        match &self.listener.protocol {
            ProtocolSnapshot::Https(https) if !self.is_plain => Some(https),
            _ => None,
        }
    }

    /// What the guard's rules do; `None` for a listener that serves nothing.
    pub fn guard(&self) -> Option<&Settings> {
        match &self.listener.protocol {
            ProtocolSnapshot::Https(https) => Some(&https.termination.guard),
            ProtocolSnapshot::Http(http) => Some(&http.guard),
            ProtocolSnapshot::Redirect { .. }
            | ProtocolSnapshot::Stream(_)
            | ProtocolSnapshot::Postgres(_) => None,
        }
    }

    /// How cleartext is served and led away from; `None` where the connection is no cleartext.
    pub fn steering(&self) -> Option<Steering<'_>> {
        match &self.listener.protocol {
            ProtocolSnapshot::Https(https) if self.is_plain => {
                Some(Steering { demand: &https.termination.demand, port: Some(self.listener.public_port) })
            }
            ProtocolSnapshot::Http(http) => Some(Steering { demand: &http.demand, port: http.redirect }),
            _ => None,
        }
    }

    /// Waits until the connection must end at once: its client's certificate was revoked, the exception by
    /// which it came in cleartext has ended, or its listener is gone for long enough.
    pub async fn cut(&self) {
        let refused = async {
            match self.steering() {
                Some(steering) => entry::ended(&*self.worker.clock, steering.demand).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.of_client(Registration::revoked) => {}
            refused = refused => {
                tracing::info!(hop = %self.client.hop, client = %self.client.ends.client, %refused, "a connection ends");
            }
            () = self.listener.tenure.ended() => {}
        }
    }

    /// Waits until its client's certificate has run out.
    pub async fn expired(&self) {
        self.of_client(Registration::expired).await;
    }

    async fn of_client<'a, F: Future<Output = ()> + 'a>(&'a self, waits: impl Fn(&'a Registration) -> F) {
        match &self.registration {
            Some(registration) => waits(registration).await,
            None => std::future::pending().await,
        }
    }
}
