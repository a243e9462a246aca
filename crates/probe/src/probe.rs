//! One probe of one far end: reach it, hold the protocol's prelude, look at its handshake.

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use hermetic_hop::{Evidence, ExternalEndpoint, Scheme, Transport};
use hermetic_tls::{
    Clock, Credential, DnsName, Foreign, Identity, Inspection, Randomness, RevokedCertificates,
    SecurityPolicy, SystemRandomness, TrustAnchors, Uninspected, ask_foreign,
};
use jiff::Timestamp;
use tokio::time::{Instant, timeout, timeout_at};

use crate::beside::{Beside, Look};
use crate::certificates::{Extent, Showing};
use crate::evidence::{Sight, evidence};
use crate::greeting::{self, Greeting};
use crate::heard::Heard;
use crate::observe::{
    Choice, Endpoint, Known, Manners, Observations, ObserveError, observe_beside, observe_briefly,
};
use crate::prelude::{self, Prelude};
use crate::way::{Connection, Destination, Opened, Way};
use crate::{Spoken, cleartext, reach};

/// A far end, and what it is measured by.
#[derive(Clone, Debug)]
pub struct Target {
    /// Where it is, and how TLS begins there.
    pub endpoint: ExternalEndpoint,
    /// Whom we believe.
    pub trust: TrustAnchors,
    /// Whom we don't believe, although somebody vouches for them.
    pub revoked: RevokedCertificates,
    /// Who it must be; a DNS name goes out as the server name.
    pub expected: Identity,
    /// What its handshakes are judged by. The probe itself offers everything, so that the far end's
    /// own choice shows.
    pub policy: &'static SecurityPolicy,
    /// Who we are, to one that asks for a client certificate.
    pub credential: Option<Arc<Credential>>,
    /// How far a full scan looks at what stands beside its handshakes; nowhere for `None`.
    pub extent: Option<Arc<Extent>>,
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

/// How much an endpoint is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    /// All that there is to ask.
    #[default]
    Full,
    /// What a handful of connections tells: versions, the best suite, the certificate, post-quantum groups.
    Fast,
}

/// All that one look at an endpoint showed.
#[derive(Debug)]
pub struct Scanned {
    /// The address that was looked at. `None` where none took a connection; with one report for each address, where
    /// there was none.
    pub address: Option<Destination>,
    /// What it said of itself before anybody asked; `None` where its protocol has no greeting, or none was heard.
    pub greeting: Option<Greeting>,
    /// What its own choice was, verified; or why no handshake could be had.
    pub outcome: Outcome,
    /// What it speaks in clear, where that is what it does: nobody needs a key to read it.
    pub cleartext: Option<Spoken>,
    /// What it accepts; `None` where it speaks cleartext.
    pub observed: Option<Result<Observations, ObserveError>>,
    /// What stands beside its handshakes; `None` where it speaks cleartext, or nobody asked.
    pub beside: Option<Beside>,
    /// How many connections were opened to see all that, or tried to; those to whom certificates point included.
    pub connections: Opened,
}

impl Scanned {
    /// Nothing, for this reason.
    pub fn unreachable(at: Timestamp, reason: String) -> Self {
        let observed = Some(Err(ObserveError::Unreachable(reason.clone())));
        let outcome = Outcome::Unreachable { at, reason };
        Self {
            address: None,
            greeting: None,
            outcome,
            cleartext: None,
            observed,
            beside: None,
            connections: Opened::default(),
        }
    }
}

