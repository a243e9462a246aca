//! Cuts one direction of a connection into TLS records as its bytes come (RFC 8446 section 5.1).

/// Handshake, alert and so on: the content types that a record may have.
const TYPES: std::ops::RangeInclusive<u8> = 20..=24;

/// The bytes before a record's content: type, version, length.
pub(super) const HEADER: usize = 5;

/// The most bytes of a record's content, TLS 1.2's expansion included (RFC 5246 section 6.2.3).
const LONGEST: usize = 16 * 1024 + 2048;

/// A piece of a direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A whole TLS record, header included.
    Record(Vec<u8>),
    /// Bytes that are no TLS record.
    Plain(Vec<u8>),
}

/// The bytes of a direction that are in no whole piece yet.
#[derive(Debug, Default)]
pub(super) struct Records {
    pending: Vec<u8>,
    /// Once something was no record, nothing after it is taken for one.
    plain: bool,
}

impl Records {
    /// Takes more bytes; gives the pieces that are whole now.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Piece> {
        self.pending.extend_from_slice(bytes);
        let mut pieces = Vec::new();
        while !self.plain {
            match length(&self.pending) {
                Ok(Some(length)) if self.pending.len() >= length => {
                    let rest = self.pending.split_off(length);
                    pieces.push(Piece::Record(std::mem::replace(&mut self.pending, rest)));
                }
                Ok(_) => return pieces,
                Err(NoRecord) => self.plain = true,
            }
        }
        if !self.pending.is_empty() {
            pieces.push(Piece::Plain(std::mem::take(&mut self.pending)));
        }
        pieces
    }

    /// What came and is in no whole piece yet.
    pub fn pending(&self) -> &[u8] {
        &self.pending
    }
}

impl Piece {
    /// Its bytes as they passed.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Record(bytes) | Self::Plain(bytes) => bytes,
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
        let mut records = Records::default();
        assert_eq!(records.push(b"POST"), [Piece::Plain(b"POST".to_vec())]);
        assert_eq!(records.push(&record(23, b"x")), [Piece::Plain(record(23, b"x"))]);
    }

    proptest! {
        #[test]
        fn records_are_found_however_they_are_cut(
            contents in prop::collection::vec((20_u8..=24, prop::collection::vec(any::<u8>(), 0..50)), 1..6),
            cuts in prop::collection::vec(1_usize..20, 1..60),
        ) {
            let whole: Vec<_> = contents.iter().map(|(kind, content)| record(*kind, content)).collect();
            let (mut rest, mut found, mut records) = (&whole.concat()[..], Vec::new(), Records::default());
            for cut in cuts.iter().cycle() {
                let (now, later) = rest.split_at((*cut).min(rest.len()));
                found.extend(records.push(now));
                rest = later;
                if rest.is_empty() { break }
            }
            prop_assert_eq!(found, whole.into_iter().map(Piece::Record).collect::<Vec<_>>());
        }

        #[test]
        fn no_byte_is_lost_whatever_comes(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..10)) {
            let mut records = Records::default();
            let mut seen: Vec<u8> = pieces.iter().flat_map(|bytes| records.push(bytes)).flat_map(|p| p.bytes().to_vec()).collect();
            seen.extend_from_slice(records.pending());
            prop_assert_eq!(seen, pieces.concat());
        }
    }
}
