//! Bytes become records, records become messages: of a peer whose first flight is read without keys.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use bytes::{Buf, Bytes, BytesMut};

const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;

/// How an HTTP/1 response begins.
const HTTP: &[u8] = b"HTTP/";

/// The most bytes in a record (RFC 8446 section 5.2).
const RECORD_LIMIT: usize = (1 << 14) + 256;

const SERVER_HELLO: u8 = 2;

/// Takes records apart as they come, and puts messages together.
#[derive(Debug)]
pub(crate) struct Records {
    /// The most bytes of the first message.
    limit: usize,
    /// The record that is not whole yet.
    record: BytesMut,
    /// What whole records carry of a message that is not whole yet.
    message: BytesMut,
    /// Whether a piece was read: then it is TLS, and later bytes belong to it.
    begun: bool,
    /// Whether a whole message was read.
    greeted: bool,
}

/// What a peer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// A whole handshake message.
    Message { kind: u8, body: Bytes },
    /// An alert.
    Alert { level: u8, number: u8 },
    /// All that comes behind it is encrypted; under TLS 1.3 it means nothing.
    ChangeCipherSpec,
}

/// Why bytes are no records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RecordError {
    /// An HTTP response instead.
    CleartextHttp,
    /// Something that is not known here.
    NotTls,
    /// The first message is longer than the limit.
    TooLong,
    /// A record or message that breaks the rules.
    Malformed(&'static str),
}

impl Records {
    /// Nothing yet, of a server whose first message has so many bytes at most.
    pub(crate) fn with_limit(limit: usize) -> Self {
        let (record, message) = (BytesMut::new(), BytesMut::new());
        Self { limit, record, message, begun: false, greeted: false }
    }

    /// Takes the next bytes.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.record.extend_from_slice(bytes);
    }

    /// The next piece; `None` where more bytes must come.
    pub(crate) fn next(&mut self) -> Result<Option<Piece>, RecordError> {
        loop {
            if let Some(message) = self.message() {
                return Ok(Some(message));
            }
            let Some((kind, fragment)) = self.record()? else { return Ok(None) };
            if kind == HANDSHAKE && !fragment.is_empty() {
                self.begun = true;
                self.message.extend_from_slice(&fragment);
                self.expect_a_hello()?;
                continue;
            }
            let piece = self.alone(kind, &fragment)?;
            self.begun |= !matches!(piece, Piece::Alert { .. });
            return Ok(Some(piece));
        }
    }

    /// The first message is refused before it is whole, if it can't be a ServerHello. This is done record by
    /// record, so that the same is said however the bytes come.
    fn expect_a_hello(&self) -> Result<(), RecordError> {
        match self.upcoming() {
            _ if self.greeted => Ok(()),
            Some((kind, _)) if kind != SERVER_HELLO => {
                Err(RecordError::Malformed("the first message is no ServerHello"))
            }
            Some((_, length)) if length > self.limit => Err(RecordError::TooLong),
            _ => Ok(()),
        }
    }

    /// Kind and length of the message that is not whole yet, its header included.
    fn upcoming(&self) -> Option<(u8, usize)> {
        match self.message.as_ref() {
            &[kind, high, middle, low, ..] => {
                Some((kind, 4 + (usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low))))
            }
            _ => None,
        }
    }

    fn message(&mut self) -> Option<Piece> {
        let (kind, length) = self.upcoming()?;
        if self.message.len() < length {
            return None;
        }
        self.greeted = true;
        let mut message = self.message.split_to(length);
        message.advance(4);
        Some(Piece::Message { kind, body: message.freeze() })
    }

    /// Kind and content of the next record.
    fn record(&mut self) -> Result<Option<(u8, Bytes)>, RecordError> {
        let length = match self.record.as_ref() {
            [] | [CHANGE_CIPHER_SPEC | ALERT | HANDSHAKE] => return Ok(None),
            [CHANGE_CIPHER_SPEC | ALERT | HANDSHAKE, 3, ..] => {
                let &[_, _, _, high, low, ..] = self.record.as_ref() else { return Ok(None) };
                usize::from(u16::from_be_bytes([high, low]))
            }
            _ if self.begun => return Err(RecordError::Malformed("a record that does not belong there")),
            first if first.starts_with(HTTP) => return Err(RecordError::CleartextHttp),
            first if HTTP.starts_with(first) => return Ok(None),
            _ => return Err(RecordError::NotTls),
        };
        if length > RECORD_LIMIT {
            return Err(RecordError::Malformed("a record that is too long"));
        }
        if self.record.len() < 5 + length {
            return Ok(None);
        }
        let mut record = self.record.split_to(5 + length);
        let kind = record.get_u8();
        record.advance(4);
        Ok(Some((kind, record.freeze())))
    }

    /// A record that is no part of a message.
    fn alone(&self, kind: u8, fragment: &[u8]) -> Result<Piece, RecordError> {
        match (kind, fragment) {
            (HANDSHAKE, _) => Err(RecordError::Malformed("an empty handshake record")),
            _ if !self.message.is_empty() => Err(RecordError::Malformed("a message that breaks off")),
            (ALERT, [level, number]) => Ok(Piece::Alert { level: *level, number: *number }),
            (CHANGE_CIPHER_SPEC, [1]) => Ok(Piece::ChangeCipherSpec),
            _ => Err(RecordError::Malformed("a record that is no alert and no change of cipher")),
        }
    }
}
