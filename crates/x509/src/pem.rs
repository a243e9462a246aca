//! Certificates and requests as text (RFC 7468), as laxly as people have them: lines of any length and end,
//! and other text around the blocks.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use base64ct::{Base64, Encoding};

/// One block of PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) label: String,
    pub(crate) der: Vec<u8>,
}

/// All blocks in a text; an error says what is wrong with one.
pub(crate) fn blocks(text: &[u8]) -> Result<Vec<Block>, &'static str> {
    let mut lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let mut blocks = Vec::new();
    while let Some(line) = lines.next() {
        let Some(label) = label(line, b"-----BEGIN ") else { continue };
        let der = decode(label, &mut lines)?;
        blocks.push(Block { label: String::from_utf8_lossy(label).into_owned(), der });
    }
    Ok(blocks)
}

/// DER as a block with this label.
pub(crate) fn write(label: &str, der: &[u8]) -> String {
    // 48 bytes are 64 characters, the line that RFC 7468 section 2 asks for.
    let lines = der.chunks(48).map(|bytes| Base64::encode_string(bytes) + "\n");
    format!("-----BEGIN {label}-----\n{}-----END {label}-----\n", lines.collect::<String>())
}

fn label<'a>(line: &'a [u8], start: &[u8]) -> Option<&'a [u8]> {
    line.strip_prefix(start)?.strip_suffix(b"-----")
}

fn decode<'a>(label: &[u8], lines: &mut impl Iterator<Item = &'a [u8]>) -> Result<Vec<u8>, &'static str> {
    let mut encoded = Vec::new();
    for line in lines {
        if self::label(line, b"-----END ") == Some(label) {
            let text =
                std::str::from_utf8(&encoded).map_err(|_| "what stands between its lines is no base64")?;
            return Base64::decode_vec(text).map_err(|_| "what stands between its lines is no base64");
        }
        encoded.extend_from_slice(line);
    }
    Err("a block has a BEGIN line and no END line for it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_between_other_text_and_with_any_lines() {
        let text = b"Subject: x\r\n-----BEGIN A-----\r\nAAE\r\nC\r\n-----END A-----\r\n-----BEGIN B C-----\n\n-----END B C-----";
        let block = |label: &str, der: &[u8]| Block { label: label.to_owned(), der: der.to_vec() };
        assert_eq!(blocks(text).unwrap(), [block("A", &[0, 1, 2]), block("B C", &[])]);
        assert_eq!(blocks(b"nothing").unwrap(), []);
    }

    #[test]
    fn a_block_reads_back() {
        let der: Vec<u8> = (0..=255).collect();
        let block = Block { label: "A".to_owned(), der };
        assert_eq!(blocks(write("A", &block.der).as_bytes()).unwrap(), [block]);
    }

    #[test]
    fn a_block_that_is_none_is_told() {
        for text in [
            &b"-----BEGIN A-----\nAAEC\n"[..],
            b"-----BEGIN A-----\n-----END B-----",
            b"-----BEGIN A-----\n*\n-----END A-----",
        ] {
            blocks(text).unwrap_err();
        }
    }
}