/// Looks at all that an endpoint accepts, at the first of these addresses that takes a connection.
pub async fn scan(
    target: &Target,
    addresses: &[Destination],
    depth: Depth,
    manners: &Manners,
    clock: Arc<dyn Clock>,
    randomness: &dyn Randomness,
) -> Scanned {
    let ExternalEndpoint { host, scheme, .. } = &target.endpoint;
    let way = manners.way.for_target(manners.most_connections);
    let manners = &Manners { way, ..manners.clone() };
    let (address, io) = match reach::first(&manners.way, addresses, manners.connect).await {
        Ok(reached) => reached,
        Err(reason) => {
            let connections = manners.way.opened();
            return Scanned { connections, ..Scanned::unreachable(clock.now(), reason) };
        }
    };
    let _pace = manners.way.lane(&address);
    let visit = Visit::new(target, &manners.way, Arc::clone(&clock), address.clone());
    let (sight, greeting) = match visit {
        Ok(visit) => {
            let sight = timeout(manners.answer, visit.look(io)).await;
            (sight.unwrap_or_else(|_| Err("no answer in time".to_owned())), visit.greeting.into_inner())
        }
        Err(reason) => (Err(reason), None),
    };
    let greeting = greeting.map(|text| Greeting { text, within_tls: false });
    let cleartext = match sight {
        Ok(Sight::Cleartext(spoken)) => Some(spoken),
        _ => None,
    };
    let at = clock.now();
    let own = sight.as_ref().ok().and_then(shown);
    let outcome = match sight {
        Ok(sight) => Outcome::Seen(evidence(host, sight, address.ip().unwrap_or(ELSEWHERE), at)),
        Err(reason) => Outcome::Unreachable { at, reason },
    };
    let endpoint =
        Endpoint { address: address.clone(), scheme: *scheme, server_name: target.server_name().cloned() };
    let beside = async |seen: Option<Known<'_>>| {
        let extent = target.extent.as_deref().filter(|_| seen.is_some() || own.is_some())?;
        let within_tls = greeting::within_tls(target, &address, manners, Arc::clone(&clock));
        let look = Look { target, endpoint: &endpoint, manners, extent, clock, randomness };
        Some(tokio::join!(look.look(own, seen), within_tls))
    };
    let (observed, beside) = match (&cleartext, depth) {
        (Some(_), _) => (None, None),
        (None, Depth::Fast) => {
            let observed = Box::pin(observe_briefly(&endpoint, choice(&outcome), manners, randomness));
            (Some(observed.await), None)
        }
        (None, Depth::Full) => {
            // On the heap, and only from here on: of targets that are not there hundreds are under way at once.
            let (observed, beside) = Box::pin(observe_beside(&endpoint, manners, randomness, beside)).await;
            (Some(observed), beside)
        }
    };
    let (beside, within_tls) = beside.map_or((None, None), |(beside, within_tls)| (Some(beside), within_tls));
    let greeting = greeting.or(within_tls);
    let connections = manners.way.opened();
    Scanned { address: Some(address), greeting, outcome, cleartext, observed, beside, connections }
}

/// The chain of a handshake that came to its end.
fn shown(sight: &Sight) -> Option<Showing> {
    let Sight::Inspected(inspected) = sight else { return None };
    let version = Some(inspected.negotiated.version);
    Some(Showing { shown: inspected.shown.clone(), version, timestamps: None })
}

/// What was chosen in the handshake, where there was one.
fn choice(outcome: &Outcome) -> Option<Choice> {
    let Outcome::Seen(evidence) = outcome else { return None };
    let Transport::Tls(facts) = &evidence.transport else { return None };
    Some(Choice { version: facts.version?, suite: facts.suite?, group: facts.group })
}

/// Looks at a far end once, within `deadline` in all.
pub async fn probe(target: &Target, clock: Arc<dyn Clock>, deadline: Duration) -> Outcome {
    let until = Instant::now() + deadline;
    let within = |what: &str| format!("no {what} within {} s", deadline.as_secs_f64());
    let looked = async {
        let ExternalEndpoint { host, port, .. } = &target.endpoint;
        let way = Way::default();
        let connecting = async {
            let addresses = reach::resolve(&way, host, *port).await?;
            reach::first(&way, &addresses, deadline).await
        };
        let (address, io) = timeout_at(until, connecting).await.map_err(|_| within("connection"))??;
        let visit = Visit::new(target, &way, Arc::clone(&clock), address.clone())?;
        let sight = timeout_at(until, visit.look(io)).await.map_err(|_| within("answer"))??;
        Ok((sight, address))
    };
    let looked: Result<_, String> = looked.await;
    let at = clock.now();
    match looked {
        Ok((sight, address)) => {
            let far = address.ip().unwrap_or(ELSEWHERE);
            Outcome::Seen(evidence(&target.endpoint.host, sight, far, at))
        }
        Err(reason) => Outcome::Unreachable { at, reason },
    }
}

