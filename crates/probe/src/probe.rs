//! One probe of one far end: reach it, hold the protocol's prelude, look at its handshake.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hermetic_hop::{Evidence, ExternalEndpoint, Scheme};
use hermetic_tls::{
    Clock, DnsName, Identity, Inspection, ProtocolVersion, Randomness, SecurityPolicy, SystemRandomness,
    TrustAnchors, Uninspected, ask_old,
};
use jiff::Timestamp;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};

use crate::evidence::{Sight, evidence};
use crate::heard::Heard;
use crate::observe::{Endpoint, Manners, Observations, ObserveError, observe};
use crate::prelude::{self, Prelude};
use crate::{cleartext, reach};

/// A far end, and what it is measured by.
#[derive(Clone, Debug)]
pub struct Target {
    /// Where it is, and how TLS begins there.
    pub endpoint: ExternalEndpoint,
    /// Whom we believe.
    pub trust: TrustAnchors,
    /// Who it must be; a DNS name goes out as the server name.
    pub expected: Identity,
    /// What its handshakes are judged by. The probe itself offers everything, so that the far end's
    /// own choice shows.
    pub policy: &'static SecurityPolicy,
}

impl Target {
    /// The server name that goes out: of a DNS name only.
    fn server_name(&self) -> Option<&DnsName> {
        match &self.expected {
            Identity::Dns(name) => Some(name),
            Identity::Ip(_) | Identity::Spiffe(_) => None,
        }
    }
}

/// What came of a probe.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The far end showed how it speaks: evidence of kind `probed`, in the client's view.
    Seen(Evidence),
    /// It did not answer, or not in its protocol: nothing is known.
    Unreachable {
        /// When.
        at: Timestamp,
        /// Why, in a short sentence.
        reason: String,
    },
}

/// All that one look at an endpoint showed.
#[derive(Debug)]
pub struct Scanned {
    /// The address that was looked at: the first behind the name that took a connection.
    pub address: SocketAddr,
    /// What its own choice was, verified; or why no handshake could be had.
    pub outcome: Outcome,
    /// What it accepts; `None` where it speaks cleartext.
    pub observed: Option<Result<Observations, ObserveError>>,
}

/// Looks at all that an endpoint accepts, at one of its addresses. An error where none takes a connection.
pub async fn scan(
    target: &Target,
    manners: Manners,
    clock: Arc<dyn Clock>,
    randomness: &dyn Randomness,
) -> Result<Scanned, String> {
    let ExternalEndpoint { host, port, scheme } = &target.endpoint;
    let (address, io) = reach::reach(host, *port, Instant::now() + manners.connect).await?;
    let visit = Visit::new(target, Arc::clone(&clock), address)?;
    let sight = timeout(manners.answer, visit.look(io)).await;
    let sight = sight.unwrap_or_else(|_| Err("no answer in time".to_owned()));
    let is_tls = !matches!(sight, Ok(Sight::Cleartext));
    let at = clock.now();
    let outcome = match sight {
        Ok(sight) => Outcome::Seen(evidence(host, sight, address.ip(), at)),
        Err(reason) => Outcome::Unreachable { at, reason },
    };
    let endpoint = Endpoint { address, scheme: *scheme, server_name: target.server_name().cloned() };
    let observed = match is_tls {
        true => Some(observe(&endpoint, manners, randomness).await),
        false => None,
    };
    Ok(Scanned { address, outcome, observed })
}

/// Looks at a far end once, within `deadline` in all.
pub async fn probe(target: &Target, clock: Arc<dyn Clock>, deadline: Duration) -> Outcome {
    let until = Instant::now() + deadline;
    let within = |what: &str| format!("no {what} within {} s", deadline.as_secs_f64());
    let looked = async {
        let ExternalEndpoint { host, port, .. } = &target.endpoint;
        let connecting = timeout_at(until, reach::reach(host, *port, until)).await;
        let (address, io) = connecting.map_err(|_| within("connection"))??;
        let visit = Visit::new(target, Arc::clone(&clock), address)?;
        let sight = timeout_at(until, visit.look(io)).await.map_err(|_| within("answer"))??;
        Ok((sight, address))
    };
    let looked: Result<_, String> = looked.await;
    let at = clock.now();
    match looked {
        Ok((sight, address)) => Outcome::Seen(evidence(&target.endpoint.host, sight, address.ip(), at)),
        Err(reason) => Outcome::Unreachable { at, reason },
    }
}

/// How long a far end may be silent after our ClientHello before it is asked in cleartext: Redis
/// without TLS waits for a line's end that never comes.
const PATIENCE: Duration = Duration::from_secs(1);

