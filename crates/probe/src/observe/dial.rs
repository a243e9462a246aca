//! One question over one connection, and the control behind a refusal.

use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use bytes::BytesMut;
use hermetic_tls::answer::{Answer, AnswerReader, Heard};
use hermetic_tls::offer::Offer;
use hermetic_tls::{ProtocolVersion, Randomness};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::patience::Patience;
use super::reply::Silence;
use super::reuse::Publics;
use super::{Endpoint, Manners, ObserveError, Reply, VersionObserved, offers};
use crate::prelude::{self, Prelude};
use crate::way::{Command, Connection, Way};

/// Asks one endpoint, and remembers what it answered to. Those of several commands remember together.
#[derive(Clone)]
pub(super) struct Dialer<'a> {
    pub(super) endpoint: &'a Endpoint,
    manners: &'a Manners,
    way: Way,
    pub(super) randomness: &'a dyn Randomness,
    memory: Arc<Memory>,
}

/// That no question was answered.
pub(super) struct NoContact {
    /// What came of those that were asked, the newest version first.
    replies: Vec<(ProtocolVersion, Reply)>,
}

impl NoContact {
    /// All versions, oldest first, as one that answers in SSL 2.0 does not speak them.
    pub(super) fn versions(&self) -> Vec<VersionObserved> {
        let observed = |version: ProtocolVersion| {
            let reply = self.replies.iter().find(|(asked, _)| *asked == version).map(|(_, reply)| reply);
            match reply {
                Some(reply @ (Reply::Alert(_) | Reply::Nothing(Silence::Closed | Silence::Reset))) => {
                    VersionObserved::refused(version, reply.to_string())
                }
                Some(reply) => VersionObserved::unseen(version, reply.to_string()),
                None => {
                    VersionObserved::unseen(version, "it did not answer to newer ones in time".to_owned())
                }
            }
        };
        super::VERSIONS.map(observed).to_vec()
    }
}

impl From<NoContact> for ObserveError {
    fn from(NoContact { replies }: NoContact) -> Self {
        if replies.iter().any(|(_, reply)| matches!(reply, Reply::Cleartext)) {
            return Self::Cleartext;
        }
        let is_refused = replies.iter().all(|(_, reply)| matches!(reply, Reply::Alert(_)));
        let mut told: Vec<_> = replies.iter().map(|(version, reply)| (version, reply.to_string())).collect();
        told.dedup_by(|(_, reply), (_, before)| reply == before);
        let told: Vec<_> = told.iter().map(|(version, reply)| format!("{version}: {reply}")).collect();
        let told = told.join("; ");
        if is_refused { Self::Refused(told) } else { Self::NoAnswer(told) }
    }
}

/// What is known so far of how an endpoint answers.
struct Memory {
    patience: Patience,
    publics: Mutex<Publics>,
    /// A question that was answered: the control.
    answered: OnceLock<Offer>,
    /// Its answer, until somebody asks the same.
    first: Mutex<Option<Box<Answer>>>,
}

impl<'a> Dialer<'a> {
    pub(super) fn new(
        endpoint: &'a Endpoint,
        manners: &'a Manners,
        randomness: &'a dyn Randomness,
        command: Command,
    ) -> Self {
        let (patience, answered) = (Patience::new(manners), OnceLock::new());
        let (publics, first) = (Mutex::default(), Mutex::default());
        let memory = Arc::new(Memory { patience, publics, answered, first });
        Self { endpoint, manners, way: manners.way.of_command(command), randomness, memory }
    }

    /// The same for another command.
    pub(super) fn of_command(&self, command: Command) -> Self {
        Self { way: self.way.of_command(command), ..self.clone() }
    }

    /// How many connections were opened so far.
    pub(super) fn connections(&self) -> u32 {
        self.memory.patience.connections()
    }

    /// It answers this, as was seen before: the control.
    pub(super) fn answers_to(&self, offer: Offer) {
        self.memory.answered.set(offer).ok();
    }

