//! What a stranger speaks, told from as few first bytes as make it certain.

use super::HelloError;

/// The record type of handshake messages, the first byte of every TLS connection.
const HANDSHAKE: u8 = 22;

/// The methods that browsers, tools and scanners open with, and HTTP/2's preface.
const METHODS: [&[u8]; 10] = [
    b"GET ",
    b"HEAD ",
    b"POST ",
    b"PUT ",
    b"DELETE ",
    b"OPTIONS ",
    b"PATCH ",
    b"TRACE ",
    b"CONNECT ",
    b"PRI ",
];

/// Whether the first bytes are TLS; `None` while they could still be several things.
pub(super) fn opening(first: &[u8]) -> Option<Result<(), HelloError>> {
    match first {
        [] | [HANDSHAKE] => None,
        [HANDSHAKE, 3, ..] => Some(Ok(())),
        [HANDSHAKE, ..] => Some(Err(HelloError::NotTls)),
        [length, ..] if length & 0x80 != 0 => ssl2(first),
        _ => http(first),
    }
}

/// A hello in SSL 2.0's framing (RFC 5246 appendix E.2): a length with the highest bit set, message
/// type 1, and a version that may well be newer.
fn ssl2(first: &[u8]) -> Option<Result<(), HelloError>> {
    match first {
        [_] | [_, _] | [_, _, 1] | [_, _, 1, 0 | 3] => None,
        [_, _, 1, 0, 2, ..] | [_, _, 1, 3, _, ..] => Some(Err(HelloError::Ssl2)),
        _ => Some(Err(HelloError::NotTls)),
    }
}

fn http(first: &[u8]) -> Option<Result<(), HelloError>> {
    if METHODS.iter().any(|method| first.starts_with(method)) {
        Some(Err(HelloError::CleartextHttp))
    } else if METHODS.iter().any(|method| method.starts_with(first)) {
        None
    } else {
        Some(Err(HelloError::NotTls))
    }
}
