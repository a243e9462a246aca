//! The pieces of an answer, put together.

use bytes::Bytes;

use super::{ANSWER_LIMIT, AlertNumber, Answer, AnswerError, KeyExchangeParameters, ServerHello};
use crate::ProtocolVersion;
use crate::cursor::Cursor;
use crate::records::{Piece, Records};

const SERVER_HELLO: u8 = 2;
const CERTIFICATE: u8 = 11;
const SERVER_KEY_EXCHANGE: u8 = 12;
const CERTIFICATE_REQUEST: u8 = 13;
const SERVER_HELLO_DONE: u8 = 14;
const CERTIFICATE_STATUS: u8 = 22;

/// The level of an alert that ends nothing.
const WARNING: u8 = 1;
const CLOSE_NOTIFY: u8 = 0;

/// Reads an answer as it comes.
#[derive(Debug)]
pub struct AnswerReader {
    records: Records,
    read: usize,
    answer: Option<Answer>,
    warnings: Vec<AlertNumber>,
}

/// Where an answer stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// More must come.
    Part,
    /// All is there that comes in clear.
    Whole(Box<Answer>),
    /// The server ended the handshake.
    Alert(AlertNumber),
}

impl Default for AnswerReader {
    fn default() -> Self {
        Self::new()
    }
}

impl AnswerReader {
    /// A reader that has heard nothing.
    pub fn new() -> Self {
        let records = Records::with_limit(ANSWER_LIMIT);
        Self { records, read: 0, answer: None, warnings: Vec::new() }
    }

    /// Takes the next bytes. After anything but [`Heard::Part`] it wants no more.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Heard, AnswerError> {
        self.read = self.read.saturating_add(bytes.len());
        self.records.push(bytes);
        while let Some(piece) = self.records.next()? {
            let whole = match piece {
                Piece::Message { kind, body } => self.message(kind, body)?,
                Piece::Alert { level: WARNING, number } if number != CLOSE_NOTIFY => {
                    self.warnings.push(AlertNumber(number));
                    false
                }
                Piece::Alert { number, .. } => return Ok(Heard::Alert(AlertNumber(number))),
                Piece::ChangeCipherSpec => self.change_cipher_spec()?,
            };
            if let Some(answer) = self.answer.as_ref().filter(|_| whole) {
                return Ok(Heard::Whole(Box::new(answer.clone())));
            }
        }
        if self.read >= ANSWER_LIMIT { Err(AnswerError::TooLong) } else { Ok(Heard::Part) }
    }

    /// What the server has chosen so far: of many questions that is the answer, and the rest may stay unread.
    pub fn hello(&self) -> Option<&ServerHello> {
        self.answer.as_ref().map(|answer| &answer.hello)
    }

    /// The alerts that ended nothing, such as one about a name that it does not know.
    pub fn warnings(&self) -> &[AlertNumber] {
        &self.warnings
    }

    /// Whether all is there.
    fn message(&mut self, kind: u8, body: Bytes) -> Result<bool, AnswerError> {
        let Some(answer) = &mut self.answer else {
            if kind != SERVER_HELLO {
                return Err(AnswerError::Malformed("the first message is no ServerHello"));
            }
            let hello = ServerHello::read(body)?;
            let hidden = hello.version >= ProtocolVersion::TLS1_3;
            self.answer = Some(Answer::of(hello));
            return Ok(hidden);
        };
        match kind {
            CERTIFICATE => answer.certificates = Some(certificates(body)?),
            CERTIFICATE_STATUS => answer.stapled = stapled(body)?,
            SERVER_KEY_EXCHANGE => {
                let (version, suite) = (answer.hello.version, answer.hello.suite);
                answer.key_exchange = Some(KeyExchangeParameters::read(version, suite, body)?);
            }
            CERTIFICATE_REQUEST => answer.asks_client = true,
            SERVER_HELLO_DONE => return Ok(true),
            SERVER_HELLO => return Err(AnswerError::Malformed("a second ServerHello")),
            _ => {}
        }
        Ok(false)
    }

    fn change_cipher_spec(&mut self) -> Result<bool, AnswerError> {
        let Some(answer) = &mut self.answer else {
            return Err(AnswerError::Malformed("a change of cipher before a ServerHello"));
        };
        answer.resumed = answer.certificates.is_none() && answer.key_exchange.is_none();
        Ok(true)
    }
}

impl Answer {
    fn of(hello: ServerHello) -> Self {
        Self {
            hello,
            certificates: None,
            stapled: None,
            key_exchange: None,
            asks_client: false,
            resumed: false,
        }
    }
}

fn certificates(body: Bytes) -> Result<Vec<Bytes>, AnswerError> {
    let mut body = Cursor::new(body, "Certificate");
    let mut list = body.vector24("certificate_list")?;
    body.end()?;
    let mut certificates = Vec::new();
    while !list.is_empty() {
        certificates.push(list.vector24("a certificate")?.into_bytes());
    }
    Ok(certificates)
}

/// The one OCSP response (RFC 6066 section 8); `None` of another kind of status.
fn stapled(body: Bytes) -> Result<Option<Bytes>, AnswerError> {
    let mut body = Cursor::new(body, "CertificateStatus");
    if body.byte()? != 1 {
        return Ok(None);
    }
    let response = body.vector24("an OCSP response")?.into_bytes();
    body.end()?;
    Ok(Some(response))
}
