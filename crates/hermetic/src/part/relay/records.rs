//! Cuts one direction of a connection into TLS records as its bytes come (RFC 8446 section 5.1), after the
//! exchange by which PostgreSQL's two ends agree on TLS, where there is one.

/// Handshake, alert and so on: the content types that a record may have.
const TYPES: std::ops::RangeInclusive<u8> = 20..=24;

/// The bytes before a record's content: type, version, length.
const HEADER: usize = 5;

/// The most bytes of a record's content, TLS 1.2's expansion included (RFC 5246 section 6.2.3).
const LONGEST: usize = 16 * 1024 + 2048;

/// PostgreSQL's `SSLRequest`: its length, and a number that is no version of its protocol.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// A piece of a direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A whole TLS record, header included.
    Record(Vec<u8>),
    /// PostgreSQL's `SSLRequest`.
    SslRequest,
    /// What a server answers to it: `S`, and TLS follows, or anything else.
    SslAnswer([u8; 1]),
    /// Bytes that are none of these.
    Plain(Vec<u8>),
}

/// The bytes of a direction that are in no whole piece yet.
#[derive(Debug)]
pub(super) struct Records {
    pending: Vec<u8>,
    next: Next,
}

/// What a direction goes on with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// A client's first bytes.
    First,
    /// A server's answer to an `SSLRequest`.
    Answer,
    /// Records.
    Record,
    /// Once something was no record, nothing after it is taken for one.
    Plain,
}

impl Records {
    /// What a client sends.
    pub fn from_client() -> Self {
        Self { pending: Vec::new(), next: Next::First }
    }

    /// What a server sends.
    pub fn from_server() -> Self {
        Self { pending: Vec::new(), next: Next::Record }
    }

    /// The client of this server has asked for TLS.
    pub fn expect_answer(&mut self) {
        if self.pending.is_empty() && self.next == Next::Record {
            self.next = Next::Answer;
        }
    }

    /// Takes more bytes; gives the pieces that are whole now.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Piece> {
        self.pending.extend_from_slice(bytes);
        std::iter::from_fn(|| self.take()).collect()
    }

    /// What came and is in no whole piece yet.
    pub fn pending(&self) -> &[u8] {
        &self.pending
    }

    fn take(&mut self) -> Option<Piece> {
        match (self.next, self.pending.as_slice()) {
            (_, []) => None,
            (Next::First, pending) if pending.starts_with(&SSL_REQUEST) => {
                self.pending.drain(..SSL_REQUEST.len());
                self.next = Next::Record;
                Some(Piece::SslRequest)
            }
            (Next::First, pending) if SSL_REQUEST.starts_with(pending) => None,
            (Next::First, _) => {
                self.next = Next::Record;
                self.take()
            }
            (Next::Answer, [answer, ..]) => {
                let answer = *answer;
                self.pending.remove(0);
                self.next = if answer == b'S' { Next::Record } else { Next::Plain };
                Some(Piece::SslAnswer([answer]))
            }
            (Next::Record, pending) => match length(pending) {
                Ok(Some(length)) if pending.len() >= length => {
                    let rest = self.pending.split_off(length);
                    Some(Piece::Record(std::mem::replace(&mut self.pending, rest)))
                }
                Ok(_) => None,
                Err(NoRecord) => {
                    self.next = Next::Plain;
                    self.take()
                }
            },
            (Next::Plain, _) => Some(Piece::Plain(std::mem::take(&mut self.pending))),
        }
    }
}

impl Piece {
    /// Its bytes as they passed.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Record(bytes) | Self::Plain(bytes) => bytes,
            Self::SslRequest => &SSL_REQUEST,
            Self::SslAnswer(byte) => byte,
        }
    }
}

struct NoRecord;

