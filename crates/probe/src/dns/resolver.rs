//! Asking a resolver: by UDP, and by TCP where the answer is too long for that.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hermetic_tls::Randomness;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use super::Answered;
use super::message::{self, LONGEST_MESSAGE, Message, Record, kind};

/// How often a question goes out over UDP, which loses some.
const ATTEMPTS: u32 = 2;

/// The port of DNS.
const PORT: u16 = 53;

/// A resolver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolver {
    address: SocketAddr,
    patience: Duration,
}

/// Why there is no resolver.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResolverError {
    /// The system names none.
    #[error("/etc/resolv.conf names no resolver; name one")]
    None,
    /// What it has can't be read.
    #[error("/etc/resolv.conf can't be read: {0}; name a resolver")]
    Unreadable(String),
}

/// A resolver, with what makes the numbers of questions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asking<'a> {
    pub(super) resolver: Resolver,
    pub(super) randomness: &'a dyn Randomness,
    /// Whether it let a question go unanswered: it is not waited for again.
    pub(super) silent: &'a AtomicBool,
}

impl Resolver {
    /// The resolver at an address, which may take so long for one answer.
    pub fn new(address: SocketAddr, patience: Duration) -> Self {
        Self { address, patience }
    }

    /// The first resolver of this system.
    pub fn system(patience: Duration) -> Result<Self, ResolverError> {
        let text = std::fs::read_to_string("/etc/resolv.conf");
        let text = text.map_err(|error| ResolverError::Unreadable(error.to_string()))?;
        let address = first_of(&text).ok_or(ResolverError::None)?;
        Ok(Self::new(SocketAddr::new(address, PORT), patience))
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// The first `nameserver` line (resolv.conf(5)).
fn first_of(text: &str) -> Option<IpAddr> {
    text.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        let is_resolver = words.next() == Some("nameserver");
        words.next().filter(|_| is_resolver)?.parse().ok()
    })
}

impl Asking<'_> {
    /// The records of a type behind a name, or behind the names that stand for it. No such name: none.
    pub(super) async fn records(self, name: &str, kind: u16) -> Result<Answered<Vec<Record>>, String> {
        let message = self.message(name, kind).await.map_err(|reason| {
            format!("the resolver {} has no answer for {name}: {reason}", self.resolver.address)
        })?;
        let records = message.answers.into_iter().filter(|record| record.kind == kind).collect();
        Ok(Answered { records, authenticated: message.authenticated })
    }

    async fn message(self, name: &str, kind: u16) -> Result<Message, String> {
        let mut id = [0; 2];
        self.randomness.fill(&mut id).map_err(|error| error.to_string())?;
        let id = u16::from_be_bytes(id);
        let question = message::question(id, name, kind).ok_or("it is no name of DNS")?;
        let is_ours = |message: &Message| {
            message.id == id
                && message
                    .question
                    .as_ref()
                    .is_none_or(|(it, of)| it.eq_ignore_ascii_case(name) && *of == kind)
        };
        if self.silent.load(Ordering::Relaxed) {
            return Err("it did not answer before".to_owned());
        }
        let mut answer = self.by_datagram(&question, is_ours).await?;
        if answer.truncated {
            answer = timeout(self.resolver.patience, self.by_stream(&question))
                .await
                .map_err(|_| "no answer in time")??;
        }
        match answer.code {
            _ if !is_ours(&answer) => Err("it answers another question".to_owned()),
            0 | 3 => Ok(answer),
            2 => Err("it says SERVFAIL; the zone may be broken, or fail DNSSEC".to_owned()),
            5 => Err("it says REFUSED".to_owned()),
            code => Err(format!("it says error {code}")),
        }
    }

    async fn by_datagram(
        self,
        question: &[u8],
        is_ours: impl Fn(&Message) -> bool,
    ) -> Result<Message, String> {
        let told = |error: std::io::Error| error.to_string();
        let from: SocketAddr = match self.resolver.address {
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        let socket = UdpSocket::bind(from).await.map_err(told)?;
        socket.connect(self.resolver.address).await.map_err(told)?;
        let mut buffer = vec![0; 4096];
        for _ in 0..ATTEMPTS {
            socket.send(question).await.map_err(told)?;
            let heard = timeout(self.resolver.patience / ATTEMPTS, async {
                // What answers another question is not ours to take (RFC 5452 section 9.1).
                loop {
                    let length = socket.recv(&mut buffer).await.map_err(told)?;
                    let message = Message::read(buffer.get(..length).unwrap_or_default());
                    if let Some(message) = message.ok().filter(&is_ours) {
                        return Ok(message);
                    }
                }
            });
            if let Ok(heard) = heard.await {
                return heard;
            }
        }
        self.silent.store(true, Ordering::Relaxed);
        Err("no answer in time".to_owned())
    }

    async fn by_stream(self, question: &[u8]) -> Result<Message, String> {
        let told = |error: std::io::Error| format!("by TCP: {error}");
        let mut io = TcpStream::connect(self.resolver.address).await.map_err(told)?;
        let length = u16::try_from(question.len()).unwrap_or(u16::MAX).to_be_bytes();
        io.write_all(&[&length, question].concat()).await.map_err(told)?;
        let length = usize::from(io.read_u16().await.map_err(told)?).min(LONGEST_MESSAGE);
        let mut answer = vec![0; length];
        io.read_exact(&mut answer).await.map_err(told)?;
        Message::read(&answer).map_err(|error| error.to_string())
    }
}

/// The texts of TXT records, each with its pieces put together (RFC 7208 section 3.3).
pub(super) fn texts(records: &[Record]) -> Vec<String> {
    let text = |record: &Record| {
        let (mut rest, mut text) = (record.data.clone(), Vec::new());
        while !rest.is_empty() {
            let length = rest.split_to(1).first().copied().unwrap_or_default();
            text.extend(message::taken(&mut rest, length.into())?);
        }
        Some(String::from_utf8_lossy(&text).into_owned())
    };
    records.iter().filter(|record| record.kind == kind::TXT).filter_map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_resolver_of_the_system_is_asked() {
        let text = "# local\nsearch test\nnameserver  127.0.0.53\nnameserver 10.0.0.1\n";
        assert_eq!(first_of(text), Some("127.0.0.53".parse().unwrap()));
        assert_eq!(first_of("search test\nnameserver\n"), None);
    }
}
