//! Entry: from the first byte of a client to the packet that says what it wants, over TLS or over cleartext
//! that may pass.

use hermetic_guard::Fired;
use hermetic_hop::{Demand, View};
use hermetic_tls::Alert;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::exchange::{self, ExchangeError};
use super::negotiation::ALPN;
use super::refusal::Refusal;
use super::startup::{Packet, Startup};
use crate::door::HelloFacts;
use crate::entry;
use crate::hello;
use crate::leg::Leg;
use crate::limits::Admission;
use crate::prelude::{Arrival, Ends};
use crate::record::{AccessRecord, Guarded, ToldRecord};
use crate::secure::secure;
use crate::snapshot::{ListenerSnapshot, PostgresSnapshot, StreamClientsSnapshot};
use crate::stream::{Cut, Inbound};
use crate::worker::Worker;

/// A client that has said what it wants.
pub(super) struct Entered<'d> {
    pub inbound: Inbound<'d>,
    /// How its TLS began, as libpq names it; `None` over cleartext.
    pub sslnegotiation: Option<&'static str>,
}

/// What a client wants.
#[derive(Debug)]
pub(super) enum Wants {
    /// To log in.
    Session(Startup),
    /// To cancel what another connection of its runs: the packet.
    Cancel(Vec<u8>),
}

/// Where connections come in.
pub(super) struct Door<'d> {
    pub worker: &'d Worker,
    pub listener: &'d ListenerSnapshot,
    pub postgres: &'d PostgresSnapshot,
    pub admission: &'d Admission,
}

/// What a client begins with, before any encryption.
enum First {
    /// TLS, and how it begins. What of the hello has been read is in what was received.
    Tls(&'static str),
    Packet(Packet),
}

/// Why there is nothing to go on with.
enum Turned {
    /// Told to the client.
    Away(Refusal),
    /// Nothing that could be answered came.
    Broken(ExchangeError),
    /// It speaks TLS where none is.
    Tls,
}

impl<'d> Door<'d> {
    /// Lets a client in as far as the packet that says what it wants; `None` where it is refused, which is
    /// on record then.
    pub async fn enter(&self, mut arrival: Arrival) -> Option<(Entered<'d>, Wants)> {
        let deadline = arrival.deadline;
        // Who says nothing gives way at the limit, as where a ClientHello is awaited.
        let silent = self.admission.silent(&self.worker.silent);
        let Some(first) = silent.hold(deadline.hold(self.first(&mut arrival))).await else {
            entry::give_way(&arrival, self.admission);
            return None;
        };
        drop(silent);
        let first = first.unwrap_or_else(|within| Err(Turned::Broken(ExchangeError::Slow(within))));
        match first {
            Ok(First::Tls(how)) => self.over_tls(arrival, how).await,
            Ok(First::Packet(packet)) => self.in_cleartext(arrival, packet).await,
            Err(turned) => {
                self.turn(&mut arrival.stream, &arrival.ends, turned).await;
                None
            }
        }
    }

    /// Reads packets until one is no request for encryption, or encryption begins. Each may be asked for
    /// once.
    async fn first(&self, arrival: &mut Arrival) -> Result<First, Turned> {
        let Arrival { stream, received, .. } = arrival;
        let (mut asked_for_tls, mut asked_for_gss) = (false, false);
        loop {
            let packet = exchange::packet(stream, received).await?;
            let (asked, answer) = match packet {
                Packet::Tls if self.postgres.stream.clients.termination().is_none() => {
                    return Err(Turned::Tls);
                }
                Packet::Tls => return Ok(First::Tls("direct")),
                Packet::SslRequest if self.postgres.stream.clients.termination().is_some() => {
                    (&mut asked_for_tls, b"S")
                }
                Packet::SslRequest => (&mut asked_for_tls, b"N"),
                // Its encryption would hide from us what passes.
                Packet::GssEncRequest => (&mut asked_for_gss, b"N"),
                // What is behind it would be lost, and nobody sends more before an answer.
                Packet::Cancel(_) | Packet::Startup(_) if !received.is_empty() => {
                    let behind = Refusal::protocol(format!("bytes came behind {packet}"));
                    return Err(Turned::Away(behind));
                }
                Packet::Cancel(_) | Packet::Startup(_) => return Ok(First::Packet(packet)),
            };
            if std::mem::replace(asked, true) {
                return Err(Turned::Away(Refusal::protocol(format!("{packet} came a second time"))));
            }
            if !received.is_empty() || has_more(stream) {
                return Err(Turned::Away(Refusal::QUEUED));
            }
            exchange::send(stream, answer).await?;
            if answer == b"S" {
                return Ok(First::Tls("postgres"));
            }
        }
    }

    async fn over_tls(&self, arrival: Arrival, how: &'static str) -> Option<(Entered<'d>, Wants)> {
        let termination = self.postgres.stream.clients.termination()?;
        let alpn = (how == "direct").then_some(ALPN);
        let arrival = Arrival { alpn, ..arrival };
        let secured = secure(self.worker, self.listener, termination, arrival, self.admission).await?;
        let mut inbound = Inbound::from(secured);
        let wants = self.wants(&mut inbound.leg, &inbound.ends).await?;
        Some((Entered { inbound, sslnegotiation: Some(how) }, wants))
    }

