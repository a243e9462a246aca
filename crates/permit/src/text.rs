//! Texts as URIs write them.

/// With what is percent-encoded as itself; `None` where that is no text, or no encoding.
pub(crate) fn percent_decoded(text: &str) -> Option<String> {
    String::from_utf8(percent_decoded_bytes(text)?).ok()
}

fn percent_decoded_bytes(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => (digit(rest.next()?)? << 4) | digit(rest.next()?)?,
            other => other,
        });
    }
    Some(bytes)
}

fn digit(byte: u8) -> Option<u8> {
    u8::try_from(char::from(byte).to_digit(16)?).ok()
}

/// Percent-encoded as signatures have it: all but unreserved characters (RFC 3986 2.3), and those in `kept`.
pub(crate) fn percent_encoded(text: &str, kept: &[u8], into: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || kept.contains(&byte) {
            into.push(char::from(byte));
        } else {
            let hex =
                |nibble: u8| char::from_digit(nibble.into(), 16).map_or('0', |it| it.to_ascii_uppercase());
            into.extend(['%', hex(byte >> 4), hex(byte & 15)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_no_encoding_is_told() {
        assert_eq!(percent_decoded("a%2Fb+"), Some("a/b+".to_owned()));
        assert_eq!(percent_decoded("%"), None);
        assert_eq!(percent_decoded("%2x"), None);
        assert_eq!(percent_decoded("%ff"), None);
    }

    proptest! {
        #[test]
        fn what_is_encoded_reads_back(text in "\\PC{0,20}") {
            let mut encoded = String::new();
            percent_encoded(&text, b"/", &mut encoded);
            prop_assert!(encoded.is_ascii());
            prop_assert_eq!(percent_decoded(&encoded), Some(text));
        }
    }
}
