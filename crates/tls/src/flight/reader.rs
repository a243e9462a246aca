//! What a server's messages say, put together as they pass.

use bytes::Bytes;

use super::message::{self, Hello};
use super::{FLIGHT_LIMIT, FlightError, ServerChoice, Standing};
use crate::records::{Piece, Records};
use crate::{ProtocolVersion, alert};

const SERVER_HELLO: u8 = 2;
const CERTIFICATE: u8 = 11;
const SERVER_KEY_EXCHANGE: u8 = 12;
const CERTIFICATE_REQUEST: u8 = 13;
const SERVER_HELLO_DONE: u8 = 14;

/// The level of an alert that ends nothing.
const WARNING: u8 = 1;
const CLOSE_NOTIFY: u8 = 0;

/// Reads a server's answer as it passes.
#[derive(Debug)]
pub struct ServerFlightReader {
    records: Records,
    seen: usize,
    retried: bool,
    choice: Option<ServerChoice>,
    verdict: Option<Result<Standing, FlightError>>,
}

impl Default for ServerFlightReader {
    fn default() -> Self {
        Self::new()
    }
}

impl ServerFlightReader {
    /// A reader that has seen nothing.
    pub fn new() -> Self {
        let records = Records::with_limit(FLIGHT_LIMIT);
        Self { records, seen: 0, retried: false, choice: None, verdict: None }
    }

    /// Looks at the next bytes as they come. Once all is seen, or the answer is none, further bytes are not
    /// looked at, and what was said stays.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Standing, FlightError> {
        if self.verdict.is_none() {
            let bytes = bytes.get(..FLIGHT_LIMIT.saturating_sub(self.seen)).unwrap_or(bytes);
            self.seen += bytes.len();
            self.records.push(bytes);
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
                self.records = Records::with_limit(0);
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

    /// Reads all that is whole; `None` where more must come.
    fn read(&mut self) -> Result<Option<Standing>, FlightError> {
        while let Some(piece) = self.records.next()? {
            let standing = match piece {
                Piece::Message { kind, body } => self.message_of(kind, body)?,
                Piece::Alert { level: WARNING, number } if number != CLOSE_NOTIFY => None,
                Piece::Alert { number, .. } => {
                    let name = alert::registry_name(number);
                    Some(Standing::Refused(name.map_or_else(|| number.to_string(), str::to_owned)))
                }
                Piece::ChangeCipherSpec => self.change_cipher_spec()?,
            };
            if standing.is_some() {
                return Ok(standing);
            }
        }
        Ok(None)
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

    fn message_of(&mut self, kind: u8, body: Bytes) -> Result<Option<Standing>, FlightError> {
        let Some(choice) = &mut self.choice else { return self.hello(kind, body) };
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

    fn hello(&mut self, kind: u8, body: Bytes) -> Result<Option<Standing>, FlightError> {
        if kind != SERVER_HELLO {
            return Err(FlightError::Malformed("the first message is no ServerHello"));
        }
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
}