    /// What a client wants whose encryption stands.
    async fn wants(&self, leg: &mut Leg<TcpStream>, ends: &Ends) -> Option<Wants> {
        let within = self.listener.handshake_timeout;
        let turned = match timeout(within, exchange::packet(leg, &mut Vec::new())).await {
            Ok(Ok(Packet::Startup(startup))) => return Some(Wants::Session(startup)),
            Ok(Ok(Packet::Cancel(packet))) => return Some(Wants::Cancel(packet)),
            // A client that only wanted to see our certificate.
            Ok(Err(ExchangeError::Silent)) => return None,
            Ok(Ok(packet)) => Turned::Away(Refusal::protocol(format!("{packet} came over TLS"))),
            Ok(Err(error)) => error.into(),
            Err(_) => Turned::Broken(ExchangeError::Slow(within)),
        };
        self.turn(leg, ends, turned).await;
        None
    }

    /// The one place that decides whether a login over cleartext passes.
    async fn in_cleartext(&self, mut arrival: Arrival, packet: Packet) -> Option<(Entered<'d>, Wants)> {
        let wants = match packet {
            Packet::Startup(startup) => Wants::Session(startup),
            Packet::Cancel(packet) => Wants::Cancel(packet),
            Packet::Tls | Packet::SslRequest | Packet::GssEncRequest => return None,
        };
        let (worker, listener) = (self.worker, self.listener);
        let demand = match &self.postgres.stream.clients {
            StreamClientsSnapshot::Local => {
                let sighted = entry::seen(worker, listener, &Demand::Require, (&arrival.ends, true));
                let inbound = Inbound::plain(arrival, sighted, Cut::Nothing);
                return Some((Entered { inbound, sslnegotiation: None }, wants));
            }
            StreamClientsSnapshot::Tls(termination) => &termination.demand,
            StreamClientsSnapshot::PassedThrough => &Demand::Require,
            StreamClientsSnapshot::Cleartext(demand) => demand,
        };
        let now = worker.clock.now();
        let leave = |demand: &'d Demand| (demand, demand.cleartext(now));
        let (demand, leave) = match (leave(demand), &wants) {
            // Old clients know no other way to ask for it.
            ((_, Err(_)), Wants::Cancel(_)) => leave(&self.postgres.cancel),
            (leave, _) => leave,
        };
        match (leave, &wants) {
            (Ok(exception), _) => {
                let sighted = entry::accepted(worker, listener, &arrival.ends, (demand, exception));
                let inbound = Inbound::plain(arrival, sighted, Cut::Exception(demand));
                return Some((Entered { inbound, sslnegotiation: None }, wants));
            }
            (Err(refused), Wants::Session(_)) => {
                self.record(&arrival.ends, &format!("a login came over {refused}"), None);
                hello::say(&mut arrival.stream, &Refusal::CLEARTEXT.bytes()).await;
            }
            // There is no answer to it, neither yes nor no.
            (Err(refused), Wants::Cancel(_)) => {
                self.record(&arrival.ends, &format!("CancelRequest came over {refused}"), None);
            }
        }
        None
    }

    /// Tells a client that it goes no further, and the record why.
    async fn turn<IO>(&self, io: &mut IO, ends: &Ends, turned: Turned)
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        match turned {
            Turned::Broken(ExchangeError::Silent) => {}
            Turned::Broken(error) => self.record(ends, &error.to_string(), None),
            Turned::Away(refusal) => {
                self.record(ends, &refusal.to_string(), None);
                hello::say(io, &refusal.bytes()).await;
            }
            Turned::Tls => {
                let alert = Alert::HandshakeFailure;
                self.record(ends, "TLS came to a listener that has none", Some(alert));
                hello::refuse(io, alert).await;
            }
        }
    }

    fn record(&self, ends: &Ends, error: &str, alert: Option<Alert>) {
        let (at, hop) = (self.worker.clock.now(), &self.listener.stranger);
        tracing::debug!(%hop, client = %ends.client, error, "a client was turned away");
        self.worker.ledger().failed(hop, View::Server, error);
        // No hello has come, or it is on record otherwise.
        let hello = HelloFacts::default();
        self.worker.log(|| AccessRecord::HandshakeFailed {
            at,
            listener: &self.listener.name,
            client: ends.client,
            told: ends.told.as_deref().map(ToldRecord::from),
            server_name: None,
            guarded: Guarded::of(&hello, Fired::default()),
            alert: alert.map(Alert::name),
            error,
        });
    }
}

/// Whether more has come than was read.
fn has_more(stream: &TcpStream) -> bool {
    stream.try_read(&mut [0]).is_ok_and(|read| read > 0)
}

impl From<ExchangeError> for Turned {
    /// Who broke the protocol is told so; who left is not there to hear it.
    fn from(error: ExchangeError) -> Self {
        match error {
            ExchangeError::Startup(error) => Self::Away(Refusal::startup(&error)),
            ExchangeError::Message(error) => Self::Away(Refusal::protocol(error.to_string())),
            other => Self::Broken(other),
        }
    }
}
