//! One connection, stage by stage.

use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;

use hermetic_hop::View;
use hermetic_tls::{Alert, TlsStream};
use tokio::net::TcpStream;

use crate::activity::Activity;
use crate::drain::Counted;
use crate::handshake;
use crate::hello::{self, OpeningError};
use crate::identify::Client;
use crate::live::Registration;
use crate::prelude::{self, Arrival};
use crate::record::AccessRecord;
use crate::redirect;
use crate::serve;
use crate::sightings::Sighted;
use crate::snapshot::{HttpsSnapshot, ListenerSnapshot, ProtocolSnapshot};
use crate::worker::Worker;

/// A connection that got through its handshake, as the requests on it see it.
#[derive(Debug)]
pub(crate) struct Connection {
    pub worker: Rc<Worker>,
    pub listener: Arc<ListenerSnapshot>,
    pub client: Client,
    pub sighted: Sighted,
    pub activity: Activity,
    registration: Option<Registration>,
    /// Counted as open for as long as a request, or a tunnel that came of one, holds it.
    _open: Counted,
}

/// Serves a connection to its end.
pub(crate) async fn serve(
    worker: Rc<Worker>,
    listener: Arc<ListenerSnapshot>,
    stream: TcpStream,
    address: SocketAddr,
    open: Counted,
) {
    // Small answers must not wait for one another (Nagle).
    let _ = stream.set_nodelay(true);
    match &listener.protocol {
        ProtocolSnapshot::Redirect { public_port } => {
            redirect::serve(&worker, &listener, *public_port, stream, address).await;
        }
        ProtocolSnapshot::Https(https) => {
            let arrival = prelude::none(stream, address);
            let secured = secure(&worker, &listener, https, arrival).await;
            if let Some(Secured { stream, client, sighted, registration }) = secured {
                let listener = listener.clone();
                let connection = Connection {
                    worker,
                    listener,
                    client,
                    sighted,
                    activity: Activity::new(),
                    registration,
                    _open: open,
                };
                serve::requests(Rc::new(connection), stream).await;
            }
        }
    }
}

impl Connection {
    /// The `https` side of its listener; `None` for a listener of another kind, which has no
    /// connections of this kind.
    pub fn https(&self) -> Option<&HttpsSnapshot> {
        match &self.listener.protocol {
            ProtocolSnapshot::Https(https) => Some(https),
            ProtocolSnapshot::Redirect { .. } => None,
        }
    }

    /// Waits until the connection must end because its client's certificate was revoked.
    pub async fn ended(&self) {
        match &self.registration {
            Some(registration) => registration.ended().await,
            None => std::future::pending().await,
        }
    }
}

/// A stream that is ready for requests, and what its handshake showed.
struct Secured {
    stream: TlsStream<TcpStream>,
    client: Client,
    sighted: Sighted,
    registration: Option<Registration>,
}

/// prelude → hello → select → handshake → identify. `None` where one of them refused; it is on record then.
async fn secure(
    worker: &Worker,
    listener: &ListenerSnapshot,
    https: &HttpsSnapshot,
    arrival: Arrival,
) -> Option<Secured> {
    let Arrival { mut stream, address, received } = arrival;
    let failed = |server_name: Option<&str>, alert: Option<Alert>, reason: &str| {
        let door = Door { worker, listener, https, address };
        door.record_failure(server_name, alert, reason);
        None
    };
    let opening = match hello::read(&mut stream, &received, listener.handshake_timeout).await {
        Ok(opening) => opening,
        Err(OpeningError::Silent) => return None,
        Err(error) => return failed(None, error.alert(), &error.to_string()),
    };
    let server_name = opening.hello.server_name.as_deref();
    let local = match stream.local_addr() {
        Ok(local) => local.ip(),
        Err(error) => return failed(server_name, None, &error.to_string()),
    };
    let credential = match https.handshake.select(&opening.hello, local) {
        Ok(credential) => credential,
        Err(refusal) => {
            hello::refuse(&mut stream, refusal.alert).await;
            return failed(server_name, Some(refusal.alert), &refusal.reason);
        }
    };
    let stream =
        match handshake::accept(https, credential, &opening, stream, listener.handshake_timeout).await {
            Ok(stream) => stream,
            Err(error) => return failed(server_name, None, &error.to_string()),
        };
    let client = Client::of(https, &listener.name, stream.negotiated(), address);
    let registration = stream.negotiated().peer.as_ref().map(|chain| worker.live.register(chain.leaf()));
    let evidence = handshake::seen_by_server(&opening.hello, stream.negotiated(), worker.clock.now());
    match client.admitted {
        true => worker.ledger().connected(&client.hop, &evidence),
        false => worker.ledger().failed(&client.hop, View::Server, "an identity that is not admitted"),
    }
    let sighted = Sighted::new(&client.hop, https.mode, https.policy, evidence);
    Some(Secured { stream, client, sighted, registration })
}

/// Where a handshake failed.
struct Door<'a> {
    worker: &'a Worker,
    listener: &'a ListenerSnapshot,
    https: &'a HttpsSnapshot,
    address: SocketAddr,
}

impl Door<'_> {
    fn record_failure(&self, server_name: Option<&str>, alert: Option<Alert>, error: &str) {
        let (at, hop) = (self.worker.clock.now(), &self.https.stranger);
        tracing::debug!(%hop, client = %self.address, error, "a handshake failed");
        self.worker.ledger().failed(hop, View::Server, error);
        self.worker.log(|| AccessRecord::HandshakeFailed {
            at,
            listener: &self.listener.name,
            client: self.address,
            server_name,
            alert: alert.map(Alert::name),
            error,
        });
    }
}
