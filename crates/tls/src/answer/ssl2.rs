//! What a server answers to a CLIENT-HELLO of SSL 2.0.

use bytes::Bytes;

use super::AnswerError;
use crate::Ssl2Cipher;
use crate::cursor::Cursor;

const SERVER_HELLO: u8 = 4;
const ERROR: u8 = 0;

/// What a server said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ssl2Answer {
    /// It speaks SSL 2.0.
    Spoken {
        /// Its ciphers, among those that were offered. Where there is none it speaks SSL 2.0 all the same.
        ciphers: Vec<Ssl2Cipher>,
        /// Its certificate in DER.
        certificate: Bytes,
    },
    /// It knows SSL 2.0, and has nothing in common.
    Refused,
}

/// Reads the answer; `None` where more bytes must come. An error where it is none of SSL 2.0, as of a server
/// that has forgotten it and sends an alert.
pub fn read_ssl2(bytes: &[u8]) -> Result<Option<Ssl2Answer>, AnswerError> {
    let Some(([high, low], rest)) = bytes.split_first_chunk() else { return Ok(None) };
    // A header of two bytes is what is sent before anything is encrypted: padding needs three.
    if high & 0x80 == 0 {
        return Err(AnswerError::NotTls);
    }
    let length = usize::from(u16::from_be_bytes([high & 0x7F, *low]));
    let Some(message) = rest.get(..length) else { return Ok(None) };
    let mut body = Cursor::new(Bytes::copy_from_slice(message), "SERVER-HELLO");
    match body.byte()? {
        SERVER_HELLO => {}
        ERROR => return Ok(Some(Ssl2Answer::Refused)),
        _ => return Err(AnswerError::NotTls),
    }
    let [_session_id_hit, _certificate_type] = body.array()?;
    if body.number()? != 2 {
        return Err(AnswerError::Malformed("a version other than SSL 2.0"));
    }
    let lengths = [body.number()?, body.number()?, body.number()?];
    let [certificate, ciphers, connection_id] = lengths.map(usize::from);
    let certificate = body.bytes(certificate)?;
    let ciphers = body.bytes(ciphers)?;
    body.bytes(connection_id)?;
    body.end()?;
    let (ciphers, []) = ciphers.as_chunks() else {
        return Err(AnswerError::Malformed("cipher specs"));
    };
    let ciphers = ciphers.iter().copied().map(Ssl2Cipher).collect();
    Ok(Some(Ssl2Answer::Spoken { ciphers, certificate }))
}
