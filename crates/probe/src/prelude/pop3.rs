//! POP3: greeting, CAPA, and STLS where it is offered (RFC 2449 and RFC 2595 section 4).

use super::{Step, answer_lines, quoted};

/// How a client leaves that reads no mail.
pub(super) const FAREWELL: &[u8] = b"QUIT\r\n";

/// What the server is to say next.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Awaited {
    #[default]
    Greeting,
    Capa,
    Capabilities {
        /// Whether STLS was among them so far.
        stls: bool,
    },
    Stls {
        /// Whether it was offered, or is only tried.
        offered: bool,
    },
}

/// Takes whole lines out of what was heard.
pub(super) fn step(awaited: &mut Awaited, heard: &mut Vec<u8>) -> Step {
    answer_lines(heard, |line| answer(awaited, line))
}

fn answer(awaited: &mut Awaited, line: &[u8]) -> Step {
    let (ok, error) = (line.starts_with(b"+OK"), line.starts_with(b"-ERR"));
    let refused = |what: &str| Step::Refused(format!("{what} is answered {}", quoted(line)));
    match awaited {
        Awaited::Greeting if ok => {
            *awaited = Awaited::Capa;
            Step::Send(b"CAPA\r\n".to_vec())
        }
        Awaited::Greeting if error => refused("the connection"),
        Awaited::Greeting => Step::Refused("it does not speak POP3".to_owned()),
        Awaited::Capa if ok => {
            *awaited = Awaited::Capabilities { stls: false };
            Step::Read
        }
        // From before RFC 2449: it may know STLS all the same.
        Awaited::Capa if error => {
            *awaited = Awaited::Stls { offered: false };
            Step::Send(b"STLS\r\n".to_vec())
        }
        Awaited::Capa => refused("CAPA"),
        Awaited::Capabilities { stls: true } if line == b"." => {
            *awaited = Awaited::Stls { offered: true };
            Step::Send(b"STLS\r\n".to_vec())
        }
        Awaited::Capabilities { stls: false } if line == b"." => Step::Cleartext(FAREWELL),
        Awaited::Capabilities { stls } => {
            *stls |= line.eq_ignore_ascii_case(b"STLS");
            Step::Read
        }
        Awaited::Stls { .. } if ok => Step::Tls(Vec::new()),
        Awaited::Stls { offered: false } if error => Step::Cleartext(FAREWELL),
        Awaited::Stls { .. } => refused("STLS"),
    }
}
