//! The line before a chunk: its size and its extensions (RFC 9112 section 7.1).

use super::Violation;
use super::field::{is_token, is_token_byte};

/// The size in a chunk line. Extensions are allowed where their syntax is clean, without the white
/// space that the RFC lets a recipient take and tells a sender not to send.
pub(super) fn size(line: &[u8]) -> Result<u64, Violation> {
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let (digits, extensions) = line.split_at_checked(digits).ok_or(Violation::ChunkSize)?;
    let size = hexadecimal(digits).ok_or(Violation::ChunkSize)?;
    match extensions {
        [] => Ok(size),
        [b';', extensions @ ..] => check_extensions(extensions).map(|()| size),
        _ => Err(Violation::ChunkSize),
    }
}

/// One to sixteen digits, which is what fits.
fn hexadecimal(digits: &[u8]) -> Option<u64> {
    if !(1..=16).contains(&digits.len()) {
        return None;
    }
    digits.iter().try_fold(0, |number, &digit| Some(number << 4 | u64::from(char::from(digit).to_digit(16)?)))
}

/// What stands behind the first semicolon: names, some with a value, which may be a quoted string.
fn check_extensions(mut rest: &[u8]) -> Result<(), Violation> {
    loop {
        let name = token_length(rest);
        rest = rest.get(name..).filter(|_| name > 0).ok_or(Violation::ChunkExtension)?;
        if let [b'=', value @ ..] = rest {
            rest = match value {
                [b'"', quoted @ ..] => behind_quote(quoted),
                _ => value
                    .split_at_checked(token_length(value))
                    .and_then(|(token, rest)| is_token(token).then_some(rest)),
            }
            .ok_or(Violation::ChunkExtension)?;
        }
        match rest {
            [] => return Ok(()),
            [b';', next @ ..] => rest = next,
            _ => return Err(Violation::ChunkExtension),
        }
    }
}

fn token_length(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|&&byte| is_token_byte(byte)).count()
}

/// What stands behind the closing quote; `None` without one, or with a byte that no string may hold.
fn behind_quote(mut rest: &[u8]) -> Option<&[u8]> {
    loop {
        rest = match rest {
            [b'"', rest @ ..] => return Some(rest),
            [b'\\', byte, rest @ ..] | [byte, rest @ ..] if !byte.is_ascii_control() || *byte == b'\t' => {
                rest
            }
            _ => return None,
        }
    }
}
