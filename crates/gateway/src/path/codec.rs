//! The `Hermetic-Path` header: sightings in order of travel, as one line of ASCII JSON.

use http::HeaderValue;

use super::Sighting;

/// The most bytes of a path.
pub const LONGEST: usize = 16 * 1024;

/// The most sightings in a path: two a hop, so more parties than anybody's path has.
pub const MOST: usize = 32;

/// Why a header is no path.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PathError {
    /// Too many bytes.
    #[error("it has {0} bytes; at most {LONGEST} are read")]
    TooLong(usize),
    /// Too many sightings.
    #[error("it has {0} sightings; at most {MOST} are read")]
    TooMany(usize),
    /// Not what a party of ours writes.
    #[error("it is not a path: {0}")]
    Malformed(#[from] serde_json::Error),
}

/// Reads a path from the header of an authenticated previous hop.
pub fn decode(value: &HeaderValue) -> Result<Vec<Sighting>, PathError> {
    let bytes = value.as_bytes();
    if bytes.len() > LONGEST {
        return Err(PathError::TooLong(bytes.len()));
    }
    let sightings: Vec<Sighting> = serde_json::from_slice(bytes)?;
    if sightings.len() > MOST { Err(PathError::TooMany(sightings.len())) } else { Ok(sightings) }
}

/// Writes a path as a header.
#[expect(
    clippy::expect_used,
    reason = "names, numbers, instants and lists of them are JSON, and what is left of it after escaping is \
              visible ASCII and spaces, which any header may hold"
)]
pub fn encode(sightings: &[Sighting]) -> HeaderValue {
    let json = serde_json::to_string(sightings).expect("sightings are JSON");
    HeaderValue::from_str(&in_ascii(&json)).expect("it is visible ASCII")
}

/// The same JSON in ASCII. Outside of strings JSON is ASCII already, so what is not stands in one; DEL,
/// which JSON lets pass, is not allowed in a header.
fn in_ascii(json: &str) -> String {
    let mut ascii = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_ascii() && character != '\x7f' {
            ascii.push(character);
        } else {
            let mut units = [0; 2];
            ascii.extend(character.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    ascii
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::path::samples::{any_sightings, tour};

    #[test]
    fn a_path_of_five_sightings_fits_into_what_servers_take_as_one_header() {
        let value = encode(&tour());
        assert!(value.len() < 8 * 1024, "{} bytes", value.len());
        assert_eq!(decode(&value).unwrap(), tour());
    }

    #[test]
    fn more_sightings_than_any_path_has_are_refused() {
        let least = r#"{"from":"a","to":"b","mode":"require","policy":"","evidence":{"kind":"declared","view":"client","at":"2026-11-24T02:20:00Z","transport":{"cleartext":{"local":true}}}}"#;
        let path = |count| HeaderValue::from_str(&format!("[{}]", vec![least; count].join(","))).unwrap();
        assert_eq!(decode(&path(MOST)).unwrap().len(), MOST);
        assert!(matches!(decode(&path(MOST + 1)), Err(PathError::TooMany(33))));
    }

    #[test]
    fn a_longer_header_is_refused_before_it_is_read() {
        let long = HeaderValue::from_bytes(&vec![b'['; LONGEST + 1]).unwrap();
        assert!(matches!(decode(&long), Err(PathError::TooLong(_))));
    }

    #[test]
    fn text_that_no_header_may_hold_is_escaped() {
        let mut sightings = tour();
        sightings.truncate(1);
        sightings[0].policy = "naïve\r\n\u{7f}😀\"\\".to_owned();
        let value = encode(&sightings);
        assert!(value.to_str().unwrap().contains("na\\u00efve\\r\\n\\u007f\\ud83d\\ude00\\\"\\\\"));
        assert_eq!(decode(&value).unwrap(), sightings);
    }

    proptest! {
        #[test]
        fn a_path_reads_back_as_it_was_written(sightings in any_sightings()) {
            prop_assert_eq!(decode(&encode(&sightings)).unwrap(), sightings);
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(32..=255_u8, 0..512)) {
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                let _ = decode(&value);
            }
        }

        #[test]
        fn no_damage_to_a_path_makes_the_reader_panic(at in 0..2000_usize, byte in 32..=126_u8) {
            let mut bytes = encode(&tour()).as_bytes().to_vec();
            bytes[at] = byte;
            let _ = decode(&HeaderValue::from_bytes(&bytes).unwrap());
        }
    }
}
