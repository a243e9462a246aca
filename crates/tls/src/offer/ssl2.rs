//! The CLIENT-HELLO of SSL 2.0, which is built unlike any later one.

use super::vector16;
use crate::Ssl2Cipher;

/// A CLIENT-HELLO of SSL 2.0 with these ciphers and these random bytes, ready to be sent.
pub fn ssl2_hello(ciphers: &[Ssl2Cipher], challenge: [u8; 16]) -> Vec<u8> {
    let specs: Vec<u8> = ciphers.iter().flat_map(|cipher| cipher.0).collect();
    let mut message = vec![1, 0, 2];
    let lengths = [specs.len(), 0, challenge.len()];
    message
        .extend(lengths.iter().flat_map(|length| u16::try_from(*length).unwrap_or(u16::MAX).to_be_bytes()));
    message.extend(specs);
    message.extend(challenge);
    let mut record = vector16(&message);
    // A header of two bytes, and no padding.
    if let Some(first) = record.first_mut() {
        *first |= 0x80;
    }
    record
}
