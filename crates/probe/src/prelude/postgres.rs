//! PostgreSQL: `SSLRequest`, answered by one byte (the manual, "Message Flow", "SSL Session Encryption").

use super::{Step, quoted};

/// Length 8, and the number that stands for "TLS, please".
pub(super) const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xD2, 0x16, 0x2F];

pub(super) fn step(heard: &[u8]) -> Step {
    match heard {
        [] => Step::Read,
        [b'S'] => Step::Tls(Vec::new()),
        [b'N'] => Step::Cleartext(&[]),
        [b'S' | b'N', ..] => {
            Step::Refused("bytes come behind the answer to SSLRequest, where none may be".to_owned())
        }
        // An error: too many clients, or a server from before TLS.
        [b'E', message @ ..] => error(message),
        [_, ..] => {
            Step::Refused("it does not speak PostgreSQL: SSLRequest is answered neither S nor N".to_owned())
        }
    }
}

/// An ErrorResponse behind its type: a length that counts itself, then fields of a letter and a
/// string. `M` is the message; before version 7.4 it was one string without letters.
fn error(message: &[u8]) -> Step {
    let Some((length, rest)) = message.split_first_chunk() else { return Step::Read };
    let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX).saturating_sub(4);
    if length > super::LIMIT {
        return Step::Refused("it refuses SSLRequest with an error".to_owned());
    }
    let Some(fields) = rest.get(..length) else { return Step::Read };
    let text = fields.split(|byte| *byte == 0).find_map(|field| field.strip_prefix(b"M"));
    Step::Refused(format!("it refuses SSLRequest: {}", quoted(text.unwrap_or(fields))))
}