    /// The values of Diffie-Hellman that were shown so far.
    pub(super) fn publics(&self) -> MutexGuard<'_, Publics> {
        self.memory.publics.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What to say within TLS before hanging up.
    pub(super) fn farewell(&self) -> &'static [u8] {
        Prelude::of(self.endpoint.scheme, Ipv4Addr::UNSPECIFIED.into())
            .map_or(&[], |prelude| prelude.farewell())
    }

    /// Finds a question that is answered, the newest version first; what came of each where none is.
    pub(super) async fn first_contact(&self) -> Result<(), NoContact> {
        let (mut replies, mut timeouts) = (Vec::new(), 0);
        for version in super::VERSIONS.into_iter().rev() {
            let offer = offers::of_version(version, self.endpoint, offers::suites_of(version));
            match self.ask_once(&offer).await {
                // One of an older version is not what is looked for, but shows that the endpoint answers.
                Reply::Answer(answer) => {
                    self.memory.answered.set(offer).ok();
                    *self.memory.first.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer);
                    return Ok(());
                }
                reply => {
                    timeouts += u32::from(matches!(reply, Reply::Nothing(Silence::TimedOut)));
                    let is_cleartext = matches!(reply, Reply::Cleartext);
                    replies.push((version, reply));
                    if is_cleartext {
                        break;
                    }
                }
            }
            // Some fall silent on the newest version alone; who does on two is not waited for five times.
            if timeouts == 2 {
                break;
            }
        }
        Err(NoContact { replies })
    }

    /// Asks, and where silence comes of it, again beside the control.
    pub(super) async fn ask(&self, offer: &Offer) -> Reply {
        if self.memory.answered.get() == Some(offer)
            && let Some(answer) = self.memory.first.lock().unwrap_or_else(PoisonError::into_inner).take()
        {
            return Reply::Answer(answer);
        }
        let once = || async {
            match self.ask_once(offer).await {
                nothing @ (Reply::Nothing(_) | Reply::Unasked(_)) => Err(nothing),
                reply => Ok(reply),
            }
        };
        // On the heap: a scan has many questions under way at once, each within others.
        Box::pin(self.beside_control(once)).await.unwrap_or_else(|nothing| nothing)
    }

    /// Asks by `once`, and where silence comes of it, again and again beside the control: a connection may be lost
    /// that says nothing of the question. Only silence each time, while the endpoint answers what it answered before,
    /// is a refusal; where it does not it is waited once, and the reply says that the endpoint is gone.
    pub(super) async fn beside_control<T, F: Future<Output = Result<T, Reply>>>(
        &self,
        once: impl Fn() -> F,
    ) -> Result<T, Reply> {
        let patience = &self.memory.patience;
        let (mut silences, mut paused) = (0, false);
        loop {
            let reply = once().await;
            let (Err(Reply::Nothing(_) | Reply::Unasked(_)), Some(_)) = (&reply, self.memory.answered.get())
            else {
                if silences > 0 {
                    patience.lost();
                }
                if paused {
                    patience.answered(true);
                }
                return reply;
            };
            if let Some(over) = patience.is_over() {
                // There is no control any more, and without one silence is no refusal.
                return match reply {
                    Err(Reply::Nothing(silence)) => Err(Reply::Unasked(format!("{silence}, and {over}"))),
                    reply => reply,
                };
            }
            let is_silent = matches!(reply, Err(Reply::Nothing(_)));
            let answers = (is_silent || paused) && self.still_answers().await;
            if paused {
                patience.answered(answers);
            }
            match reply {
                reply @ Err(Reply::Nothing(_)) if answers && silences >= patience.repeats() => return reply,
                Err(Reply::Nothing(_)) if answers => {
                    patience.wait(self.manners, silences, self.randomness).await;
                }
                Err(Reply::Nothing(silence)) if paused => return Err(Reply::Unasked(gone(silence))),
                reply if paused => return reply,
                _ => {
                    patience.pause(self.manners);
                    paused = true;
                }
            }
            silences += u32::from(is_silent);
        }
    }

    /// Whether the endpoint answers what it answered before; also where it never answered anything, and there
    /// is nothing that it could have ceased to answer.
    async fn still_answers(&self) -> bool {
        match self.memory.answered.get() {
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
            reply => {
                if let Reply::Answer(answer) = &reply {
                    self.publics().note(answer);
                }
                reply
            }
        }
    }

    /// Sends these bytes behind the prelude, and gives the bytes that come to `read` until that has what it
    /// wants. Otherwise the reply says why it has not.
    pub(super) async fn exchange<R>(
        &self,
        bytes: &[u8],
        mut read: impl FnMut(&[u8]) -> Option<R>,
    ) -> Result<R, Reply> {
        let talk = async |mut io: Connection| {
            let heard = heard(&mut io, bytes, &mut read).await;
            self.hang_up(&io);
            heard
        };
        self.converse(talk).await?
    }

    /// Opens a connection, holds the prelude, and talks. Otherwise the reply says why that came to nothing.
    pub(super) async fn converse<R>(&self, talk: impl AsyncFnOnce(Connection) -> R) -> Result<R, Reply> {
        let unasked = |reason: String| Err(Reply::Unasked(reason));
        if let Err(over) = self.memory.patience.connection().await {
            return unasked(over.to_owned());
        }
        let io = match self.way.connect(&self.endpoint.address, self.manners.connect).await {
            Ok(io) => io,
            Err(error) if error.kind() == io::ErrorKind::TimedOut => return unasked(error.to_string()),
            Err(error) => return unasked(format!("no connection: {error}")),
        };
        let talk = async {
            let io = self.prelude(io).await.map_err(Reply::Unasked)?.ok_or(Reply::Cleartext)?;
            Ok(talk(io).await)
        };
        timeout(self.manners.answer, Box::pin(talk)).await.unwrap_or(Err(Reply::Nothing(Silence::TimedOut)))
    }

    async fn prelude(&self, io: Connection) -> Result<Option<Connection>, String> {
        let local = io.local_ip().map_err(|error| error.to_string())?;
        match Prelude::of(self.endpoint.scheme, local) {
            Some(mut prelude) => prelude::hold(&mut prelude, io).await,
            None => Ok(Some(io)),
        }
    }

    /// By a reset where that is usual; behind a prelude there is a server that would note it as a fault.
    fn hang_up(&self, io: &Connection) {
        if Prelude::of(self.endpoint.scheme, Ipv4Addr::UNSPECIFIED.into()).is_none() {
            io.reset_at_the_end();
        }
    }
}

/// Why a silence tells nothing.
fn gone(silence: Silence) -> String {
    format!("{silence}, and answers what it answered before no more")
}

async fn heard<R>(
    io: &mut Connection,
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
