//! What holds for every answer and for every other string of bytes.

use proptest::collection::vec;
use proptest::prelude::*;

use super::tests::{extension, server_hello};
use super::{AnswerError, AnswerReader, Heard, read_ssl2};
use crate::hello::writer::{handshake, numbers, records};

/// What is heard of `bytes`, which come in segments of these sizes, over and over.
fn heard(mut bytes: &[u8], segments: &[usize]) -> Result<Heard, AnswerError> {
    let mut reader = AnswerReader::new();
    for &size in segments.iter().cycle() {
        let (segment, rest) = bytes.split_at(size.min(bytes.len()));
        match reader.push(segment)? {
            Heard::Part => {}
            heard => return Ok(heard),
        }
        bytes = rest;
        if bytes.is_empty() {
            break;
        }
    }
    Ok(Heard::Part)
}

/// Answers of either kind, in records of any size.
fn answers() -> impl Strategy<Value = Vec<u8>> {
    let tls13 = any::<u16>()
        .prop_map(|suite| server_hello(0x0303, [5; 32], suite, &extension(43, &numbers(&[0x0304]))));
    let older = (any::<u16>(), vec(any::<u8>(), 0..400)).prop_map(|(suite, exchange)| {
        let hello = server_hello(0x0303, [5; 32], suite, &extension(23, &[]));
        [hello, handshake(11, &[0, 0, 0]), handshake(12, &exchange), handshake(14, &[])].concat()
    });
    let messages = prop_oneof![tls13, older];
    (messages, vec(1..300_usize, 1..6)).prop_map(|(messages, sizes)| records(&messages, &sizes))
}

proptest! {
    #[test]
    fn segments_do_not_matter(answer in answers(), segments in vec(1..200_usize, 1..8)) {
        prop_assert_eq!(heard(&answer, &segments), heard(&answer, &[usize::MAX]));
    }

    #[test]
    fn any_bytes_are_heard_alike_however_they_are_split(
        // The last is a message of another kind, behind which no record follows.
        start in prop::sample::select(vec![
            &b""[..], &[22, 3, 3], &[21, 3, 3, 0, 2], b"HTTP/", &[20, 3, 3], &[22, 3, 3, 0, 4, 0, 0, 3, 0],
        ]),
        bytes in vec(any::<u8>(), 0..300),
        segments in vec(1..50_usize, 1..8),
    ) {
        let bytes = [start, &bytes].concat();
        prop_assert_eq!(heard(&bytes, &segments), heard(&bytes, &[usize::MAX]));
    }

    #[test]
    fn an_answer_of_ssl_2_is_the_same_once_it_is_whole(bytes in vec(any::<u8>(), 0..200), first in any::<bool>()) {
        let bytes = if first { [&[0x80, 40, 4][..], &bytes].concat() } else { bytes };
        let whole = read_ssl2(&bytes);
        for end in 0..bytes.len() {
            if let Ok(Some(answer)) = read_ssl2(&bytes[..end]) {
                prop_assert_eq!(Ok(Some(answer)), whole.clone());
            }
        }
    }
}
