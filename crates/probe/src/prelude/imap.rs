//! IMAP: greeting, CAPABILITY, and STARTTLS where it is offered (RFC 9051 sections 6.1.1 and 6.2.1).

use super::{Step, answer_lines, quoted};

/// How a client leaves that reads no mail.
pub(super) const FAREWELL: &[u8] = b"h3 LOGOUT\r\n";

/// What the server is to say next.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Awaited {
    #[default]
    Greeting,
    Capabilities {
        /// Whether STARTTLS was among them so far.
        starttls: bool,
    },
    StartTls,
}

/// Takes whole lines out of what was heard.
pub(super) fn step(awaited: &mut Awaited, heard: &mut Vec<u8>) -> Step {
    answer_lines(heard, |line| answer(awaited, line))
}

fn answer(awaited: &mut Awaited, line: &[u8]) -> Step {
    let text = line.to_ascii_uppercase();
    let refused = |what: &str| Step::Refused(format!("{what} is answered {}", quoted(line)));
    match awaited {
        Awaited::Greeting if text.starts_with(b"* OK") || text.starts_with(b"* PREAUTH") => {
            *awaited = Awaited::Capabilities { starttls: false };
            Step::Send(b"h1 CAPABILITY\r\n".to_vec())
        }
        Awaited::Greeting if text.starts_with(b"* BYE") => refused("the connection"),
        Awaited::Greeting => Step::Refused("it does not speak IMAP".to_owned()),
        Awaited::Capabilities { starttls } if text.starts_with(b"* CAPABILITY ") => {
            *starttls |= text.split(|byte| *byte == b' ').any(|word| word == b"STARTTLS");
            Step::Read
        }
        Awaited::Capabilities { starttls: true } if text.starts_with(b"H1 OK") => {
            *awaited = Awaited::StartTls;
            Step::Send(b"h2 STARTTLS\r\n".to_vec())
        }
        Awaited::Capabilities { .. } if text.starts_with(b"H1 OK") => Step::Cleartext(FAREWELL),
        Awaited::StartTls if text.starts_with(b"H2 OK") => Step::Tls(Vec::new()),
        // Anything may be told in between (RFC 9051 section 7).
        _ if text.starts_with(b"* ") => Step::Read,
        Awaited::Capabilities { .. } => refused("CAPABILITY"),
        Awaited::StartTls => refused("STARTTLS"),
    }
}
