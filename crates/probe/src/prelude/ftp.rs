//! FTP: greeting, then AUTH TLS (RFC 4217 section 4). Not every server says in FEAT what it can, so that it is
//! simply asked.

use super::{Step, answer_lines, quoted};

/// How a client leaves that fetches nothing.
pub(super) const FAREWELL: &[u8] = b"QUIT\r\n";

/// Our side of the dialogue.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Client {
    /// Whether AUTH TLS was said.
    asked: bool,
    /// The code of the reply whose last line is awaited: lines between need no code (RFC 959 section 4.2).
    begun: Option<[u8; 3]>,
}

impl Client {
    /// Takes whole lines out of what was heard.
    pub(super) fn step(&mut self, heard: &mut Vec<u8>) -> Step {
        answer_lines(heard, |line| self.line(line))
    }

    fn line(&mut self, line: &[u8]) -> Step {
        let (code, rest) = match line.split_first_chunk::<3>() {
            Some((code, rest)) if code.iter().all(u8::is_ascii_digit) => (*code, rest),
            _ if self.begun.is_some() => return Step::Read,
            _ => return Step::Refused("it does not speak FTP".to_owned()),
        };
        match (self.begun, rest.first()) {
            (Some(begun), next) if begun != code || next == Some(&b'-') => Step::Read,
            (None, Some(b'-')) => {
                self.begun = Some(code);
                Step::Read
            }
            _ => {
                self.begun = None;
                self.reply(code, line)
            }
        }
    }

    fn reply(&mut self, code: [u8; 3], line: &[u8]) -> Step {
        match (self.asked, &code) {
            // Ready in some minutes.
            (false, b"120") => Step::Read,
            (false, b"220") => {
                self.asked = true;
                Step::Send(b"AUTH TLS\r\n".to_vec())
            }
            (true, b"234") => Step::Tls(Vec::new()),
            // It doesn't know the command or TLS, or wants a login first, which is then in clear.
            (true, [b'5', ..]) => Step::Cleartext(FAREWELL),
            (asked, _) => {
                let what = if asked { "AUTH TLS" } else { "the connection" };
                Step::Refused(format!("{what} is answered {}", quoted(line)))
            }
        }
    }
}
