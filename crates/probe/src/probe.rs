//! One probe of one far end: reach it, hold the protocol's prelude, look at its handshake.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hermetic_hop::{Evidence, ExternalEndpoint, Scheme};
use hermetic_tls::{
    Clock, HandshakeError, Identity, Inspection, OldServerError, ProtocolVersion, SecurityPolicy,
    SystemRandomness, TrustAnchors, Uninspected, ask_old,
};
use jiff::Timestamp;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};

use crate::evidence::{Sight, evidence};
use crate::heard::Heard;
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

/// Looks at a far end once, within `deadline` in all.
pub async fn probe(target: &Target, clock: Arc<dyn Clock>, deadline: Duration) -> Outcome {
    let until = Instant::now() + deadline;
    let within = |what: &str| format!("no {what} within {} s", deadline.as_secs_f64());
    let looked = async {
        let ExternalEndpoint { host, port, .. } = &target.endpoint;
        let connecting = timeout_at(until, reach::reach(host, *port)).await;
        let (address, io) = connecting.map_err(|_| within("connection"))??;
        let visit = Visit::new(target, Arc::clone(&clock), address)?;
        let sight = timeout_at(until, visit.look(io)).await.map_err(|_| within("answer"))??;
        Ok((sight, address))
    };
    let looked: Result<_, String> = looked.await;
    let at = clock.now();
    match looked {
        Ok((sight, address)) => Outcome::Seen(evidence(target, sight, address.ip(), at)),
        Err(reason) => Outcome::Unreachable { at, reason },
    }
}

/// How long a far end may be silent after our ClientHello before it is asked in cleartext: Redis
/// without TLS waits for a line's end that never comes.
const PATIENCE: Duration = Duration::from_secs(1);

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
        Ok(Self { target, address, inspection })
    }

    async fn look(&self, io: TcpStream) -> Result<Sight, String> {
        let mut handshake = pin!(self.handshake(io));
        let Some(question) = cleartext::question(&self.target.endpoint) else { return handshake.await };
        match timeout(PATIENCE, &mut handshake).await {
            Ok(Ok(sight)) => Ok(sight),
            Ok(Err(reason)) => self.ask(&question).await.ok_or(reason),
            Err(_) => either(handshake, self.ask(&question)).await,
        }
    }

    /// Whether the far end answers in cleartext.
    async fn ask(&self, question: &cleartext::Question) -> Option<Sight> {
        let io = TcpStream::connect(self.address).await.ok()?;
        question.ask(io).await.then_some(Sight::Cleartext)
    }

    /// The prelude and the handshake; where that finds nothing in common, old TLS.
    async fn handshake(&self, io: TcpStream) -> Result<Sight, String> {
        let Some(io) = self.prelude(io).await? else { return Ok(Sight::Cleartext) };
        let mut io = Heard::new(io);
        match self.inspection.inspect(&mut io).await {
            Ok(inspected) => Ok(Sight::Inspected(Box::new(inspected))),
            Err(_) if io.heard_cleartext() => Ok(Sight::Cleartext),
            Err(Uninspected { error, certificate_seen: true }) => {
                Err(format!("{error}; it may demand a client certificate"))
            }
            Err(Uninspected { error, .. }) => self.old(&error).await,
        }
    }

    /// Asks for what the handshake could not offer, best first. A server that refuses a hello because
    /// of its version takes the one that it knows.
    async fn old(&self, refused: &HandshakeError) -> Result<Sight, String> {
        for highest in [ProtocolVersion::TLS1_2, ProtocolVersion::TLS1_0] {
            let Ok(io) = TcpStream::connect(self.address).await else { break };
            let Ok(Some(io)) = self.prelude(io).await else { break };
            let name = match &self.target.expected {
                Identity::Dns(name) => Some(name),
                Identity::Ip(_) | Identity::Spiffe(_) => None,
            };
            match ask_old(io, highest, name, &SystemRandomness::default()).await {
                Ok(server) => return Ok(Sight::Old(server)),
                Err(OldServerError::Randomness(error)) => return Err(error.to_string()),
                Err(_) => {}
            }
        }
        Err(refused.to_string())
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

/// The first of the two to see something; if neither does, what the handshake says.
async fn either(
    mut handshake: impl Future<Output = Result<Sight, String>> + Unpin,
    answer: impl Future<Output = Option<Sight>>,
) -> Result<Sight, String> {
    let mut answer = pin!(answer);
    tokio::select! {
        outcome = &mut handshake => match outcome {
            Ok(sight) => Ok(sight),
            Err(reason) => answer.await.ok_or(reason),
        },
        answered = &mut answer => match answered {
            Some(sight) => Ok(sight),
            None => handshake.await,
        },
    }
}
