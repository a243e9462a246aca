//! What a protocol says before TLS begins: state machines over bytes, without any input or output.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod amqp;
mod conversation;
mod ftp;
mod imap;
pub(crate) mod ldap;
mod mysql;
mod nats;
mod pop3;
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
    /// What it said before it was asked, as far as it is kept.
    first: Vec<u8>,
}

/// How much is kept of what a server says first.
const GREETING: usize = 512;

#[derive(Clone, Debug)]
enum Protocol {
    Postgres,
    Mysql,
    Smtp(smtp::Client),
    Imap(imap::Awaited),
    Pop3(pop3::Awaited),
    Ftp(ftp::Client),
    Ldap,
    Amqp,
    Nats,
}

impl Prelude {
    /// The prelude of a scheme, spoken from the address `local`; `None` where TLS comes first.
    pub fn of(scheme: Scheme, local: IpAddr) -> Option<Self> {
        let protocol = match scheme {
            Scheme::Https | Scheme::Tls | Scheme::Redis | Scheme::Rediss | Scheme::Mqtt => return None,
            Scheme::Smtps | Scheme::Imaps | Scheme::Pop3s | Scheme::Ftps => return None,
            Scheme::Ldaps | Scheme::Mqtts | Scheme::Amqps => return None,
            Scheme::Postgres => Protocol::Postgres,
            Scheme::Mysql => Protocol::Mysql,
            Scheme::Smtp => Protocol::Smtp(smtp::Client::new(local, smtp::Dialect::Smtp)),
            Scheme::Lmtp => Protocol::Smtp(smtp::Client::new(local, smtp::Dialect::Lmtp)),
            Scheme::Imap => Protocol::Imap(imap::Awaited::default()),
            Scheme::Pop3 => Protocol::Pop3(pop3::Awaited::default()),
            Scheme::Ftp => Protocol::Ftp(ftp::Client::default()),
            Scheme::Ldap => Protocol::Ldap,
            Scheme::Amqp => Protocol::Amqp,
            Scheme::Nats => Protocol::Nats,
        };
        Some(Self { protocol, heard: Vec::new(), spoken: 0, first: Vec::new() })
    }

    /// What the client says first; empty where the server begins.
    pub fn opening(&self) -> &'static [u8] {
        match self.protocol {
            Protocol::Postgres => &postgres::SSL_REQUEST,
            Protocol::Ldap => &ldap::START_TLS,
            Protocol::Amqp => &amqp::TLS,
            Protocol::Mysql | Protocol::Smtp(_) | Protocol::Imap(_) | Protocol::Pop3(_) => &[],
            Protocol::Ftp(_) | Protocol::Nats => &[],
        }
    }

    /// What to say within TLS before hanging up; it gives nothing away.
    pub fn farewell(&self) -> &'static [u8] {
        match self.protocol {
            Protocol::Postgres | Protocol::Amqp | Protocol::Nats => &[],
            Protocol::Mysql => &mysql::FAREWELL_IN_TLS,
            Protocol::Smtp(_) => smtp::FAREWELL,
            Protocol::Imap(_) => imap::FAREWELL,
            Protocol::Pop3(_) => pop3::FAREWELL,
            Protocol::Ftp(_) => ftp::FAREWELL,
            Protocol::Ldap => ldap::FAREWELL,
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
        self.first.extend(bytes.iter().take(GREETING.saturating_sub(self.first.len())));
        match &mut self.protocol {
            Protocol::Postgres => postgres::step(&self.heard),
            Protocol::Mysql => mysql::step(&self.heard),
            Protocol::Smtp(client) => client.step(&mut self.heard),
            Protocol::Imap(awaited) => imap::step(awaited, &mut self.heard),
            Protocol::Pop3(awaited) => pop3::step(awaited, &mut self.heard),
            Protocol::Ftp(client) => client.step(&mut self.heard),
            Protocol::Ldap => ldap::step(&self.heard),
            Protocol::Amqp => amqp::step(&self.heard),
            Protocol::Nats => nats::step(&mut self.heard),
        }
    }
}

impl Prelude {
    /// What the server said of itself before it was asked; `None` where the client speaks first, or nothing was
    /// said.
    pub(crate) fn greeting(&self) -> Option<String> {
        let text = match self.protocol {
            Protocol::Mysql => mysql::version(&self.first),
            Protocol::Smtp(_) | Protocol::Imap(_) | Protocol::Pop3(_) | Protocol::Ftp(_) => {
                first_line(&self.first)
            }
            Protocol::Postgres | Protocol::Ldap | Protocol::Amqp | Protocol::Nats => None,
        };
        text.map(quoted).filter(|text| !text.is_empty())
    }
}

/// The first line, once it is whole; without its end.
pub(crate) fn first_line(heard: &[u8]) -> Option<&[u8]> {
    let end = heard.iter().position(|byte| *byte == b'\n')?;
    heard.get(..end).map(<[u8]>::trim_ascii_end)
}

/// Why bytes are refused that come where none may be.
const BEHIND: &str = "bytes come behind the server's last word before TLS, where none may be: somebody may have put them there";

/// Takes the first whole line out, without its end.
fn line(heard: &mut Vec<u8>) -> Option<Vec<u8>> {
    let end = heard.iter().position(|byte| *byte == b'\n')?;
    let mut line: Vec<u8> = heard.drain(..=end).collect();
    line.truncate(line.trim_ascii_end().len());
    Some(line)
}

/// Answers whole lines out of what was heard, one after another, until there is something to do.
fn answer_lines(heard: &mut Vec<u8>, mut answer: impl FnMut(&[u8]) -> Step) -> Step {
    while let Some(line) = line(heard) {
        match answer(&line) {
            Step::Read => {}
            // What is put there by somebody in between would be taken for protected (CVE-2011-0411).
            Step::Tls(_) if !heard.is_empty() => return Step::Refused(BEHIND.to_owned()),
            step => return step,
        }
    }
    Step::Read
}

/// Text of a far end for a reason: one line, printable, and not long.
pub(crate) fn quoted(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let printable = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().take(200).map(printable).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests;
