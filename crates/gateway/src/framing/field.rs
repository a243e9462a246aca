//! Field lines and the characters that may stand in them (RFC 9110 section 5, RFC 9112 section 5).

use memchr::memchr;

use super::Violation;

/// A field line in its two parts, the white space around the value taken off.
pub(super) fn parse(line: &[u8]) -> Result<(&[u8], &[u8]), Violation> {
    let colon = memchr(b':', line).ok_or(Violation::NoColon)?;
    let (name, value) = line.split_at_checked(colon).ok_or(Violation::NoColon)?;
    let value = trim(value.strip_prefix(b":").unwrap_or(value));
    if let [.., b' ' | b'\t'] = name {
        return Err(Violation::SpaceBeforeColon);
    }
    if !is_token(name) {
        return Err(Violation::FieldName);
    }
    if has_control(value) {
        return Err(Violation::ControlByte);
    }
    Ok((name, value))
}

/// Whether a line continues the one before it, or would.
pub(super) fn is_folded(line: &[u8]) -> bool {
    matches!(line, [b' ' | b'\t', ..])
}

pub(super) fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|&byte| is_token_byte(byte))
}

pub(super) fn is_token_byte(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z')
        || matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
}

/// Whether a byte stands in it that is invisible and no tab. Written so that it compiles to vector
/// instructions: nearly all bytes of a head pass through here.
pub(super) fn has_control(value: &[u8]) -> bool {
    value.iter().fold(false, |found, &byte| found | ((byte < 0x20) & (byte != b'\t')) | (byte == 0x7F))
}

/// Takes off spaces and tabs, and nothing else that counts as white space elsewhere.
fn trim(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}