/// Why a handshake showed nothing.
struct Failure {
    reason: String,
    /// Whether the far end said nothing at all.
    silent: bool,
}

/// One far end at one address; it may take several connections to see how it speaks.
struct Visit<'a> {
    target: &'a Target,
    address: SocketAddr,
    inspection: Inspection,
}

impl<'a> Visit<'a> {
    fn new(target: &'a Target, clock: Arc<dyn Clock>, address: SocketAddr) -> Result<Self, String> {
        // What a browser offers. Elsewhere the protocol is settled without ALPN.
        let alpn: &[&str] = if target.endpoint.scheme == Scheme::Https { &["h2", "http/1.1"] } else { &[] };
        let inspection = Inspection::new(target.trust.clone(), target.expected.clone(), alpn, clock)
            .map_err(|error| error.to_string())?;
        let prelude = Prelude::of(target.endpoint.scheme, address.ip());
        let farewell = prelude.as_ref().map_or(&[][..], Prelude::farewell);
        Ok(Self { target, address, inspection: inspection.with_farewell(farewell) })
    }

    async fn look(&self, io: TcpStream) -> Result<Sight, String> {
        let mut handshake = pin!(self.handshake(io));
        let looked = match cleartext::question(&self.target.endpoint) {
            None => handshake.await,
            Some(question) => match timeout(PATIENCE, &mut handshake).await {
                Ok(looked) => self.ask_the_silent(looked, &question).await,
                Err(_) => self.either(handshake, &question).await,
            },
        };
        looked.map_err(|failure| failure.reason)
    }

    /// The first of handshake and cleartext to see something.
    async fn either(
        &self,
        mut handshake: impl Future<Output = Result<Sight, Failure>> + Unpin,
        question: &cleartext::Question,
    ) -> Result<Sight, Failure> {
        tokio::select! {
            looked = &mut handshake => self.ask_the_silent(looked, question).await,
            answered = self.ask(question) => match answered {
                Some(sight) => Ok(sight),
                None => handshake.await,
            },
        }
    }

    /// A far end that ended the handshake without a word may speak cleartext.
    async fn ask_the_silent(
        &self,
        looked: Result<Sight, Failure>,
        question: &cleartext::Question,
    ) -> Result<Sight, Failure> {
        match looked {
            Err(failure) if failure.silent => self.ask(question).await.ok_or(failure),
            looked => looked,
        }
    }

    /// Whether the far end answers in cleartext.
    async fn ask(&self, question: &cleartext::Question) -> Option<Sight> {
        let io = TcpStream::connect(self.address).await.ok()?;
        question.ask(io).await.then_some(Sight::Cleartext)
    }

    /// The prelude and the handshake; where that finds nothing in common, old TLS.
    async fn handshake(&self, io: TcpStream) -> Result<Sight, Failure> {
        let told = |reason: String| Failure { reason, silent: false };
        let Some(io) = self.prelude(io).await.map_err(told)? else { return Ok(Sight::Cleartext) };
        let mut io = Heard::new(io);
        match self.inspection.inspect(&mut io).await {
            Ok(inspected) => Ok(Sight::Inspected(Box::new(inspected))),
            Err(_) if io.heard_cleartext() => Ok(Sight::Cleartext),
            Err(Uninspected { error, certificate_seen: true }) => {
                Err(told(format!("{error}; it may demand a client certificate")))
            }
            Err(Uninspected { error, .. }) => self
                .old()
                .await
                .ok_or_else(|| Failure { reason: error.to_string(), silent: !io.heard_anything() }),
        }
    }

    /// Asks for what the handshake could not offer, best first. A server that refuses a hello because
    /// of its version takes the one that it knows.
    async fn old(&self) -> Option<Sight> {
        let name = self.target.server_name();
        for highest in [ProtocolVersion::TLS1_2, ProtocolVersion::TLS1_0] {
            let io = TcpStream::connect(self.address).await.ok()?;
            let io = self.prelude(io).await.ok()??;
            if let Ok(server) = ask_old(io, highest, name, &SystemRandomness::default()).await {
                return Some(Sight::Old(server));
            }
        }
        None
    }

    /// Brings the connection to where TLS begins; `None` where the far end offers no TLS.
    async fn prelude(&self, io: TcpStream) -> Result<Option<TcpStream>, String> {
        let local = io.local_addr().map_err(|error| error.to_string())?.ip();
        match Prelude::of(self.target.endpoint.scheme, local) {
            Some(prelude) => prelude::hold(prelude, io).await,
            None => Ok(Some(io)),
        }
    }
}
