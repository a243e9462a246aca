//! Text of strangers that a terminal can be shown.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

/// The text, with each character that a terminal obeys, that begins a line which is not ours, or that turns
/// the text around it about (Trojan Source, CVE-2021-42574) as its bytes, written `\x1B`.
///
/// OpenSSL 3.0 prints these as they are: so a name may add lines to what a person reads of a certificate.
pub(super) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() || turns_text_about(character) {
            let mut bytes = [0; 4];
            let bytes = character.encode_utf8(&mut bytes).as_bytes();
            shown.extend(bytes.iter().map(|byte| format!("\\x{byte:02X}")));
        } else {
            shown.push(character);
        }
    }
    shown
}

fn turns_text_about(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