/// The length of the record that begins here, header included; `None` while its header is not whole.
fn length(bytes: &[u8]) -> Result<Option<usize>, NoRecord> {
    match *bytes {
        [kind, ..] if !TYPES.contains(&kind) => Err(NoRecord),
        [_, major, ..] if major != 3 => Err(NoRecord),
        [_, _, _, high, low, ..] => match usize::from(u16::from_be_bytes([high, low])) {
            length if length > LONGEST => Err(NoRecord),
            length => Ok(Some(HEADER + length)),
        },
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn record(kind: u8, content: &[u8]) -> Vec<u8> {
        let length = u16::try_from(content.len()).unwrap().to_be_bytes();
        [&[kind, 3, 3], &length[..], content].concat()
    }

    #[test]
    fn what_begins_as_no_record_is_plain_to_its_end() {
        let mut records = Records::from_client();
        assert_eq!(records.push(b"POST"), [Piece::Plain(b"POST".to_vec())]);
        assert_eq!(records.push(&record(23, b"x")), [Piece::Plain(record(23, b"x"))]);
    }

    #[test]
    fn records_follow_a_request_for_tls_and_the_yes_to_it() {
        let (mut client, mut server) = (Records::from_client(), Records::from_server());
        assert_eq!(client.push(&SSL_REQUEST[..3]), []);
        assert_eq!(client.push(&SSL_REQUEST[3..]), [Piece::SslRequest]);
        server.expect_answer();
        assert_eq!(server.push(b"S"), [Piece::SslAnswer(*b"S")]);
        for direction in [&mut client, &mut server] {
            assert_eq!(direction.push(&record(22, b"x")), [Piece::Record(record(22, b"x"))]);
        }
    }

    #[test]
    fn a_server_without_tls_is_plain_after_its_no() {
        let mut server = Records::from_server();
        server.expect_answer();
        let pieces = server.push(b"N\x16\x03\x03\x00\x00");
        assert_eq!(pieces, [Piece::SslAnswer(*b"N"), Piece::Plain(b"\x16\x03\x03\x00\x00".to_vec())]);
    }

    #[test]
    fn a_request_in_the_middle_of_a_connection_is_none() {
        let mut client = Records::from_client();
        client.push(&record(22, b"x"));
        assert_eq!(client.push(&SSL_REQUEST), [Piece::Plain(SSL_REQUEST.to_vec())]);
    }

    proptest! {
        #[test]
        fn records_are_found_however_they_are_cut(
            asks in any::<bool>(),
            contents in prop::collection::vec((20_u8..=24, prop::collection::vec(any::<u8>(), 0..50)), 1..6),
            cuts in prop::collection::vec(1_usize..20, 1..60),
        ) {
            let whole: Vec<_> = contents.iter().map(|(kind, content)| record(*kind, content)).collect();
            let bytes = whole.concat();
            let (mut rest, mut found, mut records) = (&bytes[..], Vec::new(), Records::from_client());
            let mut expected: Vec<_> = whole.into_iter().map(Piece::Record).collect();
            if asks {
                // The client waits for the answer: nothing comes behind it in one piece with it.
                found.extend(SSL_REQUEST.iter().flat_map(|byte| records.push(&[*byte])));
                expected.insert(0, Piece::SslRequest);
            }
            for cut in cuts.iter().cycle() {
                let (now, later) = rest.split_at((*cut).min(rest.len()));
                found.extend(records.push(now));
                rest = later;
                if rest.is_empty() { break }
            }
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn no_byte_is_lost_whatever_comes(
            asked in any::<bool>(),
            first in prop::sample::select(vec![&b""[..], &SSL_REQUEST[..], &SSL_REQUEST[..5]]),
            pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..10),
        ) {
            let mut records = if asked { Records::from_server() } else { Records::from_client() };
            if asked { records.expect_answer() }
            let all: Vec<_> = std::iter::once(first.to_vec()).chain(pieces).collect();
            let mut seen: Vec<u8> = all.iter().flat_map(|bytes| records.push(bytes)).flat_map(|p| p.bytes().to_vec()).collect();
            seen.extend_from_slice(records.pending());
            prop_assert_eq!(seen, all.concat());
        }
    }
}
