//! What logs of Certificate Transparency signed: that they have seen a certificate (RFC 6962 section 3.3).
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use jiff::Timestamp;

/// A log's word that it has seen a certificate. Its signature is not verified: that takes the log's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LogTimestamp {
    /// Which log: SHA-256 over its key.
    pub log: [u8; 32],
    /// When.
    pub at: Timestamp,
}

/// Reads a SignedCertificateTimestampList, as it stands in certificates, in extensions of TLS and in OCSP
/// responses. `None` where it is none. Entries of versions to come are passed over.
pub fn log_timestamps(mut bytes: &[u8]) -> Option<Vec<LogTimestamp>> {
    let mut list = vector(&mut bytes)?;
    let mut timestamps = Vec::new();
    while !list.is_empty() {
        let entry = vector(&mut list)?;
        if entry.first() == Some(&0) {
            timestamps.push(timestamp(entry)?);
        }
    }
    bytes.is_empty().then_some(timestamps)
}

/// An entry of version 1.
fn timestamp(mut bytes: &[u8]) -> Option<LogTimestamp> {
    taken(&mut bytes, 1)?;
    let log = taken(&mut bytes, 32)?.try_into().ok()?;
    let milliseconds = taken(&mut bytes, 8)?.try_into().ok().map(i64::from_be_bytes)?;
    let at = Timestamp::from_millisecond(milliseconds).ok()?;
    vector(&mut bytes)?;
    taken(&mut bytes, 2)?;
    vector(&mut bytes)?;
    bytes.is_empty().then_some(LogTimestamp { log, at })
}

/// A vector with its length in two bytes before it.
fn vector<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = taken(bytes, 2)?;
    taken(bytes, length.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte)))
}

fn taken<'a>(bytes: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn with_length(bytes: &[u8]) -> Vec<u8> {
        [&u16::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
    }

    fn entry(log: u8, at: i64) -> Vec<u8> {
        let signature = [&[4, 3][..], &with_length(&[0xab; 70])].concat();
        with_length(&[&[0], &[log; 32][..], &at.to_be_bytes(), &with_length(&[]), &signature].concat())
    }

    #[test]
    fn a_list_says_which_logs_saw_it_and_when() {
        let list = with_length(&[entry(1, 1_700_000_000_123), entry(2, 1_700_000_001_000)].concat());
        let read = log_timestamps(&list).unwrap();
        assert_eq!(read.iter().map(|it| it.log[0]).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(read[0].at.to_string(), "2023-11-14T22:13:20.123Z");
    }

    #[test]
    fn an_entry_of_a_version_to_come_hides_no_other() {
        let list = with_length(&[with_length(&[7, 7, 7]), entry(1, 0)].concat());
        assert_eq!(log_timestamps(&list).unwrap().len(), 1);
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_list_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = log_timestamps(&bytes);
            let _ = log_timestamps(&with_length(&bytes));
        }

        #[test]
        fn a_list_that_is_cut_is_none(cut in 0_usize..120) {
            let list = with_length(&entry(1, 5));
            prop_assert_eq!(log_timestamps(&list[..cut.min(list.len() - 1)]), None);
        }
    }
}
