//! What a ticket says of its session, before what rustls says.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use jiff::Timestamp;

use super::proof::Proof;
use crate::certificate::Serial;
use crate::revocation::{CertificateId, CertificationPath, IssuerId, Link, ListPlace};

/// How long a session may be resumed, and the path by which its client proved who it is.
///
/// The second of its end; the number of the path's certificates; for each the issuer, the serial with its
/// length before it, and the places of its CRL with their number before them; the second at which the path
/// ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Session {
    pub(super) until: i64,
    pub(super) path: Option<CertificationPath>,
}

impl Session {
    /// The session that rests on this proof and ends at `latest`, or with the proof.
    pub(super) fn of(proof: Proof, latest: i64) -> Self {
        Self { until: proof.until.map_or(latest, |until| until.min(latest)), path: proof.path }
    }

    /// Its bytes; `None` where a serial number is longer than any may be (RFC 5280 section 4.1.2.2 allows
    /// 20 bytes).
    pub(super) fn encode(&self) -> Option<Vec<u8>> {
        let links = self.path.as_ref().map(CertificationPath::links).unwrap_or_default();
        let mut bytes = self.until.to_be_bytes().to_vec();
        bytes.push(u8::try_from(links.len()).ok()?);
        for Link { certificate: CertificateId { issuer: IssuerId(issuer), serial }, lists } in links {
            bytes.extend_from_slice(issuer);
            bytes.push(u8::try_from(serial.as_bytes().len()).ok()?);
            bytes.extend_from_slice(serial.as_bytes());
            bytes.push(u8::try_from(lists.len()).ok()?);
            lists.iter().for_each(|ListPlace(place)| bytes.extend_from_slice(place));
        }
        if let Some(path) = &self.path {
            bytes.extend_from_slice(&path.not_after().as_second().to_be_bytes());
        }
        Some(bytes)
    }

    /// Reads it from the start of `bytes`; gives the rest too.
    pub(super) fn decode(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (until, rest) = bytes.split_first_chunk()?;
        let until = i64::from_be_bytes(*until);
        let (&count, mut rest) = rest.split_first()?;
        let mut links = Vec::with_capacity(count.into());
        for _ in 0..count {
            let (link, after) = decode_link(rest)?;
            links.push(link);
            rest = after;
        }
        if links.is_empty() {
            return Some((Self { until, path: None }, rest));
        }
        let (not_after, rest) = rest.split_first_chunk()?;
        let not_after = Timestamp::from_second(i64::from_be_bytes(*not_after)).ok()?;
        Some((Self { until, path: Some(CertificationPath::new(links, not_after)) }, rest))
    }
}

fn decode_link(bytes: &[u8]) -> Option<(Link, &[u8])> {
    let (issuer, rest) = bytes.split_first_chunk()?;
    let (&length, rest) = rest.split_first()?;
    let (serial, rest) = rest.split_at_checked(length.into())?;
    let certificate = CertificateId { issuer: IssuerId(*issuer), serial: Serial::from_bytes(serial) };
    let (&count, mut rest) = rest.split_first()?;
    let mut lists = Vec::with_capacity(count.into());
    for _ in 0..count {
        let (place, after) = rest.split_first_chunk()?;
        lists.push(ListPlace(*place));
        rest = after;
    }
    Some((Link { certificate, lists: lists.into() }, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn link() -> impl Strategy<Value = Link> {
        let serial = prop::collection::vec(any::<u8>(), 1..=20);
        let lists = prop::collection::vec(any::<[u8; 16]>(), 0..3);
        (any::<[u8; 32]>(), serial, lists).prop_map(|(issuer, serial, lists)| Link {
            certificate: CertificateId { issuer: IssuerId(issuer), serial: Serial::from_bytes(&serial) },
            lists: lists.into_iter().map(ListPlace).collect(),
        })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_and_what_is_cut_is_no_session(
            until: i64,
            links in prop::collection::vec(link(), 0..7),
            end in 0..4_000_000_000_i64,
            state: Vec<u8>,
        ) {
            let end = Timestamp::from_second(end).unwrap();
            let path = (!links.is_empty()).then(|| CertificationPath::new(links, end));
            let session = Session { until, path };
            let own = session.encode().unwrap();
            let whole = [&own[..], &state].concat();
            prop_assert_eq!(Session::decode(&whole), Some((session, &state[..])));
            for length in 0..own.len() {
                prop_assert_eq!(Session::decode(&own[..length]), None);
            }
        }

        #[test]
        fn no_bytes_bring_the_reader_down(bytes: Vec<u8>) {
            let _ = Session::decode(&bytes);
        }
    }
}
