//! Bytes become records, records become messages: the part that remembers between reads.

use bytes::{Buf, Bytes, BytesMut};

use super::message::{self, Hello};
use super::{FLIGHT_LIMIT, FlightError, ServerChoice, Standing};
use crate::{ProtocolVersion, alert};

const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;

const SERVER_HELLO: u8 = 2;
const CERTIFICATE: u8 = 11;
const SERVER_KEY_EXCHANGE: u8 = 12;
const CERTIFICATE_REQUEST: u8 = 13;
const SERVER_HELLO_DONE: u8 = 14;

/// The level of an alert that ends nothing.
const WARNING: u8 = 1;
const CLOSE_NOTIFY: u8 = 0;

/// How an HTTP/1 response begins.
const HTTP: &[u8] = b"HTTP/";

/// The most bytes in a record (RFC 8446 section 5.2).
const RECORD_LIMIT: usize = (1 << 14) + 256;

/// Reads a server's answer as it passes.
#[derive(Debug, Default)]
pub struct ServerFlightReader {
    /// The record that is not whole yet.
    record: BytesMut,
    /// What whole records carry of a message that is not whole yet.
    message: BytesMut,
    seen: usize,
    retried: bool,
    choice: Option<ServerChoice>,
    verdict: Option<Result<Standing, FlightError>>,
}

impl ServerFlightReader {
    /// A reader that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks at the next bytes as they come. Once all is seen, or the answer is none, further bytes are not
    /// looked at, and what was said stays.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Standing, FlightError> {
        if self.verdict.is_none() {
            let bytes = bytes.get(..FLIGHT_LIMIT.saturating_sub(self.seen)).unwrap_or(bytes);
            self.seen += bytes.len();
            self.record.extend_from_slice(bytes);
            self.verdict = self.read().transpose();
        }
        if self.verdict.is_none() && self.seen >= FLIGHT_LIMIT {
            // What there is must do.
            self.verdict =
                Some(if self.choice.is_some() { Ok(Standing::Complete) } else { Err(FlightError::TooLong) });
        }
        match &self.verdict {
            Some(verdict) => {
                // The connection may live for days.
                (self.record, self.message) = (BytesMut::new(), BytesMut::new());
                verdict.clone()
            }
            None if self.choice.is_some() => Ok(Standing::Chosen),
            None => Ok(Standing::Open),
        }
    }

    /// What the server chose, as far as it was seen.
    pub fn choice(&self) -> Option<&ServerChoice> {
        self.choice.as_ref()
    }

    /// Reads all records that are whole; `None` where more must come.
    fn read(&mut self) -> Result<Option<Standing>, FlightError> {
        loop {
            let (kind, length) = match self.record.as_ref() {
                [] => return Ok(None),
                [CHANGE_CIPHER_SPEC | ALERT | HANDSHAKE] => return Ok(None),
                [CHANGE_CIPHER_SPEC | ALERT | HANDSHAKE, 3, ..] => {
                    let &[kind, _, _, high, low, ..] = self.record.as_ref() else { return Ok(None) };
                    (kind, usize::from(u16::from_be_bytes([high, low])))
                }
                // The very first bytes tell whether it is TLS at all; later ones belong to it.
                _ if self.choice.is_some() || self.retried || !self.message.is_empty() => {
                    return Err(FlightError::Malformed("a record that does not belong there"));
                }
                first if first.starts_with(HTTP) => return Err(FlightError::CleartextHttp),
                first if HTTP.starts_with(first) => return Ok(None),
                _ => return Err(FlightError::NotTls),
            };
            if length > RECORD_LIMIT {
                return Err(FlightError::Malformed("a record that is too long"));
            }
            if self.record.len() < 5 + length {
                return Ok(None);
            }
            self.record.advance(5);
            let fragment = self.record.split_to(length).freeze();
            if let Some(standing) = self.record_of(kind, &fragment)? {
                return Ok(Some(standing));
            }
        }
    }

    fn record_of(&mut self, kind: u8, fragment: &Bytes) -> Result<Option<Standing>, FlightError> {
        match (kind, fragment.as_ref()) {
            (HANDSHAKE, []) => Err(FlightError::Malformed("an empty handshake record")),
            (HANDSHAKE, _) => {
                self.message.extend_from_slice(fragment);
                self.messages()
            }
            _ if !self.message.is_empty() => Err(FlightError::Malformed("a message that breaks off")),
            (ALERT, [WARNING, number]) if *number != CLOSE_NOTIFY => Ok(None),
            (ALERT, [_, number]) => {
                let name = alert::registry_name(*number);
                Ok(Some(Standing::Refused(name.map_or_else(|| number.to_string(), str::to_owned))))
            }
            (CHANGE_CIPHER_SPEC, [1]) => self.change_cipher_spec(),
            _ => Err(FlightError::Malformed("a record that is no alert and no change of cipher")),
        }
    }

    /// From here on all is encrypted. Under TLS 1.3 it means nothing, and may stand between a
    /// HelloRetryRequest and the ServerHello (RFC 8446 appendix D.4).
    fn change_cipher_spec(&mut self) -> Result<Option<Standing>, FlightError> {
        match &mut self.choice {
            Some(choice) => {
                choice.resumed |= choice.chain.is_none() && choice.asks_client.is_none();
                Ok(Some(Standing::Complete))
            }
            None if self.retried => Ok(None),
            None => Err(FlightError::Malformed("a change of cipher before a ServerHello")),
        }
    }

    /// Reads all messages that are whole.
    fn messages(&mut self) -> Result<Option<Standing>, FlightError> {
        while let &[kind, high, middle, low, ..] = self.message.as_ref() {
            let length = 4 + (usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low));
            if self.choice.is_none() {
                if kind != SERVER_HELLO {
                    return Err(FlightError::Malformed("the first message is no ServerHello"));
                }
                if length > FLIGHT_LIMIT {
                    return Err(FlightError::TooLong);
                }
            }
            if self.message.len() < length {
                return Ok(None);
            }
            let mut message = self.message.split_to(length);
            message.advance(4);
            if let Some(standing) = self.message_of(kind, message.freeze())? {
                return Ok(Some(standing));
            }
        }
        Ok(None)
    }

    fn hello(&mut self, body: Bytes) -> Result<Option<Standing>, FlightError> {
        match message::hello(body)? {
            Hello::Retry if self.retried => Err(FlightError::Malformed("a second HelloRetryRequest")),
            Hello::Retry => {
                self.retried = true;
                Ok(None)
            }
            Hello::Choice(choice) => {
                let hidden = choice.version >= ProtocolVersion::TLS1_3;
                self.choice = Some(ServerChoice { retried: self.retried, ..choice });
                Ok(hidden.then_some(Standing::Complete))
            }
        }
    }

    fn message_of(&mut self, kind: u8, body: Bytes) -> Result<Option<Standing>, FlightError> {
        let Some(choice) = &mut self.choice else { return self.hello(body) };
        match kind {
            CERTIFICATE => choice.chain = message::certificate(body)?,
            SERVER_KEY_EXCHANGE => choice.group = message::group(choice.suite, body)?,
            CERTIFICATE_REQUEST => choice.asks_client = Some(true),
            SERVER_HELLO_DONE => {
                choice.asks_client.get_or_insert(false);
                return Ok(Some(Standing::Complete));
            }
            SERVER_HELLO => return Err(FlightError::Malformed("a second ServerHello")),
            // Tickets, stapled status and the like.
            _ => {}
        }
        Ok(None)
    }
}
