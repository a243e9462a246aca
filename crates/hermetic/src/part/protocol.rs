//! What the supervisor and its parts say to each other: one JSON object a line, over a socket pair
//! that nobody else can reach.

use std::io;
use std::path::PathBuf;

use hermetic_gateway::Gateway;
use hermetic_hop::{HopName, Observation, PartyName};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};

/// From the supervisor.
#[derive(Debug, Serialize, Deserialize)]
pub enum ToPart {
    /// The first message: what to be.
    Start(Box<Start>),
    /// A renewed certificate.
    Renewed(Issued),
    /// Be broken in this way from now on.
    Break(Fault),
    /// Be sound again.
    Mend,
    /// Forget the connections and sessions of this hop.
    Forget(HopName),
    /// A question: what was seen so far.
    Report,
    /// Finish within so many seconds.
    Drain {
        /// The deadline.
        seconds: u64,
    },
}

/// To the supervisor.
#[derive(Debug, Serialize, Deserialize)]
pub enum FromPart {
    /// The part serves.
    Started,
    /// It can't, for this reason.
    Failed(String),
    /// What was asked for is done.
    Done,
    /// What was seen so far.
    Seen(Seen),
    /// It finished.
    Drained,
}

/// A way in which a part is broken, for people to see what its peers do then.
#[derive(Debug, Serialize, Deserialize)]
pub enum Fault {
    /// It serves this certificate in place of its own.
    Certificate(Issued),
    /// Its port accepts no TLS version above 1.1.
    OldTls,
    /// Its port speaks cleartext HTTP.
    Cleartext,
}

/// What a data plane has seen since its start.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Seen {
    /// Of each hop.
    pub observations: Vec<Observation>,
    /// Access records that could not be written.
    pub records_lost: u64,
}

impl Seen {
    /// What a gateway has seen.
    pub fn by(gateway: &Gateway) -> Self {
        Self { observations: gateway.observations(), records_lost: gateway.access_records_lost() }
    }

    /// The same with what was seen before.
    pub fn after(self, before: Self) -> Self {
        Self {
            observations: Observation::merged(before.observations.into_iter().chain(self.observations)),
            records_lost: before.records_lost + self.records_lost,
        }
    }
}

/// What a part is.
#[derive(Debug, Serialize, Deserialize)]
pub struct Start {
    /// The configuration of the whole path.
    pub configuration: String,
    /// Where relative paths in it start.
    pub path: PathBuf,
    /// The listeners that are this part's.
    pub listeners: Vec<PartyName>,
    /// The authority's root, as PEM.
    pub anchors: String,
    /// Its keys and certificates.
    pub credentials: Vec<Issued>,
    /// Where it serves the pages of the tour.
    pub pages: Option<PagesAt>,
}

/// Where a part serves the pages of the tour.
#[derive(Debug, Serialize, Deserialize)]
pub struct PagesAt {
    /// On which listener.
    pub listener: PartyName,
    /// The data folder, in which the admin socket is that the pages ask.
    pub data: PathBuf,
}

/// A certificate and its key.
#[derive(Serialize, Deserialize)]
pub struct Issued {
    /// Whose it is.
    pub party: PartyName,
    /// What for.
    pub role: Role,
    /// The chain, as PEM.
    pub chain: String,
    /// The key, as PKCS#8.
    pub key: Vec<u8>,
}

/// What a certificate is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Role {
    /// To be served by a listener.
    Listener,
    /// To be shown to an upstream.
    Identity,
}

impl std::fmt::Debug for Issued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issued").field("party", &self.party).field("role", &self.role).finish_non_exhaustive()
    }
}

/// One end of the socket pair.
#[derive(Debug)]
pub struct Channel {
    lines: tokio::io::Lines<BufReader<OwnedReadHalf>>,
    writer: OwnedWriteHalf,
}

impl Channel {
    /// The end that `socket` is.
    pub fn new(socket: UnixStream) -> Self {
        let (reader, writer) = socket.into_split();
        Self { lines: BufReader::new(reader).lines(), writer }
    }

    /// Says one message.
    pub async fn send(&mut self, message: &impl Serialize) -> io::Result<()> {
        let mut line = serde_json::to_vec(message)?;
        line.push(b'\n');
        self.writer.write_all(&line).await
    }

    /// Hears one message; `None` when the other end is gone.
    pub async fn receive<M: DeserializeOwned>(&mut self) -> io::Result<Option<M>> {
        match self.lines.next_line().await? {
            Some(line) => Ok(serde_json::from_str(&line)?),
            None => Ok(None),
        }
    }
}
