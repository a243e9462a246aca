//! What the supervisor and its parts say to each other: one JSON object a line, over a socket pair
//! that nobody else can reach.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use hermetic_authority::RevokedBy;
use hermetic_gateway::{Gateway, GuardCount, Occupancy, PolicyCount, Refusals};
use hermetic_hop::{HopName, Observation, PartyName};
use hermetic_tls::RevocationList;
use jiff::Timestamp;
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
    /// The first message to a relay.
    Relay(Relay),
    /// To a relay: forget what passed.
    Clear,
    /// To a relay: what passed, and does this stand in it?
    Look {
        /// What to search.
        marker: String,
    },
    /// The first message to the process that has the database's server as its child.
    Watch(Box<ClusterPlan>),
    /// Keep visits in this database from now on.
    KeepVisits(Box<Server>),
    /// A renewed certificate.
    Renewed(Issued),
    /// Certificates that are revoked.
    Revoked(Vec<Revoked>),
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
    /// What passed a relay.
    Captured(Captured),
    /// What was asked for is done.
    Done,
    /// What was seen so far.
    Seen(Seen),
    /// It finished.
    Drained,
}

/// Where a relay stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Relay {
    /// Where it listens.
    pub listen: SocketAddr,
    /// What it stands before.
    pub behind: Behind,
}

/// What stands behind a relay.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Behind {
    /// A listener.
    Address(SocketAddr),
    /// A server of whoever runs the tour, found anew for each connection.
    Host(String, u16),
    /// A server in cleartext, of the relay's own.
    Sink,
}

/// What passed a relay since it was cleared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Captured {
    /// So many bytes, both ways.
    pub bytes: u64,
    /// So many whole TLS records.
    pub records: u64,
    /// So many of them that carry data: content type `application_data`.
    pub data_records: u64,
    /// Whether more passed than is kept.
    pub lost: bool,
    /// How often the marker stands in it.
    pub found: u64,
    /// What asked for TLS, and the latest of all.
    pub passages: Vec<Passage>,
}

/// A piece of what passed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passage {
    /// The number of its connection.
    pub connection: u64,
    /// Whether the client sent it.
    pub from_client: bool,
    /// What it is.
    pub kind: PassageKind,
    /// How many bytes it has, the header of a record left out.
    pub length: u64,
    /// The first of them.
    pub bytes: Vec<u8>,
}

/// What a piece of what passed is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PassageKind {
    /// A TLS record with this header.
    Record(RecordHeader),
    /// PostgreSQL's `SSLRequest`: a client asks for TLS.
    SslRequest,
    /// The server's one byte in answer to it.
    SslAnswer,
    /// Anything else.
    Plain,
}

/// The header of a TLS record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordHeader {
    /// The content type.
    pub kind: u8,
    /// The version, major and minor.
    pub version: (u8, u8),
    /// The length of the content.
    pub length: u16,
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
    /// What the guard did.
    pub guard: Vec<GuardCount>,
    /// What policy documents decided.
    #[serde(default)]
    pub policies: Vec<PolicyCount>,
    /// The CRLs that clients are held against.
    #[serde(default)]
    pub client_crls: Vec<ClientCrl>,
    /// Access records that could not be written.
    pub records_lost: u64,
    /// How often which limit was reached.
    #[serde(default)]
    pub refusals: Vec<Refusals>,
    /// What each listener has taken on at the moment.
    #[serde(default)]
    pub occupancy: Vec<Occupancy>,
}

/// A CRL that the clients of a listener are held against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientCrl {
    /// The listener.
    pub listener: PartyName,
    /// Whose CRL it is.
    pub issuer: String,
    /// From when on it is stale.
    pub next_update: Timestamp,
}

impl Seen {
    /// What a gateway has seen.
    pub fn by(gateway: &Gateway) -> Self {
        Self {
            observations: gateway.observations(),
            guard: gateway.guard_counts(),
            policies: gateway.policy_counts(),
            client_crls: gateway.client_crls().into_iter().map(ClientCrl::from).collect(),
            records_lost: gateway.access_records_lost(),
            refusals: gateway.refusals(),
            occupancy: gateway.occupancy(),
        }
    }

    /// The same with what was seen before.
    pub fn after(self, before: Self) -> Self {
        Self {
            observations: Observation::merged(before.observations.into_iter().chain(self.observations)),
            guard: GuardCount::merged(before.guard.into_iter().chain(self.guard)),
            policies: PolicyCount::merged(before.policies.into_iter().chain(self.policies)),
            client_crls: self.client_crls,
            records_lost: before.records_lost + self.records_lost,
            refusals: Refusals::merged(before.refusals.into_iter().chain(self.refusals)),
            occupancy: before.occupancy.into_iter().chain(self.occupancy).collect(),
        }
    }
}

impl Seen {
    /// The same with what another part has seen, which serves other listeners at the same time.
    pub fn beside(self, other: Self) -> Self {
        let client_crls = other.client_crls.iter().chain(&self.client_crls).cloned().collect();
        Self { client_crls, ..self.after(other) }
    }
}

impl From<(PartyName, RevocationList)> for ClientCrl {
    fn from((listener, list): (PartyName, RevocationList)) -> Self {
        Self { listener, issuer: list.issuer().to_owned(), next_update: list.next_update() }
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
    /// The listener on which it takes the secrets that people send to see them pass.
    pub echo: Option<PartyName>,
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

/// Certificates of one issuer that are revoked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Revoked {
    /// The issuer's certificate, as PEM.
    pub issuer: String,
    /// The bytes of their serial numbers.
    pub serials: Vec<Vec<u8>>,
}

impl Revoked {
    /// The same, to be told a part.
    pub fn of(news: &RevokedBy) -> Self {
        let serials = news.serials.iter().map(|serial| serial.as_bytes().to_vec()).collect();
        Self { issuer: news.issuer.to_pem(), serials }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crls_of_every_part_are_told() {
        let seen = |listener: &str| Seen {
            client_crls: vec![ClientCrl {
                listener: listener.parse().unwrap(),
                issuer: "CN=clients".to_owned(),
                next_update: jiff::Timestamp::UNIX_EPOCH,
            }],
            ..Seen::default()
        };
        let both = seen("app").beside(seen("edge"));
        let listeners: Vec<_> = both.client_crls.iter().map(|crl| crl.listener.as_str()).collect();
        assert_eq!(listeners, ["edge", "app"]);
    }
}
