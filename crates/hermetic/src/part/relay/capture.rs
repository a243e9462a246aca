//! What passed a relay, kept in a ring, and the search in it.

use std::collections::{HashMap, VecDeque};

use memchr::memmem;

use super::records::{HEADER, Piece, Records};
use crate::part::protocol::{Captured, Passage, RecordHeader};

/// The most bytes that are kept; the oldest go first.
const RING: usize = 1024 * 1024;

/// The most passages that are shown, and of each the most bytes.
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
        for piece in self.streams.entry(stream).or_default().push(bytes) {
            self.keep(stream, piece);
        }
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
        Captured {
            bytes: self.passed,
            records: records as u64,
            data_records: data.filter(|(_, piece)| matches!(piece, Piece::Record(_))).count() as u64,
            lost: self.lost,
            found: self.count(marker),
            passages: self.ring.iter().skip(from).map(|(stream, piece)| passage(*stream, piece)).collect(),
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
    let record = match (piece, bytes) {
        (Piece::Record(_), [kind, major, minor, high, low, ..]) => Some(RecordHeader {
            kind: *kind,
            version: (*major, *minor),
            length: u16::from_be_bytes([*high, *low]),
        }),
        _ => None,
    };
    let content = bytes.get(if record.is_some() { HEADER } else { 0 }..).unwrap_or_default();
    Passage {
        connection,
        from_client: direction == Direction::FromClient,
        record,
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
        assert_eq!(first.record, Some(RecordHeader { kind: 22, version: (3, 1), length: 2 }));
        assert_eq!(first.bytes, b"hi");
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
