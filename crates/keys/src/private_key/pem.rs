//! The frame of private keys in text (RFC 7468).
//!
//! Read by hand: what people have is laxer than the strict readers take (other line lengths, attributes and
//! parameters before the key), and the strict ones leave plain copies behind.

#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fmt::Display;

use base64ct::{Base64, Encoding};
use zeroize::Zeroizing;

use super::PrivateKeyError;

/// Bytes of DER in a line, 64 characters of base64.
const LINE: usize = 48;

const LABELS: [&[u8]; 4] = [b"PRIVATE KEY", b"ENCRYPTED PRIVATE KEY", b"EC PRIVATE KEY", b"RSA PRIVATE KEY"];

/// The DER of the first private key in `text`; `None` where that is no PEM at all.
pub(super) fn private_key(text: &[u8]) -> Result<Option<Zeroizing<Vec<u8>>>, PrivateKeyError> {
    let mut lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let mut framed = false;
    while let Some(line) = lines.next() {
        let Some(label) = label(line, b"-----BEGIN ") else { continue };
        framed = true;
        if LABELS.contains(&label) {
            return decode(label, lines, text.len()).map(Some);
        }
    }
    if framed { Err(PrivateKeyError::Missing) } else { Ok(None) }
}

/// DER as PEM under this label.
pub(super) fn write(label: &str, der: &[u8]) -> Zeroizing<String> {
    // Room for all of it: growing leaves a copy behind that nobody wipes.
    let lines = der.len().div_ceil(LINE);
    let mut text = Zeroizing::new(String::with_capacity(lines * 65 + 2 * (label.len() + 20)));
    let mut line = Zeroizing::new([0; 64]);
    text.extend(["-----BEGIN ", label, "-----\n"]);
    for bytes in der.chunks(LINE) {
        // 48 bytes are 64 characters, always.
        if let Ok(encoded) = Base64::encode(bytes, &mut *line) {
            text.extend([encoded, "\n"]);
        }
    }
    text.extend(["-----END ", label, "-----\n"]);
    text
}

fn label<'a>(line: &'a [u8], start: &[u8]) -> Option<&'a [u8]> {
    line.strip_prefix(start)?.strip_suffix(b"-----")
}

fn decode<'a>(
    label: &[u8],
    lines: impl Iterator<Item = &'a [u8]>,
    room: usize,
) -> Result<Zeroizing<Vec<u8>>, PrivateKeyError> {
    let malformed = |reason: &dyn Display| PrivateKeyError::Malformed(format!("its PEM: {reason}"));
    let mut encoded = Zeroizing::new(Vec::with_capacity(room));
    for line in lines {
        if self::label(line, b"-----END ") == Some(label) {
            let mut der = Zeroizing::new(vec![0; encoded.len()]);
            let length = Base64::decode(&*encoded, &mut der).map_err(|error| malformed(&error))?.len();
            der.truncate(length);
            return Ok(der);
        }
        // RFC 1421 section 4.6.1.1: what follows is encrypted under MD5 of the passphrase.
        if line.starts_with(b"Proc-Type:") {
            return Err(PrivateKeyError::OldEncryption);
        }
        encoded.extend_from_slice(line);
    }
    Err(malformed(&"it was cut off"))
}
