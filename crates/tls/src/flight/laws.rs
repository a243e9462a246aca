//! What holds for every answer and for every other string of bytes.

use proptest::collection::vec;
use proptest::prelude::*;

use super::tests::{of_tls13, retry, server_hello};
use super::{FlightError, ServerChoice, ServerFlightReader, Standing};
use crate::hello::writer::{handshake, records};

/// What is seen of `bytes`, which come in segments of these sizes, over and over.
fn seen(mut bytes: &[u8], segments: &[usize]) -> (Result<Standing, FlightError>, Option<ServerChoice>) {
    let mut reader = ServerFlightReader::new();
    let mut standing = reader.push(&[]);
    for &size in segments.iter().cycle() {
        let (segment, rest) = bytes.split_at(size.min(bytes.len()));
        standing = reader.push(segment);
        bytes = rest;
        if bytes.is_empty() {
            break;
        }
    }
    (standing, reader.choice().cloned())
}

/// Answers of either version, in records of any size.
fn answers() -> impl Strategy<Value = Vec<u8>> {
    let tls13 = any::<u16>().prop_map(|group| [of_tls13(group), handshake(8, &[0, 0])].concat());
    let retried = any::<u16>().prop_map(|group| [retry(group), of_tls13(group)].concat());
    let tls12 = (any::<u16>(), vec(any::<u8>(), 0..400)).prop_map(|(suite, chain)| {
        let hello = server_hello(0x0303, [5; 32], suite, &[]);
        let exchange = handshake(12, &[3, 0, 29, 1, 7]);
        [hello, handshake(11, &chain), exchange, handshake(14, &[])].concat()
    });
    let messages = prop_oneof![tls13, retried, tls12];
    (messages, vec(1..300_usize, 1..6)).prop_map(|(messages, sizes)| records(&messages, &sizes))
}

proptest! {
    #[test]
    fn segments_do_not_matter(answer in answers(), segments in vec(1..200_usize, 1..8)) {
        prop_assert_eq!(seen(&answer, &segments), seen(&answer, &[usize::MAX]));
    }

    #[test]
    fn an_answer_with_bytes_changed_is_seen_alike_however_it_is_split(
        mut answer in answers(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        segments in vec(1..200_usize, 1..8),
    ) {
        for (place, byte) in changes {
            let place = place.index(answer.len());
            answer[place] = byte;
        }
        prop_assert_eq!(seen(&answer, &segments), seen(&answer, &[usize::MAX]));
    }

    #[test]
    fn any_bytes_are_seen_alike_however_they_are_split(
        // The last is a message of another kind, behind which no record follows.
        start in prop::sample::select(vec![
            &b""[..], &[22, 3, 3], &[21, 3, 3, 0, 2], b"HTTP/", &[20, 3, 3], &[22, 3, 3, 0, 4, 0, 0, 3, 0],
        ]),
        bytes in vec(any::<u8>(), 0..300),
        segments in vec(1..50_usize, 1..8),
    ) {
        let bytes = [start, &bytes].concat();
        prop_assert_eq!(seen(&bytes, &segments), seen(&bytes, &[usize::MAX]));
    }
}
