//! SMTP: greeting, EHLO, and STARTTLS where it is offered (RFC 5321 and RFC 3207). LMTP is the same with another
//! word for hello (RFC 2033 section 4.1).

use std::net::IpAddr;

use super::{Step, quoted};

/// How a client leaves that has no mail; without it, servers note a lost connection.
pub(super) const FAREWELL: &[u8] = b"QUIT\r\n";

/// Our side of the dialogue.
#[derive(Clone, Debug)]
pub(super) struct Client {
    /// Who we say we are: our address, since a client without a name of its own says that
    /// (RFC 5321 section 4.1.4).
    name: String,
    dialect: Dialect,
    awaited: Awaited,
}

/// Which of the two is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Smtp,
    Lmtp,
}

/// What the server is to answer next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Awaited {
    Greeting,
    Ehlo,
    StartTls,
}

/// One reply: its code, and the text of its lines.
struct Reply<'a> {
    code: u16,
    lines: Vec<&'a [u8]>,
    length: usize,
}

impl Client {
    pub(super) fn new(local: IpAddr, dialect: Dialect) -> Self {
        let name = match local.to_canonical() {
            IpAddr::V4(address) => format!("[{address}]"),
            IpAddr::V6(address) => format!("[IPv6:{address}]"),
        };
        Self { name, dialect, awaited: Awaited::Greeting }
    }

    /// Takes a reply out of what was heard, once it is whole.
    pub(super) fn step(&mut self, heard: &mut Vec<u8>) -> Step {
        let step = match reply(heard) {
            Ok(None) => return Step::Read,
            Ok(Some(reply)) if reply.length < heard.len() => Step::Refused(super::BEHIND.to_owned()),
            Ok(Some(reply)) => self.answer(&reply),
            Err(NotSmtp) => Step::Refused("it does not speak SMTP".to_owned()),
        };
        heard.clear();
        step
    }

    fn answer(&mut self, reply: &Reply<'_>) -> Step {
        match (self.awaited, reply.code) {
            (Awaited::Greeting, 220) => {
                self.awaited = Awaited::Ehlo;
                Step::Send(format!("{} {}\r\n", self.dialect.hello(), self.name).into_bytes())
            }
            (Awaited::Ehlo, 250) if reply.offers_starttls() => {
                self.awaited = Awaited::StartTls;
                Step::Send(b"STARTTLS\r\n".to_vec())
            }
            // Who doesn't know EHLO has no extensions (RFC 5321 section 4.1.1.1).
            (Awaited::Ehlo, 250 | 500 | 502) => Step::Cleartext(FAREWELL),
            (Awaited::StartTls, 220) => Step::Tls(Vec::new()),
            // RFC 3207 section 4: it has TLS, and none at the moment. Cleartext would be the end of the matter.
            (Awaited::StartTls, 454) => {
                let said = quoted(reply.lines.first().copied().unwrap_or_default());
                Step::Refused(format!(
                    "it offers STARTTLS, and has no TLS at the moment: STARTTLS is answered 454 {said}"
                ))
            }
            (awaited, code) => {
                let said = quoted(reply.lines.first().copied().unwrap_or_default());
                Step::Refused(format!("{} is answered {code} {said}", self.said(awaited)))
            }
        }
    }

    /// What was said before the answer that is awaited.
    fn said(&self, awaited: Awaited) -> &'static str {
        match awaited {
            Awaited::Greeting => "the connection",
            Awaited::Ehlo => self.dialect.hello(),
            Awaited::StartTls => "STARTTLS",
        }
    }
}

impl Dialect {
    fn hello(self) -> &'static str {
        match self {
            Self::Smtp => "EHLO",
            Self::Lmtp => "LHLO",
        }
    }
}

impl Reply<'_> {
    /// Whether one of the lines behind the first is the keyword.
    fn offers_starttls(&self) -> bool {
        let keyword = |line: &&[u8]| line.trim_ascii().eq_ignore_ascii_case(b"STARTTLS");
        self.lines.iter().skip(1).any(keyword)
    }
}

/// Bytes that are no SMTP reply.
struct NotSmtp;

/// The first whole reply: lines of a code and a hyphen, and a last one without the hyphen.
fn reply(heard: &[u8]) -> Result<Option<Reply<'_>>, NotSmtp> {
    let mut lines = Vec::new();
    let mut length = 0;
    for line in heard.split_inclusive(|byte| *byte == b'\n') {
        let Some(text) = line.strip_suffix(b"\n") else { break };
        length += line.len();
        let ([a, b, c], text) = text.split_first_chunk().ok_or(NotSmtp)?;
        let digit =
            |byte: &u8| char::from(*byte).to_digit(10).and_then(|d| u16::try_from(d).ok()).ok_or(NotSmtp);
        let code = digit(a)? * 100 + digit(b)? * 10 + digit(c)?;
        match text.trim_ascii_end().split_first() {
            Some((b'-', text)) => lines.push(text),
            Some((b' ', text)) => return Ok(Some(whole(code, lines, text, length))),
            None => return Ok(Some(whole(code, lines, &[], length))),
            Some(_) => return Err(NotSmtp),
        }
    }
    Ok(None)
}

fn whole<'a>(code: u16, mut lines: Vec<&'a [u8]>, last: &'a [u8], length: usize) -> Reply<'a> {
    lines.push(last);
    Reply { code, lines, length }
}
