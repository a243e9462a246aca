//! Bytes as hexadecimal digits, in the ways of OpenSSL.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

/// Upper-case digits with something between the bytes.
pub(super) fn upper(bytes: &[u8], between: &str) -> String {
    let bytes: Vec<_> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    bytes.join(between)
}

/// A number that is not negative: its upper-case digits, without the zeros before it, but at least one byte.
pub(super) fn number(content: &[u8], between: &str) -> String {
    let zeros = content.iter().take_while(|byte| **byte == 0).count();
    upper(content.get(zeros.min(content.len().saturating_sub(1))..).unwrap_or_default(), between)
}

/// Lower-case digits with something between the bytes.
pub(super) fn lower(bytes: &[u8], between: &str) -> String {
    let bytes: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    bytes.join(between)
}

/// Lower-case digits with colons, so many bytes a line, each line indented and ended.
pub(super) fn lines(bytes: &[u8], in_a_line: usize, indent: usize) -> String {
    let lines: Vec<_> =
        bytes.chunks(in_a_line).map(|line| format!("{:indent$}{}", "", lower(line, ":"))).collect();
    lines.join(":\n") + "\n"
}

/// Offset, digits and characters, as of `hexdump`; each line indented and ended.
pub(super) fn dump(bytes: &[u8], indent: usize) -> String {
    // The deeper, the fewer, so that it stays within 80 columns.
    let width = 16 - indent.saturating_sub(6).div_ceil(4);
    let mut text = String::new();
    for (row, bytes) in bytes.chunks(width).enumerate() {
        let digits: String = (0..width)
            .map(|place| match bytes.get(place) {
                Some(byte) => format!("{byte:02x}{}", if place == 7 { '-' } else { ' ' }),
                None => "   ".to_owned(),
            })
            .collect();
        let characters: String = bytes.iter().map(|byte| printable(*byte)).collect();
        text += &format!("{:indent$}{:04x} - {digits}  {characters}\n", "", row * width);
    }
    text
}

fn printable(byte: u8) -> char {
    if matches!(byte, b' '..=b'~') { char::from(byte) } else { '.' }
}
