//! What the supervisor and its parts say to each other: one JSON object a line, over a socket pair
//! that nobody else can reach.

use std::io;
use std::path::PathBuf;

use hermetic_gateway::Gateway;
use hermetic_hop::{Observation, PartyName};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};

use crate::tour::ClusterPlan;
use crate::visits::Server;

/// From the supervisor.
#[derive(Debug, Serialize, Deserialize)]
pub enum ToPart {
    /// The first message: what to be.
    Start(Box<Start>),
    /// The first message to the process that has the database's server as its child.
    Watch(Box<ClusterPlan>),
    /// Keep visits in this database from now on.
    KeepVisits(Box<Server>),
    /// A renewed certificate.
    Renewed(Issued),
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
    /// What was seen so far.
    Seen(Seen),
    /// It finished.
    Drained,
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
