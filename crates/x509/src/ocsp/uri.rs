//! Requests within an address: DER in base64, with what has a meaning in addresses written as `%2F`
//! (RFC 6960 appendix A.1).
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use base64ct::{Base64Unpadded, Encoding};

use super::request::{LONGEST_REQUEST, RequestError};

/// The longest text: each byte in 4/3 letters of base64, and each of those as three.
const LONGEST: usize = LONGEST_REQUEST * 4;

/// The bytes that an address carries. Clients differ in which letters they escape, and some leave the padding
/// out; `+` is itself, since only forms make a space of it.
pub(super) fn decode(text: &str) -> Result<Vec<u8>, RequestError> {
    if text.len() > LONGEST {
        return Err(RequestError::Long(text.len()));
    }
    let letters = unescape(text.as_bytes()).ok_or(RequestError::Base64)?;
    let letters = std::str::from_utf8(&letters).map_err(|_| RequestError::Base64)?;
    let letters = letters.trim_end_matches('=');
    Base64Unpadded::decode_vec(letters).map_err(|_| RequestError::Base64)
}

fn unescape(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut letters = Vec::with_capacity(text.len());
    let mut rest = text;
    loop {
        rest = match rest {
            [] => return Some(letters),
            [b'%', high, low, tail @ ..] => {
                letters.push(digit(*high)? << 4 | digit(*low)?);
                tail
            }
            [b'%', ..] => return None,
            [letter, tail @ ..] => {
                letters.push(*letter);
                tail
            }
        };
    }
}