/// How long a far end may be silent after our ClientHello before it is asked in cleartext: Redis
/// without TLS waits for a line's end that never comes.
const PATIENCE: Duration = Duration::from_secs(1);

/// Where a far end is of which only a proxy knows the address: not on this host.
const ELSEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// How long each further connection of a visit may take to come about; the visit has a deadline of its own.
const CONNECT: Duration = Duration::from_secs(3);

/// Why a handshake showed nothing.
struct Failure {
    reason: String,
    /// Whether the far end said nothing at all.
    silent: bool,
    /// Whether it ended before there was a certificate: another hello may fare better.
    is_early: bool,
}

/// One far end at one address; it may take several connections to see how it speaks.
struct Visit<'a> {
    target: &'a Target,
    way: &'a Way,
    address: Destination,
    inspection: Inspection,
    /// What it said of itself before TLS.
    greeting: OnceLock<String>,
}

impl<'a> Visit<'a> {
    fn new(
        target: &'a Target,
        way: &'a Way,
        clock: Arc<dyn Clock>,
        address: Destination,
    ) -> Result<Self, String> {
        // What a browser offers. Elsewhere the protocol is settled without ALPN.
        let alpn: &[&str] = if target.endpoint.scheme == Scheme::Https { &["h2", "http/1.1"] } else { &[] };
        let inspection = Inspection::new(target.trust.clone(), target.expected.clone(), alpn, clock)
            .map_err(|error| error.to_string())?;
        let prelude = Prelude::of(target.endpoint.scheme, ELSEWHERE);
        let farewell = prelude.as_ref().map_or(&[][..], Prelude::farewell);
        let inspection = inspection.with_farewell(farewell).with_credential(target.credential.clone());
        let inspection = inspection.with_revoked(target.revoked.clone());
        Ok(Self { target, way, address, inspection, greeting: OnceLock::new() })
    }

