//! What passed a relay, kept in a ring, and the search in it.

use std::collections::{HashMap, VecDeque};

use memchr::memmem;

use super::records::{Piece, Records};
use crate::part::protocol::{Captured, Passage, PassageKind, RecordHeader};

/// The most bytes that are kept; the oldest go first.
const RING: usize = 1024 * 1024;

/// The most passages that are shown beside those that ask for TLS, and of each the most bytes.
const SHOWN: usize = 24;
const BYTES: usize = 512;

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Direction {
    FromClient,
    FromServer,
}

/// A direction of a connection, which has a number.
pub(super) type StreamId = (u64, Direction);

/// What passed since it was cleared.
#[derive(Debug, Default)]
pub(super) struct Capture {
    streams: HashMap<StreamId, Records>,
    ring: VecDeque<(StreamId, Piece)>,
    held: usize,
    passed: u64,
    lost: bool,
}

impl Capture {
    /// Keeps bytes that pass.
    pub fn passed(&mut self, stream: StreamId, bytes: &[u8]) {
        self.passed += bytes.len() as u64;
        for piece in self.records(stream).push(bytes) {
            if piece == Piece::SslRequest {
                self.records((stream.0, Direction::FromServer)).expect_answer();
            }
            self.keep(stream, piece);
        }
    }

    fn records(&mut self, stream: StreamId) -> &mut Records {
        self.streams.entry(stream).or_insert_with(|| match stream.1 {
            Direction::FromClient => Records::from_client(),
            Direction::FromServer => Records::from_server(),
        })
    }

    /// A connection is over; what is left of it is kept as it is.
    pub fn closed(&mut self, connection: u64) {
        for direction in [Direction::FromClient, Direction::FromServer] {
            let stream = (connection, direction);
            let rest = self.streams.remove(&stream).map(|records| records.pending().to_vec());
            if let Some(rest) = rest.filter(|rest| !rest.is_empty()) {
                self.keep(stream, Piece::Plain(rest));
            }
        }
    }

    /// Forgets what passed, and goes on with the connections that are open.
    pub fn clear(&mut self) {
        self.ring.clear();
        (self.held, self.passed, self.lost) = (0, 0, false);
    }

    /// Searches everything that is kept, and shows the latest of it.
    pub fn look(&self, marker: &[u8]) -> Captured {
        let records = self.ring.iter().filter(|(_, piece)| matches!(piece, Piece::Record(_))).count();
        let data = self.ring.iter().filter(|(_, piece)| piece.bytes().first() == Some(&APPLICATION_DATA));
        let from = self.ring.len().saturating_sub(SHOWN);
        let asks = |piece: &Piece| matches!(piece, Piece::SslRequest | Piece::SslAnswer(_));
        let shown = self.ring.iter().enumerate().filter(|(at, (_, piece))| *at >= from || asks(piece));
        Captured {
            bytes: self.passed,
            records: records as u64,
            data_records: data.filter(|(_, piece)| matches!(piece, Piece::Record(_))).count() as u64,
            lost: self.lost,
            found: self.count(marker),
            passages: shown.map(|(_, (stream, piece))| passage(*stream, piece)).collect(),
        }
    }

    fn keep(&mut self, stream: StreamId, piece: Piece) {
        self.held += piece.bytes().len();
        self.ring.push_back((stream, piece));
        while self.held > RING {
            let Some((_, oldest)) = self.ring.pop_front() else { return };
            self.held -= oldest.bytes().len();
            self.lost = true;
        }
    }

    /// How often the marker stands in what passed, each direction read as a whole: it may have been cut
    /// anywhere.
    fn count(&self, marker: &[u8]) -> u64 {
        if marker.is_empty() {
            return 0;
        }
        let mut whole: HashMap<StreamId, Vec<u8>> = HashMap::new();
        for (stream, piece) in &self.ring {
            whole.entry(*stream).or_default().extend_from_slice(piece.bytes());
        }
        for (stream, records) in &self.streams {
            whole.entry(*stream).or_default().extend_from_slice(records.pending());
        }
        whole.values().map(|bytes| memmem::find_iter(bytes, marker).count() as u64).sum()
    }
}

