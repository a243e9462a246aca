//! One question over one connection, and the control behind a refusal.

use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::BytesMut;
use hermetic_tls::answer::{AnswerReader, Heard};
use hermetic_tls::offer::Offer;
use hermetic_tls::{ProtocolVersion, Randomness};
use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use super::reply::Silence;
use super::{Endpoint, Manners, ObserveError, Reply, offers};
use crate::prelude::{self, Prelude};

/// Asks one endpoint, and remembers what it answered to.
pub(super) struct Dialer<'a> {
    pub(super) endpoint: &'a Endpoint,
    manners: Manners,
    randomness: &'a dyn Randomness,
    places: Semaphore,
    connections: AtomicU32,
    /// A question that was answered: the control.
    answered: OnceLock<Offer>,
}

impl<'a> Dialer<'a> {
    pub(super) fn new(endpoint: &'a Endpoint, manners: Manners, randomness: &'a dyn Randomness) -> Self {
        let places = Semaphore::new(manners.at_once.max(1));
        let (connections, answered) = (AtomicU32::new(0), OnceLock::new());
        Self { endpoint, manners, randomness, places, connections, answered }
    }

    /// How many connections were opened so far.
    pub(super) fn connections(&self) -> u32 {
        self.connections.load(Ordering::Relaxed)
    }

    /// Finds a question that is answered, the newest version first.
    pub(super) async fn first_contact(&self) -> Result<(), ObserveError> {
        let (mut reasons, mut timeouts) = (Vec::new(), 0);
        for version in super::VERSIONS.into_iter().rev() {
            let offer = offers::of_version(version, self.endpoint, &offers::suites_of(version));
            match self.ask_once(&offer).await {
                // One of an older version is not what is looked for, but shows that the endpoint answers.
                Reply::Answer(_) => {
                    self.answered.set(offer).ok();
                    return Ok(());
                }
                Reply::Cleartext => return Err(ObserveError::Cleartext),
                reply => {
                    timeouts += u32::from(matches!(reply, Reply::Nothing(Silence::TimedOut)));
                    reasons.push(format!("{version}: {reply}"));
                }
            }
            // Some fall silent on the newest version alone; who does on two is not waited for five times.
            if timeouts == 2 {
                break;
            }
        }
        reasons.dedup_by(|a, b| a.split_once(": ").map(|(_, it)| it) == b.split_once(": ").map(|(_, it)| it));
        Err(ObserveError::NoAnswer(reasons.join("; ")))
    }

    /// Asks, and where nothing comes of it, whether the endpoint still answers what it answered before. Only
    /// then is silence a refusal; otherwise it is waited once, and the reply says that the endpoint is gone.
    pub(super) async fn ask(&self, offer: &Offer) -> Reply {
        let reply = self.ask_once(offer).await;
        let (Reply::Nothing(_) | Reply::Unasked(_), Some(_)) = (&reply, self.answered.get()) else {
            return reply;
        };
        if matches!(reply, Reply::Nothing(_)) && self.still_answers().await {
            return reply;
        }
        sleep(self.manners.back_off).await;
        let again = self.ask_once(offer).await;
        match again {
            Reply::Nothing(silence) if !self.still_answers().await => Reply::Unasked(gone(silence)),
            again => again,
        }
    }

    /// Whether the endpoint answers what it answered before; also where it never answered anything, and there
    /// is nothing that it could have ceased to answer.
    pub(super) async fn still_answers(&self) -> bool {
        match self.answered.get() {
            Some(control) => matches!(self.ask_once(control).await, Reply::Answer(_)),
            None => true,
        }
    }

    /// Asks by one connection.
    async fn ask_once(&self, offer: &Offer) -> Reply {
        let mut random = [0; 32];
        if let Err(error) = self.randomness.fill(&mut random) {
            return Reply::Unasked(error.to_string());
        }
        let hello = offer.records(random);
        let mut reader = AnswerReader::new();
        let newest = offer.version;
        let heard = self.exchange(&hello, |bytes| match reader.push(bytes) {
            Ok(Heard::Part) => None,
            Ok(Heard::Whole(answer)) => Some(Reply::Answer(answer)),
            Ok(Heard::Alert(alert)) => Some(Reply::Alert(alert)),
            Err(error) => Some(Reply::Wrong(error)),
        });
        match heard.await.unwrap_or_else(|reply| reply) {
            Reply::Answer(answer) if newest < ProtocolVersion::TLS1_2 && answer.hello.version > newest => {
                Reply::Unasked(format!("it chose {}, which it was not offered", answer.hello.version))
            }
            reply => reply,
        }
    }

    /// Sends these bytes behind the prelude, and gives the bytes that come to `read` until that has what it
    /// wants. Otherwise the reply says why it has not.
    pub(super) async fn exchange<R>(
        &self,
        bytes: &[u8],
        mut read: impl FnMut(&[u8]) -> Option<R>,
    ) -> Result<R, Reply> {
        let unasked = |reason: String| Err(Reply::Unasked(reason));
        let Ok(_place) = self.places.acquire().await else {
            return unasked("the scan has ended".to_owned());
        };
        self.connections.fetch_add(1, Ordering::Relaxed);
        let io = match timeout(self.manners.connect, TcpStream::connect(self.endpoint.address)).await {
            Ok(Ok(io)) => io,
            Ok(Err(error)) => return unasked(format!("no connection: {error}")),
            Err(_) => return unasked("no connection in time".to_owned()),
        };
        let talk = async {
            let mut io = self.prelude(io).await.map_err(Reply::Unasked)?.ok_or(Reply::Cleartext)?;
            let heard = heard(&mut io, bytes, &mut read).await;
            self.hang_up(&io);
            heard
        };
        timeout(self.manners.answer, talk).await.unwrap_or(Err(Reply::Nothing(Silence::TimedOut)))
    }

    async fn prelude(&self, io: TcpStream) -> Result<Option<TcpStream>, String> {
        let local = io.local_addr().map_err(|error| error.to_string())?.ip();
        match Prelude::of(self.endpoint.scheme, local) {
            Some(prelude) => prelude::hold(prelude, io).await,
            None => Ok(Some(io)),
        }
    }

    /// By a reset where nobody is offended by one: hundreds of connections in TIME_WAIT use up our ports.
    fn hang_up(&self, io: &TcpStream) {
        if Prelude::of(self.endpoint.scheme, self.endpoint.address.ip()).is_none() {
            SockRef::from(io).set_linger(Some(Duration::ZERO)).ok();
        }
    }
}

/// Why a silence tells nothing.
pub(super) fn gone(silence: Silence) -> String {
    format!("{silence}, and answers what it answered before no more")
}

async fn heard<R>(
    io: &mut TcpStream,
    bytes: &[u8],
    read: &mut impl FnMut(&[u8]) -> Option<R>,
) -> Result<R, Reply> {
    let mut buffer = BytesMut::with_capacity(8192);
    io.write_all(bytes).await.map_err(broken)?;
    loop {
        buffer.clear();
        if io.read_buf(&mut buffer).await.map_err(broken)? == 0 {
            return Err(Reply::Nothing(Silence::Closed));
        }
        if let Some(heard) = read(&buffer) {
            return Ok(heard);
        }
    }
}

fn broken(error: io::Error) -> Reply {
    match error.kind() {
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => Reply::Nothing(Silence::Reset),
        _ => Reply::Unasked(format!("the connection broke: {error}")),
    }
}