    async fn look(&self, io: Connection) -> Result<Sight, String> {
        let mut handshake = Box::pin(self.handshake(io));
        let looked = match cleartext::question(&self.target.endpoint) {
            None => handshake.await,
            Some(question) => match timeout(PATIENCE, &mut handshake).await {
                Ok(looked) => self.ask_the_silent(looked, &question).await,
                // There is one place, and the question has to have it.
                Err(_) if self.way.is_narrow() => {
                    drop(handshake);
                    let failure =
                        || Failure { reason: "no answer in time".to_owned(), silent: true, is_early: true };
                    self.ask(&question).await.ok_or_else(failure)
                }
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
        let io = self.way.connect(&self.address, CONNECT).await.ok()?;
        question.ask(io).await.then(|| self.cleartext())
    }

    /// The handshake. Where it comes to nothing without a word, or for a while, it is tried by a small hello; where it
    /// finds nothing in common, what our library does not speak is asked for.
    async fn handshake(&self, io: Connection) -> Result<Sight, Failure> {
        let mut whole = Box::pin(self.shake_hands(io, &self.inspection));
        let looked = match timeout(PATIENCE, &mut whole).await {
            Ok(Err(failure)) if failure.silent => self.small().await.map_err(|_| failure),
            Ok(looked) => looked,
            // There is one place, and somebody has it.
            Err(_) if self.way.is_narrow() => whole.await,
            Err(_) => self.or_small(whole).await,
        };
        match looked {
            Err(failure) if failure.is_early => self.foreign().await.ok_or(failure),
            looked => looked,
        }
    }

    /// The first of the handshake and of a small one to see something.
    async fn or_small(
        &self,
        mut whole: impl Future<Output = Result<Sight, Failure>> + Unpin,
    ) -> Result<Sight, Failure> {
        let mut small = Box::pin(self.small());
        tokio::select! {
            looked = &mut whole => match looked {
                Err(failure) if failure.silent => small.await.map_err(|_| failure),
                looked => looked,
            },
            looked = &mut small => match looked {
                Ok(sight) => Ok(sight),
                Err(_) => whole.await,
            },
        }
    }

    /// A handshake whose hello fits into one packet: post-quantum ones do not, and there are servers and boxes before
    /// them that lose those.
    async fn small(&self) -> Result<Sight, Failure> {
        let told =
            |reason: std::io::Error| Failure { reason: reason.to_string(), silent: true, is_early: true };
        let io = self.way.connect(&self.address, CONNECT).await.map_err(told)?;
        self.shake_hands(io, &self.inspection.clone().without_post_quantum()).await
    }

    /// The prelude and a handshake.
    async fn shake_hands(&self, io: Connection, inspection: &Inspection) -> Result<Sight, Failure> {
        let told = |reason: String| Failure { reason, silent: false, is_early: false };
        let Some(io) = self.prelude(io).await.map_err(told)? else { return Ok(self.cleartext()) };
        let mut io = Heard::new(io);
        let inspected = inspection.inspect(&mut io).await;
        match (inspected, io.heard_cleartext(self.target.endpoint.scheme)) {
            (Ok(inspected), _) => Ok(Sight::Inspected(Box::new(inspected))),
            (Err(_), Some(spoken)) if spoken.is_in_clear() => Ok(Sight::Cleartext(spoken)),
            (Err(_), Some(Spoken::Ssh)) => {
                Err(told("it speaks SSH, which encrypts in its own way, and no TLS".to_owned()))
            }
            (Err(_), Some(spoken)) => Err(told(format!(
                "it answers in {spoken}, and not in TLS: whether that protects anything nobody can tell"
            ))),
            (Err(Uninspected { error, certificate_seen: true, .. }), None) => {
                let shown = self.target.credential.is_some();
                let why = if shown { "other than the one it was shown" } else { "" };
                Err(told(format!("{error}; it may demand a client certificate {why}").trim_end().to_owned()))
            }
            (Err(Uninspected { error, .. }), None) => {
                Err(Failure { reason: error.to_string(), silent: !io.heard_anything(), is_early: true })
            }
        }
    }

    /// That the far end answers in clear as its scheme does.
    fn cleartext(&self) -> Sight {
        Sight::Cleartext(Spoken::of_scheme(self.target.endpoint.scheme))
    }

    /// Asks for what the handshake could not offer, best first.
    async fn foreign(&self) -> Option<Sight> {
        let name = self.target.server_name();
        for what in Foreign::ALL {
            let io = self.way.connect(&self.address, CONNECT).await.ok()?;
            let io = self.prelude(io).await.ok()??;
            if let Ok(server) = ask_foreign(io, what, name, &SystemRandomness::default()).await {
                return Some(Sight::Foreign(server));
            }
        }
        None
    }

    /// Brings the connection to where TLS begins; `None` where the far end offers no TLS.
    async fn prelude(&self, io: Connection) -> Result<Option<Connection>, String> {
        let local = io.local_ip().map_err(|error| error.to_string())?;
        match Prelude::of(self.target.endpoint.scheme, local) {
            Some(mut prelude) => {
                let held = prelude::hold(&mut prelude, io).await;
                if let Some(text) = prelude.greeting() {
                    self.greeting.set(text).ok();
                }
                held
            }
            None => Ok(Some(io)),
        }
    }
}
