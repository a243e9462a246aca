//! Bytes become records, records become the hello: the part that remembers between reads.

use bytes::Bytes;

use super::opening::opening;
use super::{ClientHello, HELLO_LIMIT, HelloError, message};

const RECORD_HEADER: usize = 5;
const HANDSHAKE_HEADER: usize = 4;
const CLIENT_HELLO: u8 = 1;

/// The most bytes in a cleartext record (RFC 8446 section 5.1).
const RECORD_LIMIT: usize = 1 << 14;

/// Collects bytes until a ClientHello is whole.
#[derive(Debug, Default)]
pub struct HelloReader {
    received: Vec<u8>,
    /// What the whole records so far carry: the handshake message, as far as it came.
    message: Vec<u8>,
    /// Where in `received` the next record starts. Bytes before it are never looked at again, which
    /// keeps the work linear when they come one at a time.
    next_record: usize,
    state: State,
}

/// Where a reader stands after some bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// More bytes are needed.
    Partial,
    /// The hello is whole.
    Complete(Box<ClientHello>),
}

#[derive(Debug, Default)]
enum State {
    /// Too little has come to tell what the peer speaks.
    #[default]
    Opening,
    /// The hello's records are coming.
    Records,
    /// The verdict, which further bytes do not change.
    Done(Result<Box<ClientHello>, HelloError>),
}

impl HelloReader {
    /// A reader that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes as they came. Once the hello is whole or refused, further bytes are only
    /// kept, and the answer stays.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Progress, HelloError> {
        self.received.extend_from_slice(bytes);
        if !matches!(self.state, State::Done(_))
            && let Some(verdict) = self.read().transpose()
        {
            self.state = State::Done(verdict);
        }
        match &self.state {
            State::Opening | State::Records => Ok(Progress::Partial),
            State::Done(verdict) => verdict.clone().map(Progress::Complete),
        }
    }

    /// Everything received so far, bytes behind the hello included.
    pub fn received(&self) -> &[u8] {
        &self.received
    }

    fn read(&mut self) -> Result<Option<Box<ClientHello>>, HelloError> {
        if matches!(self.state, State::Opening) {
            match opening(&self.received) {
                None => return Ok(None),
                Some(spoken) => spoken?,
            }
            self.state = State::Records;
        }
        while self.read_record()? {
            if self.message_is_whole()? {
                return self.hello().map(|hello| Some(Box::new(hello)));
            }
        }
        Ok(None)
    }

    /// Takes one record out of what was received; false where it is not whole yet.
    fn read_record(&mut self) -> Result<bool, HelloError> {
        // A record that can't end within the limit is refused before it comes, whatever it is.
        if self.next_record + RECORD_HEADER >= HELLO_LIMIT {
            return Err(HelloError::TooLong);
        }
        let unread = self.received.get(self.next_record..).unwrap_or_default();
        let Some((header, rest)) = unread.split_first_chunk::<RECORD_HEADER>() else { return Ok(false) };
        let length = match *header {
            [22, 3, _, high, low] => usize::from(u16::from_be_bytes([high, low])),
            [22, ..] => return Err(HelloError::Malformed("the version of a record is not 3.x")),
            _ => return Err(HelloError::Malformed("a record that is no handshake record")),
        };
        if length == 0 {
            return Err(HelloError::Malformed("an empty handshake record"));
        }
        if length > RECORD_LIMIT {
            return Err(HelloError::Malformed("a record of more than 2^14 bytes"));
        }
        let end = self.next_record + RECORD_HEADER + length;
        if end > HELLO_LIMIT {
            return Err(HelloError::TooLong);
        }
        let Some(fragment) = rest.get(..length) else { return Ok(false) };
        self.message.extend_from_slice(fragment);
        self.next_record = end;
        Ok(true)
    }

    fn message_is_whole(&self) -> Result<bool, HelloError> {
        let &[kind, ref rest @ ..] = self.message.as_slice() else { return Ok(false) };
        if kind != CLIENT_HELLO {
            return Err(HelloError::Malformed("the first handshake message is no ClientHello"));
        }
        let &[a, b, c, ..] = rest else { return Ok(false) };
        let length = HANDSHAKE_HEADER + (usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c));
        if length > HELLO_LIMIT {
            return Err(HelloError::TooLong);
        }
        if self.message.len() > length {
            return Err(HelloError::Malformed("bytes behind the hello in its last record"));
        }
        Ok(self.message.len() == length)
    }

    fn hello(&mut self) -> Result<ClientHello, HelloError> {
        let raw = Bytes::copy_from_slice(self.received.get(..self.next_record).unwrap_or_default());
        message::parse(raw, Bytes::from(std::mem::take(&mut self.message)))
    }
}
