//! The server's first flight under TLS 1.3, opened up to its certificates.

use aws_lc_rs::agreement::{EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral};
use bytes::{Buf, Bytes, BytesMut};

use super::keys::{Algorithms, Opener};
use super::{Entry, NotShown};
use crate::answer::{ANSWER_LIMIT, AlertNumber, AnswerError, ServerHello};
use crate::cursor::Cursor;
use crate::{NamedGroup, ProtocolVersion};

const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;

const SERVER_HELLO: u8 = 2;
const CERTIFICATE: u8 = 11;
const KEY_SHARE: u16 = 51;

/// The header of a record, and that of a message.
const RECORD_HEADER: usize = 5;
const MESSAGE_HEADER: usize = 4;

/// The most bytes of a record (RFC 8446 section 5.2).
const RECORD_LIMIT: usize = (1 << 14) + 256;

/// Reads a server's first flight as it comes.
#[derive(Debug)]
pub(super) struct Flight {
    /// Our keys, until the server has chosen one.
    keys: Vec<(NamedGroup, EphemeralPrivateKey)>,
    /// What both have said so far in clear.
    transcript: Vec<u8>,
    heard: BytesMut,
    /// What records carry of a message that is not whole yet.
    message: BytesMut,
    read: usize,
    opener: Option<Opener>,
}

impl Flight {
    /// The answer to a hello, which is here as it was sent, in records; with the keys of its shares.
    pub(super) fn new(hello: &[u8], keys: Vec<(NamedGroup, EphemeralPrivateKey)>) -> Self {
        let (heard, message) = (BytesMut::new(), BytesMut::new());
        Self { keys, transcript: unpacked(hello), heard, message, read: 0, opener: None }
    }

    /// Takes the next bytes; the certificates once they are whole. After anything but `Ok(None)` it wants no more.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<Option<Vec<Entry>>, NotShown> {
        self.read = self.read.saturating_add(bytes.len());
        self.heard.extend_from_slice(bytes);
        while let Some((header, record)) = self.record()? {
            match (header.first().copied().unwrap_or_default(), &mut self.opener) {
                (CHANGE_CIPHER_SPEC, _) => {}
                (ALERT, None) => return Err(alert(&record)),
                (HANDSHAKE, None) => {
                    self.message.extend_from_slice(&record);
                    self.greeted()?;
                }
                (APPLICATION_DATA, Some(opener)) => {
                    let (kind, content) = opener.open(header, &record).ok_or(NotShown::NotOpened)?;
                    match kind {
                        HANDSHAKE => self.message.extend_from_slice(&content),
                        ALERT => return Err(alert(&content)),
                        _ => return Err(malformed("a record that does not belong there")),
                    }
                    if let Some(entries) = self.certificates()? {
                        return Ok(Some(entries));
                    }
                }
                _ => return Err(malformed("a record that does not belong there")),
            }
        }
        if self.read >= ANSWER_LIMIT { Err(AnswerError::TooLong.into()) } else { Ok(None) }
    }

    /// Header and content of the next record.
    fn record(&mut self) -> Result<Option<([u8; RECORD_HEADER], Bytes)>, NotShown> {
        let Some(header) = self.heard.first_chunk::<RECORD_HEADER>().copied() else { return Ok(None) };
        let [kind, major, _, high, low] = header;
        if !(CHANGE_CIPHER_SPEC..=APPLICATION_DATA).contains(&kind) || major != 3 {
            return Err(AnswerError::NotTls.into());
        }
        let length = usize::from(u16::from_be_bytes([high, low]));
        if length > RECORD_LIMIT {
            return Err(malformed("a record that is too long"));
        }
        if self.heard.len() < RECORD_HEADER + length {
            return Ok(None);
        }
        let mut record = self.heard.split_to(RECORD_HEADER + length);
        record.advance(RECORD_HEADER);
        Ok(Some((header, record.freeze())))
    }

    /// Kind and body of the next message, with all of its bytes.
    fn message(&mut self) -> Option<(u8, Bytes)> {
        let [kind, high, middle, low] = *self.message.first_chunk::<MESSAGE_HEADER>()?;
        let length = usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low);
        if self.message.len() < MESSAGE_HEADER + length {
            return None;
        }
        Some((kind, self.message.split_to(MESSAGE_HEADER + length).freeze()))
    }

    /// Agrees on keys, once the ServerHello is whole.
    fn greeted(&mut self) -> Result<(), NotShown> {
        let Some((kind, message)) = self.message() else { return Ok(()) };
        // The keys change behind it, and no message may go on over that (RFC 8446 section 5.1).
        if kind != SERVER_HELLO || !self.message.is_empty() {
            return Err(malformed("the first message is no ServerHello alone"));
        }
        let hello = ServerHello::read(message.slice(MESSAGE_HEADER..))?;
        self.transcript.extend_from_slice(&message);
        let group = hello.group.filter(|_| hello.version == ProtocolVersion::TLS1_3 && !hello.is_retry);
        let place = group.and_then(|group| self.keys.iter().position(|(ours, _)| *ours == group));
        let key = place.map(|place| self.keys.swap_remove(place).1).ok_or(NotShown::NotSpoken)?;
        self.keys.clear();
        let share = hello.extensions.iter().find(|(number, _)| *number == KEY_SHARE);
        let theirs = public(share.map(|(_, content)| content.clone()).unwrap_or_default())?;
        let theirs = UnparsedPublicKey::new(key.algorithm(), theirs);
        let shared = agree_ephemeral(key, theirs, NotShown::NotSpoken, |shared| Ok(shared.to_vec()))?;
        let algorithms = Algorithms::of(hello.suite).ok_or(NotShown::NotSpoken)?;
        self.opener = Some(algorithms.opener(&shared, &self.transcript).ok_or(NotShown::NotSpoken)?);
        Ok(())
    }

    /// The certificates, once they are whole; what comes before them is passed over.
    fn certificates(&mut self) -> Result<Option<Vec<Entry>>, NotShown> {
        while let Some((kind, message)) = self.message() {
            if kind == CERTIFICATE {
                return Ok(Some(Entry::all(message.slice(MESSAGE_HEADER..))?));
            }
        }
        Ok(None)
    }
}

/// The server's public value.
fn public(share: Bytes) -> Result<Bytes, NotShown> {
    let mut share = Cursor::new(share, "key_share");
    let mut read = || {
        share.number()?;
        share.vector16("key_exchange")
    };
    read().map(Cursor::into_bytes).map_err(|error| AnswerError::from(error).into())
}

/// What records of our own carry.
fn unpacked(mut records: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    while let Some(([_, _, _, high, low], rest)) = records.split_first_chunk::<RECORD_HEADER>() {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let Some((fragment, rest)) = rest.split_at_checked(length) else { break };
        content.extend_from_slice(fragment);
        records = rest;
    }
    content
}

fn alert(content: &[u8]) -> NotShown {
    match content {
        [_, number] => NotShown::Alert(AlertNumber(*number)),
        _ => malformed("a record that is no alert"),
    }
}

fn malformed(what: &'static str) -> NotShown {
    AnswerError::Malformed(what).into()
}
