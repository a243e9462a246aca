//! Session: route, upstream, login, bytes both ways, record.

use hermetic_hop::{HopName, View};
use hermetic_tls::Certificate;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::entry::{Door, Entered};
use super::login::{self, Bindings, LoginError, Plus, Sides};
use super::refusal::Refusal;
use super::scram::ClientBinding;
use super::startup::Startup;
use super::users::{self, Asking};
use crate::hello;
use crate::introduction;
use crate::leg::Leg;
use crate::record::PostgresFacts;
use crate::snapshot::{HopSnapshot, LoginSnapshot, StreamRouteSnapshot, TransportSnapshot};
use crate::stream::{self, Inbound, Recording};
use crate::upstream::{Pool, Reached};
use crate::wire::Wire;

/// A session, from the start-up packet on.
pub(super) struct Session<'s> {
    pub door: &'s Door<'s>,
    pub startup: Startup,
}

impl Session<'_> {
    /// Serves it to its end, over the route that takes it.
    pub async fn run(&self, entered: Entered<'_>, route: Option<&StreamRouteSnapshot>) {
        let Entered { inbound, sslnegotiation } = entered;
        let Inbound { mut leg, ends, sighted, hello, admitted, cut, details, .. } = inbound;
        let Door { worker, listener, postgres, admission } = *self.door;
        let hop = sighted.hop().clone();
        let Startup { user, database, .. } = self.startup.clone();
        let facts = PostgresFacts { user, database, sslnegotiation, binding: postgres.login.binding() };
        let recording = Recording::begin(worker, listener, &ends, sighted, hello).with_postgres(facts);
        let entering = async {
            let Some(route) = route.filter(|_| admitted) else {
                let refusal = if admitted { Refusal::NO_ROUTE } else { Refusal::NOT_ADMITTED };
                let reason = refusal.to_string();
                return Err(self.turn(&mut leg, &hop, refusal, reason).await);
            };
            let header = route.to.proxy_protocol;
            let header = header.map(|version| introduction::header(version, &ends, details.as_deref()));
            let pool = worker.pool_introducing(&route.to, header);
            let mut upstream = match pool.open_bytes(worker).await {
                Ok(Reached { leg, sighted }) => {
                    recording.reached(sighted);
                    leg
                }
                Err(error) => return Err(self.unreached(&mut leg, &route.to, error.to_string()).await),
            };
            // Each message has its time; notices without end must not make it any time.
            let within = listener.handshake_timeout + route.to.response_timeout;
            let logged_in =
                match timeout(within, self.log_in(&mut leg, &mut upstream, &pool, &route.to)).await {
                    Ok(logged_in) => logged_in,
                    Err(_) => Err(LoginError::Upstream(format!("no login within {} s", within.as_secs()))),
                };
            match logged_in {
                Ok(()) => Ok(upstream),
                Err(error) => Err(self.told(&mut leg, &hop, &route.to, error).await),
            }
        };
        let entered = tokio::select! {
            biased;
            reason = cut.wait(worker) => Err(reason),
            entered = entering => entered,
        };
        recording.ended(match (entered, route) {
            (Ok(upstream), Some(route)) => {
                let door = stream::Door { worker, listener, admission };
                stream::carry(door, &recording, &cut, (leg, &[]), (&route.to, upstream)).await
            }
            (Ok(_), None) => Ok(()),
            (Err(reason), _) => Err(reason),
        });
    }

    async fn log_in(
        &self,
        client: &mut Leg<TcpStream>,
        upstream: &mut Leg<Wire>,
        pool: &Pool,
        hop: &HopSnapshot,
    ) -> Result<(), LoginError> {
        let Door { worker, postgres, .. } = *self.door;
        let (ours, theirs) = (presented(client).cloned(), peer(upstream).cloned());
        let plus = match (&postgres.login, ours, theirs) {
            (LoginSnapshot::Terminate(users), ours, theirs) => {
                let asking = Asking { worker, pool, within: hop.response_timeout };
                let known = users::find(&asking, users, &self.startup.user).await?;
                let bindings = Bindings {
                    client: ours.as_ref().and_then(Certificate::tls_server_end_point),
                    upstream: ClientBinding::of(theirs.as_ref()),
                };
                let mut sides = self.sides(client, upstream, hop);
                return login::terminate(&mut sides, &self.startup, users, known, bindings).await;
            }
            (LoginSnapshot::SharedCertificate, Some(ours), Some(theirs))
                if ours.fingerprint == theirs.fingerprint =>
            {
                Plus::Passes
            }
            // A client that an exception lets in over cleartext sees no certificate.
            (LoginSnapshot::SharedCertificate, None, Some(_)) => Plus::Stripped,
            (LoginSnapshot::SharedCertificate, ours, theirs) => return Err(not_shared(ours, theirs)),
            // Over cleartext the upstream makes no offer; and what it makes over TLS, no client can take.
            (LoginSnapshot::Pass | LoginSnapshot::StripPlus, _, None) => Plus::Passes,
            (LoginSnapshot::StripPlus, ..) | (LoginSnapshot::Pass, None, Some(_)) => Plus::Stripped,
            (LoginSnapshot::Pass, Some(_), Some(_)) => Plus::Refused,
        };
        let mut sides = self.sides(client, upstream, hop);
        let passed = login::pass(&mut sides, &self.startup, plus).await;
        if sides.password_asked {
            self.exposed(sides.client, hop);
        }
        passed
    }

    fn sides<'e>(
        &self,
        client: &'e mut Leg<TcpStream>,
        upstream: &'e mut Leg<Wire>,
        hop: &HopSnapshot,
    ) -> Sides<'e> {
        let upstream_exposed = hop.transport.is_exposed(upstream);
        let is_preferred = matches!(hop.transport, TransportSnapshot::Preferred { .. });
        Sides {
            password_kept: matches!(client, Leg::Tls(_)) && upstream_exposed && is_preferred,
            client,
            client_within: self.door.listener.handshake_timeout,
            upstream_exposed,
            upstream,
            upstream_within: hop.response_timeout,
            password_asked: false,
        }
    }

    /// Puts on record that a password came in cleartext which can leave the host.
    fn exposed(&self, client: &Leg<TcpStream>, hop: &HopSnapshot) {
        let Leg::Cleartext(stream) = client else { return };
        let Ok(peer) = stream.peer_addr() else { return };
        if peer.ip().to_canonical().is_loopback() {
            return;
        }
        let Door { worker, listener, .. } = *self.door;
        tracing::debug!(client = %peer, to = %hop.name.to, "a password came in cleartext");
        worker.ledger().credential_exposed(&listener.stranger);
    }

    /// Tells the client why it is not logged in, where it is there to hear it; gives the true reason.
    async fn told(
        &self,
        leg: &mut Leg<TcpStream>,
        inbound: &HopName,
        hop: &HopSnapshot,
        error: LoginError,
    ) -> String {
        match error {
            LoginError::Refused { refusal, reason } => self.turn(leg, inbound, refusal, reason).await,
            LoginError::Upstream(reason) => {
                self.door.worker.ledger().failed(&hop.name, View::Client, &reason);
                self.unreached(leg, hop, reason).await
            }
            error @ (LoginError::Client(_) | LoginError::Answered(_)) => {
                hello::say(leg, b"").await;
                error.to_string()
            }
        }
    }

    async fn turn(
        &self,
        leg: &mut Leg<TcpStream>,
        inbound: &HopName,
        refusal: Refusal,
        reason: String,
    ) -> String {
        let user = self.startup.user.escape_debug();
        tracing::debug!(hop = %inbound, %user, %reason, "a login was refused");
        self.door.worker.ledger().failed(inbound, View::Server, &reason);
        hello::say(leg, &refusal.bytes()).await;
        reason
    }

    async fn unreached(&self, leg: &mut Leg<TcpStream>, hop: &HopSnapshot, reason: String) -> String {
        let reference = self.door.worker.upstream_failed(hop, &reason);
        hello::say(leg, &Refusal::upstream(&reference).bytes()).await;
        reason
    }
}

/// The certificate that we showed a client.
fn presented(leg: &Leg<TcpStream>) -> Option<&Certificate> {
    match leg {
        Leg::Tls(stream) => stream.negotiated().presented.as_ref().map(hermetic_tls::Chain::leaf),
        Leg::Cleartext(_) => None,
    }
}

/// The certificate that an upstream showed us.
pub(super) fn peer(leg: &Leg<Wire>) -> Option<&Certificate> {
    match leg {
        Leg::Tls(stream) => stream.negotiated().peer.as_ref().map(hermetic_tls::Chain::leaf),
        Leg::Cleartext(_) => None,
    }
}

fn not_shared(ours: Option<Certificate>, theirs: Option<Certificate>) -> LoginError {
    let shown = |certificate: Option<Certificate>| match certificate {
        Some(certificate) => certificate.fingerprint.to_string(),
        None => "none".to_owned(),
    };
    LoginError::Upstream(format!(
        "the certificate is not shared: the listener serves {} and the upstream {} (SHA-256)",
        shown(ours),
        shown(theirs)
    ))
}