/// The content type of records that carry data.
const APPLICATION_DATA: u8 = 23;

fn passage((connection, direction): StreamId, piece: &Piece) -> Passage {
    let bytes = piece.bytes();
    let (kind, content) = match (piece, bytes) {
        (Piece::Record(_), [kind, major, minor, high, low, content @ ..]) => {
            let length = u16::from_be_bytes([*high, *low]);
            let header = RecordHeader { kind: *kind, version: (*major, *minor), length };
            (PassageKind::Record(header), content)
        }
        (Piece::SslRequest, _) => (PassageKind::SslRequest, bytes),
        (Piece::SslAnswer(_), _) => (PassageKind::SslAnswer, bytes),
        (Piece::Record(_) | Piece::Plain(_), _) => (PassageKind::Plain, bytes),
    };
    Passage {
        connection,
        from_client: direction == Direction::FromClient,
        kind,
        length: content.len() as u64,
        bytes: content.get(..BYTES).unwrap_or(content).to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UP: StreamId = (1, Direction::FromClient);
    const DOWN: StreamId = (1, Direction::FromServer);

    #[test]
    fn a_marker_that_passed_in_two_halves_is_found_but_not_across_directions() {
        let mut capture = Capture::default();
        capture.passed(UP, b"POST / the sec");
        capture.passed(DOWN, b"ret");
        assert_eq!(capture.look(b"secret").found, 0);
        capture.passed(UP, b"ret");
        assert_eq!(capture.look(b"secret").found, 1);
    }

    #[test]
    fn what_is_in_an_unfinished_record_is_searched_too() {
        let mut capture = Capture::default();
        capture.passed(UP, b"\x17\x03\x03\x00\x40...secret");
        assert_eq!(capture.look(b"secret").found, 1);
        capture.closed(1);
        assert_eq!(capture.look(b"secret").found, 1);
    }

    #[test]
    fn records_are_counted_and_shown_with_type_version_and_length() {
        let mut capture = Capture::default();
        capture.passed(UP, b"\x16\x03\x01\x00\x02hi\x17\x03\x03\x00\x01x");
        let seen = capture.look(b"secret");
        assert_eq!((seen.records, seen.data_records, seen.bytes, seen.found), (2, 1, 13, 0));
        let first = seen.passages.first().unwrap();
        assert_eq!(first.kind, PassageKind::Record(RecordHeader { kind: 22, version: (3, 1), length: 2 }));
        assert_eq!(first.bytes, b"hi");
    }

    #[test]
    fn how_postgresql_came_to_tls_is_shown_however_much_followed() {
        let mut capture = Capture::default();
        capture.passed(UP, &[0, 0, 0, 8, 4, 210, 22, 47]);
        capture.passed(DOWN, b"S");
        for _ in 0..2 * SHOWN {
            capture.passed(UP, b"\x17\x03\x03\x00\x01x");
        }
        let seen = capture.look(b"secret");
        let kinds: Vec<_> = seen.passages.iter().map(|passage| passage.kind).collect();
        assert_eq!(kinds[..2], [PassageKind::SslRequest, PassageKind::SslAnswer]);
        assert_eq!((kinds.len(), seen.records), (SHOWN + 2, 2 * SHOWN as u64));
    }

    #[test]
    fn the_oldest_goes_first_and_that_is_said() {
        let mut capture = Capture::default();
        capture.passed(UP, b"secret");
        assert!(!capture.look(b"secret").lost);
        for _ in 0..=RING / 1024 {
            capture.passed(DOWN, &[b'x'; 1024]);
        }
        let seen = capture.look(b"secret");
        assert!(seen.lost && seen.found == 0 && capture.held <= RING);
        capture.clear();
        assert!(!capture.look(b"secret").lost);
    }
}
