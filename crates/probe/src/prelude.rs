//! What a protocol says before TLS begins: state machines over bytes, without any input or output.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod conversation;
mod mysql;
mod postgres;
mod smtp;

use std::net::IpAddr;

use hermetic_hop::Scheme;

pub(crate) use conversation::hold;

/// The most bytes that a far end may say before TLS.
pub const LIMIT: usize = 16 * 1024;

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Read more.
    Read,
    /// Send these bytes, then read.
    Send(Vec<u8>),
    /// Send these bytes, none or few; then TLS begins.
    Tls(Vec<u8>),
    /// The far end offers no TLS. Send these last words, none or few, and hang up.
    Cleartext(&'static [u8]),
    /// The far end does not do what the protocol demands; why.
    Refused(String),
}

/// The client's side of a prelude. [`Prelude::opening`] goes out first; then every read is fed, until
/// a step is none of [`Step::Read`] and [`Step::Send`].
#[derive(Clone, Debug)]
pub struct Prelude {
    protocol: Protocol,
    heard: Vec<u8>,
    spoken: usize,
}

#[derive(Clone, Debug)]
enum Protocol {
    Postgres,
    Mysql,
    Smtp(smtp::Client),
}

impl Prelude {
    /// The prelude of a scheme, spoken from the address `local`; `None` where TLS comes first.
    pub fn of(scheme: Scheme, local: IpAddr) -> Option<Self> {
        let protocol = match scheme {
            Scheme::Https | Scheme::Tls | Scheme::Redis | Scheme::Rediss => return None,
            Scheme::Postgres => Protocol::Postgres,
            Scheme::Mysql => Protocol::Mysql,
            Scheme::Smtp => Protocol::Smtp(smtp::Client::new(local)),
        };
        Some(Self { protocol, heard: Vec::new(), spoken: 0 })
    }

    /// What the client says first; empty where the server begins.
    pub fn opening(&self) -> &'static [u8] {
        match self.protocol {
            Protocol::Postgres => &postgres::SSL_REQUEST,
            Protocol::Mysql | Protocol::Smtp(_) => &[],
        }
    }

    /// What to say within TLS before hanging up; it gives nothing away.
    pub fn farewell(&self) -> &'static [u8] {
        match self.protocol {
            Protocol::Postgres => &[],
            Protocol::Mysql => &mysql::FAREWELL_IN_TLS,
            Protocol::Smtp(_) => smtp::FAREWELL,
        }
    }

    /// Takes what was read, all of it.
    ///
    /// Bytes that come with the far end's last word before TLS, but behind it, are refused: put there
    /// by somebody in between, they would be taken for protected ones (CVE-2021-23222, CVE-2011-0411).
    pub fn feed(&mut self, bytes: &[u8]) -> Step {
        self.spoken = self.spoken.saturating_add(bytes.len());
        if self.spoken > LIMIT {
            return Step::Refused(format!("it says more than {LIMIT} bytes before TLS"));
        }
        self.heard.extend_from_slice(bytes);
        match &mut self.protocol {
            Protocol::Postgres => postgres::step(&self.heard),
            Protocol::Mysql => mysql::step(&self.heard),
            Protocol::Smtp(client) => client.step(&mut self.heard),
        }
    }
}

/// Text of a far end for a reason: one line, printable, and not long.
fn quoted(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let printable = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().take(200).map(printable).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests;
