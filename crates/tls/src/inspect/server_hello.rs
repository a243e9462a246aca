//! The start of a ServerHello: version and suite, and nothing behind them.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use bytes::{Buf, Bytes, BytesMut, TryGetError};

use super::old::OldServer;
use crate::{CipherSuite, ProtocolVersion, alert};

/// Where the suite lies at the latest: message header, version, random, session id and suite.
const NEEDED: usize = 4 + 2 + 32 + 1 + 32 + 2;

/// The most bytes that are read for it: one in each record would still fit.
const LIMIT: usize = 1024;

const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const SERVER_HELLO: u8 = 2;

/// Collects what a server says until its choice is read.
#[derive(Debug, Default)]
pub(super) struct ServerHelloReader {
    received: BytesMut,
}

/// What the server said so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Not enough yet.
    Partial,
    /// Its choice.
    Chosen(OldServer),
    /// The name or number of its alert.
    Alert(String),
}

/// Bytes that are no answer to a ClientHello.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer to the ClientHello is no ServerHello")]
pub struct Malformed;

impl ServerHelloReader {
    /// Takes the next bytes. What it answered for good once, it answers again.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<Answer, Malformed> {
        self.received.extend_from_slice(bytes.get(..LIMIT).unwrap_or(bytes));
        let mut message = BytesMut::with_capacity(NEEDED);
        let mut rest: &[u8] = &self.received;
        let answer = loop {
            match record(&mut rest)? {
                Some((HANDSHAKE, fragment)) => message.extend_from_slice(fragment),
                Some((ALERT, [_, number])) if message.is_empty() => {
                    let name = alert::registry_name(*number);
                    break Answer::Alert(name.map_or_else(|| number.to_string(), str::to_owned));
                }
                Some((ALERT, [] | [_])) | None => break chosen(message.freeze())?,
                Some(_) => return Err(Malformed),
            }
        };
        let too_long = answer == Answer::Partial && self.received.len() >= LIMIT;
        if too_long { Err(Malformed) } else { Ok(answer) }
    }
}

/// The type and, as far as it is there, the fragment of the next record; `None` where none begins.
fn record<'a>(rest: &mut &'a [u8]) -> Result<Option<(u8, &'a [u8])>, Malformed> {
    let Some((&kind, behind)) = rest.split_first() else { return Ok(None) };
    if !matches!(kind, ALERT | HANDSHAKE) || behind.first().is_some_and(|major| *major != 3) {
        return Err(Malformed);
    }
    let Some(([_, _, high, low], behind)) = behind.split_first_chunk() else { return Ok(None) };
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    let (fragment, behind) = behind.split_at_checked(length).unwrap_or((behind, &[]));
    *rest = behind;
    Ok(Some((kind, fragment)))
}

fn chosen(message: Bytes) -> Result<Answer, Malformed> {
    if message.first().is_some_and(|kind| *kind != SERVER_HELLO) {
        return Err(Malformed);
    }
    match read(message) {
        Err(_) => Ok(Answer::Partial),
        // Nothing newer was offered.
        Ok(server) if server.version <= ProtocolVersion::TLS1_2 => Ok(Answer::Chosen(server)),
        Ok(_) => Err(Malformed),
    }
}

fn read(mut message: Bytes) -> Result<OldServer, TryGetError> {
    message.try_get_u32()?;
    let version = ProtocolVersion(message.try_get_u16()?);
    message.try_copy_to_slice(&mut [0; 32])?;
    let session_id = usize::from(message.try_get_u8()?);
    message.try_copy_to_slice(&mut vec![0; session_id])?;
    Ok(OldServer { version, suite: CipherSuite(message.try_get_u16()?) })
}
