//! SCRAM's messages as texts: attributes of a letter, divided by commas (RFC 5802 section 7).

use base64ct::{Base64, Encoding};

use super::ScramError;

/// The value of the next attribute, which must have this letter.
pub(super) fn attribute<'m>(rest: &mut Option<&'m str>, letter: char) -> Result<&'m str, ScramError> {
    let malformed = ScramError::Malformed("an attribute is missing");
    let text = rest.ok_or(malformed.clone())?;
    let (attribute, behind) = match text.split_once(',') {
        Some((attribute, behind)) => (attribute, Some(behind)),
        None => (text, None),
    };
    // An extension that must be understood, and none is known.
    if attribute.starts_with("m=") {
        return Err(ScramError::Malformed("an extension that is not known"));
    }
    let value = attribute.strip_prefix(letter).and_then(|value| value.strip_prefix('='));
    *rest = behind;
    value.ok_or(malformed)
}

/// A message as text.
pub(super) fn text(message: &[u8]) -> Result<&str, ScramError> {
    let text = std::str::from_utf8(message).ok().filter(|text| !text.contains('\0'));
    text.ok_or(ScramError::Malformed("it is no text"))
}

/// A value in Base64.
pub(super) fn base64(value: &str) -> Result<Vec<u8>, ScramError> {
    Base64::decode_vec(value).map_err(|_| ScramError::Malformed("a value is no Base64"))
}

/// A key, a proof or a signature in Base64.
pub(super) fn hash(value: &str) -> Result<[u8; 32], ScramError> {
    base64(value)?.try_into().map_err(|_| ScramError::Malformed("a value has another length than a hash"))
}

/// A nonce: printable, and no comma, which the division sees to.
pub(super) fn nonce(value: &str) -> Result<&str, ScramError> {
    let printable = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_graphic());
    printable.then_some(value).ok_or(ScramError::Malformed("a nonce that can't be printed"))
}
