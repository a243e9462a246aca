//! MySQL and MariaDB: the server greets, and says in its greeting whether it does TLS (the MySQL
//! internals manual, `Protocol::HandshakeV10` and `Protocol::SSLRequest`).

use bytes::{Buf, TryGetError};

use super::{Step, quoted};

const CLIENT_PROTOCOL_41: u32 = 0x0200;
const CLIENT_SSL: u32 = 0x0800;
const CLIENT_SECURE_CONNECTION: u32 = 0x8000;
const CLIENT_PLUGIN_AUTH: u32 = 0x0008_0000;

/// Behind the greeting, and behind the SSL request: the number in the sequence goes on.
pub(super) static FAREWELL_IN_CLEARTEXT: [u8; 72] = farewell(1, 0);
pub(super) static FAREWELL_IN_TLS: [u8; 72] = farewell(2, CLIENT_SSL);

/// What the greeting says of TLS in its capabilities, the lower half of which is all that we read.
const OFFERS_TLS: u16 = 0x0800;

/// The largest packet that we would take; never used.
const MAX_PACKET: u32 = 1 << 24;

/// `utf8mb4_general_ci`.
const CHARACTER_SET: u8 = 45;

const ERR: u8 = 0xFF;
const HANDSHAKE_V10: u8 = 10;

pub(super) fn step(heard: &[u8]) -> Step {
    // Length in three bytes, little end first; then the number in the sequence.
    let Some(([low, middle, high, sequence], rest)) = heard.split_first_chunk() else { return Step::Read };
    let length = usize::try_from(u32::from_le_bytes([*low, *middle, *high, 0])).unwrap_or(usize::MAX);
    if *sequence != 0 || length == 0 || length > super::LIMIT {
        return Step::Refused(NOT_MYSQL.to_owned());
    }
    let Some((packet, behind)) = rest.split_at_checked(length) else { return Step::Read };
    match packet.split_first() {
        Some((&ERR, error)) => refusal(error),
        Some((&HANDSHAKE_V10, _)) if !behind.is_empty() => {
            Step::Refused("bytes come behind the server's greeting, where none may be".to_owned())
        }
        Some((&HANDSHAKE_V10, greeting)) => match capabilities(greeting) {
            Ok(capabilities) if capabilities & OFFERS_TLS != 0 => Step::Tls(ssl_request()),
            Ok(_) => Step::Cleartext(&FAREWELL_IN_CLEARTEXT),
            Err(_) => Step::Refused("the server's greeting is cut short".to_owned()),
        },
        _ => Step::Refused(NOT_MYSQL.to_owned()),
    }
}

/// The version that the greeting names, once it is whole.
pub(super) fn version(heard: &[u8]) -> Option<&[u8]> {
    let greeting = heard.get(4..)?.strip_prefix(&[HANDSHAKE_V10])?;
    let end = greeting.iter().position(|byte| *byte == 0)?;
    greeting.get(..end)
}

const NOT_MYSQL: &str = "it does not greet as MySQL does";

/// An ERR packet behind its header: a code of two bytes and the message, as when the host is blocked.
fn refusal(error: &[u8]) -> Step {
    let text = error.get(2..).unwrap_or_default();
    Step::Refused(format!("the server turns us away: {}", quoted(text)))
}

/// The lower half of the server's capabilities: behind its version (a string that ends with 0), the
/// thread's number (4 bytes), the first part of the challenge (8) and a filler (1).
fn capabilities(greeting: &[u8]) -> Result<u16, TryGetError> {
    let mut parts = greeting.splitn(2, |byte| *byte == 0).skip(1);
    let mut rest = parts.next().unwrap_or_default();
    rest.try_copy_to_slice(&mut [0; 4 + 8 + 1])?;
    rest.try_get_u16_le()
}

/// A login of nobody, which is denied, and then an empty packet in case the server asks for another
/// method first.
///
/// Who leaves before a login counts as a connection error, and after 100 of them (`max_connect_errors`)
/// the server turns away everybody from that host, the application too. Who is denied does not count.
const fn farewell(sequence: u8, tls: u32) -> [u8; 72] {
    let mut packets = *b"\x40\0\0\0\
        \0\0\0\0\0\0\0\x01\x2d\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
        hermetic\0\0mysql_native_password\0\
        \0\0\0\0";
    let capabilities = CLIENT_PROTOCOL_41 | CLIENT_SECURE_CONNECTION | CLIENT_PLUGIN_AUTH | tls;
    let capabilities = capabilities.to_le_bytes();
    packets[3] = sequence;
    packets[4] = capabilities[0];
    packets[5] = capabilities[1];
    packets[6] = capabilities[2];
    packets[7] = capabilities[3];
    // The server's question would come between.
    packets[71] = sequence + 2;
    packets
}

/// Capabilities, largest packet, character set and 23 zeros, as the second packet of the sequence.
fn ssl_request() -> Vec<u8> {
    let capabilities = CLIENT_PROTOCOL_41 | CLIENT_SSL | CLIENT_SECURE_CONNECTION;
    [&[32, 0, 0, 1][..], &capabilities.to_le_bytes(), &MAX_PACKET.to_le_bytes(), &[CHARACTER_SET], &[0; 23]]
        .concat()
}
