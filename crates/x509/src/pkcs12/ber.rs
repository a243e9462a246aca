//! BER made DER: macOS and NSS write PKCS#12 with open-ended lengths and strings in pieces.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use zeroize::Zeroizing;

/// How deep values may nest. A PKCS#12 file has ten levels.
const DEEPEST: usize = 32;

const OCTET_STRING: u8 = 0x04;
const CONSTRUCTED: u8 = 0x20;
const OPEN_ENDED: u8 = 0x80;

/// The value at the start of `bytes` with the lengths and octet strings of DER, and what follows it.
/// What octet strings hold is left as it is. `None` where the bytes are no BER.
pub(super) fn to_der(bytes: &[u8]) -> Option<(Zeroizing<Vec<u8>>, &[u8])> {
    let mut rest = bytes;
    let mut der = Zeroizing::new(Vec::with_capacity(bytes.len()));
    value(&mut rest, &mut der, DEEPEST)?;
    Some((der, rest))
}

/// Moves one value from `rest` to `der`.
fn value(rest: &mut &[u8], der: &mut Zeroizing<Vec<u8>>, depth: usize) -> Option<()> {
    let tag = byte(rest)?;
    // Tags of several bytes are in nothing that is read here.
    if tag & 0x1f == 0x1f {
        return None;
    }
    let length = length(rest)?;
    if tag & CONSTRUCTED == 0 {
        push(der, tag, content(rest, length?)?);
        return Some(());
    }
    let inner = inner(rest, length, depth.checked_sub(1)?)?;
    if tag == OCTET_STRING | CONSTRUCTED {
        push(der, OCTET_STRING, &joined(&inner)?);
    } else {
        push(der, tag, &inner);
    }
    Some(())
}

/// The values inside of a constructed one, one behind the other.
fn inner(rest: &mut &[u8], length: Option<usize>, depth: usize) -> Option<Zeroizing<Vec<u8>>> {
    let mut inner = Zeroizing::new(Vec::new());
    match length {
        Some(length) => {
            let mut content = content(rest, length)?;
            while !content.is_empty() {
                value(&mut content, &mut inner, depth)?;
            }
        }
        None => loop {
            if let Some(behind) = rest.strip_prefix(&[0, 0]) {
                *rest = behind;
                break;
            }
            value(rest, &mut inner, depth)?;
        },
    }
    Some(inner)
}

/// What these octet strings hold together. Also for the pieces of one whose tag is implicit.
pub(super) fn joined(mut pieces: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut whole = Zeroizing::new(Vec::with_capacity(pieces.len()));
    while !pieces.is_empty() {
        if byte(&mut pieces)? != OCTET_STRING {
            return None;
        }
        let length = length(&mut pieces)??;
        whole.extend_from_slice(content(&mut pieces, length)?);
    }
    Some(whole)
}

fn byte(rest: &mut &[u8]) -> Option<u8> {
    let (first, behind) = rest.split_first()?;
    *rest = behind;
    Some(*first)
}

fn content<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (content, behind) = rest.split_at_checked(length)?;
    *rest = behind;
    Some(content)
}

/// A length; `Some(None)` is one that is open-ended.
fn length(rest: &mut &[u8]) -> Option<Option<usize>> {
    match byte(rest)? {
        OPEN_ENDED => Some(None),
        short @ 0..OPEN_ENDED => Some(Some(usize::from(short))),
        long => {
            let octets = content(rest, usize::from(long & 0x7f))?;
            // Files are far below 4 GiB; zeros before the length are allowed in BER.
            octets
                .iter()
                .try_fold(0_u32, |length, octet| length.checked_mul(256)?.checked_add(u32::from(*octet)))
                .and_then(|length| usize::try_from(length).ok())
                .map(Some)
        }
    }
}

fn push(der: &mut Zeroizing<Vec<u8>>, tag: u8, content: &[u8]) {
    match u8::try_from(content.len()) {
        Ok(short) if short < OPEN_ENDED => append(der, &[tag, short]),
        _ => {
            let octets = content.len().to_be_bytes();
            let zeros = octets.iter().take_while(|octet| **octet == 0).count();
            let octets = octets.get(zeros..).unwrap_or_default();
            append(der, &[tag, OPEN_ENDED | u8::try_from(octets.len()).unwrap_or(0)]);
            append(der, octets);
        }
    }
    append(der, content);
}

/// Puts bytes behind others. A vector that grows by itself leaves its old place behind, with keys in it.
fn append(der: &mut Zeroizing<Vec<u8>>, bytes: &[u8]) {
    let needed = der.len() + bytes.len();
    if needed > der.capacity() {
        let mut larger = Zeroizing::new(Vec::with_capacity(needed.max(2 * der.capacity())));
        larger.extend_from_slice(der);
        *der = larger;
    }
    der.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use der::{Decode, Encode};
    use proptest::prelude::*;

    use super::*;

    fn der_of(ber: &[u8]) -> Option<Vec<u8>> {
        let (der, rest) = to_der(ber)?;
        rest.is_empty().then(|| der.to_vec())
    }

    #[test]
    fn open_ended_lengths_end() {
        assert_eq!(der_of(&[0x30, 0x80, 0x02, 1, 3, 0, 0]).unwrap(), [0x30, 3, 0x02, 1, 3]);
        assert_eq!(der_of(&[0x30, 0x80, 0x30, 0x80, 0, 0, 0, 0]).unwrap(), [0x30, 2, 0x30, 0]);
    }

    #[test]
    fn strings_in_pieces_become_one() {
        let pieces = [0x24, 0x80, 0x04, 1, b'a', 0x24, 0x80, 0x04, 2, b'b', b'c', 0, 0, 0, 0];
        assert_eq!(der_of(&pieces).unwrap(), [0x04, 3, b'a', b'b', b'c']);
        assert_eq!(joined(&[0x04, 1, b'a', 0x04, 1, b'b']).unwrap().as_slice(), b"ab");
        assert!(joined(&[0x02, 1, b'a']).is_none());
    }

    #[test]
    fn lengths_of_more_bytes_than_needed_get_the_fewest() {
        assert_eq!(der_of(&[0x04, 0x84, 0, 0, 0, 1, 7]).unwrap(), [0x04, 1, 7]);
        let long = [&[0x04, 0x82, 0x01, 0x00][..], &[7; 256]].concat();
        assert_eq!(der_of(&long).unwrap(), long);
    }

    #[test]
    fn what_is_cut_off_or_nested_for_ever_is_refused() {
        for broken in [&[][..], &[0x30], &[0x30, 0x80], &[0x30, 5, 0x02], &[0x04, 0x80, 0, 0], &[0x3f, 1, 0]]
        {
            assert_eq!(der_of(broken), None, "{broken:02x?}");
        }
        assert_eq!(der_of(&[0x30, 0x80].repeat(1_000_000)), None);
        assert_eq!(der_of(&[0x04, 0x85, 1, 0, 0, 0, 0]), None);
    }

    proptest! {
        #[test]
        fn no_bytes_panic_and_what_comes_out_stays(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Some((der, _)) = to_der(&bytes) {
                prop_assert_eq!(der_of(&der).unwrap(), der.to_vec());
            }
        }

        #[test]
        fn der_stays_as_it_is(strings in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..5)) {
            let strings: Vec<_> =
                strings.into_iter().map(|bytes| der::asn1::OctetString::new(bytes).unwrap()).collect();
            let der = strings.to_der().unwrap();
            prop_assert_eq!(der_of(&der).unwrap(), der.clone());
            prop_assert_eq!(Vec::<der::asn1::OctetString>::from_der(&der).unwrap(), strings);
        }
    }
}
