//! What a label of a DNS name that is issued may be: letters, digits and hyphens (RFC 1034 section 3.5),
//! or an A-label whose Unicode form IDNA allows (RFC 5890 to 5892).
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What is wrong with a label; `None` if nothing. It is in lower case already.
pub(super) fn fault(label: &str) -> Option<&'static str> {
    if let Some(encoded) = label.strip_prefix("xn--") {
        return match decode(encoded) {
            Some(unicode) => fault_of_unicode(&unicode),
            None => Some("is no valid punycode"),
        };
    }
    // RFC 5890 section 2.3.1: only `xn--` has a meaning; others are kept for one that is not known yet.
    if label.as_bytes().get(2..4) == Some(b"--") {
        return Some("has hyphens as its third and fourth character, and does not begin with `xn--`");
    }
    // RFC 5280 section 4.2.1.6 asks for the preferred syntax, which has no underscore.
    label.contains('_').then_some("has an underscore")
}

/// RFC 5891 section 4.2 and the categories of RFC 5892, as far as they need no tables of their own: letters,
/// digits and marks that are what case folding and NFKC leave of them.
pub(super) fn fault_of_unicode(label: &str) -> Option<&'static str> {
    let is_allowed = |c: char| c == '-' || c.is_alphanumeric() || is_combining_mark(c) || is_joiner(c);
    if label.is_ascii() {
        return Some("encodes what needs no encoding");
    }
    if !label.chars().all(is_allowed) {
        return Some("encodes a character that IDNA does not allow");
    }
    let folded = label.chars().flat_map(char::to_lowercase).nfkc();
    if !folded.eq(label.chars()) {
        return Some("encodes another spelling than the one that IDNA allows");
    }
    if label.chars().next().is_some_and(is_combining_mark) {
        return Some("encodes a label that begins with a combining mark");
    }
    let has_hyphens_at = |index| label.chars().skip(index).take(2).eq("--".chars());
    (label.starts_with('-') || label.ends_with('-') || has_hyphens_at(2))
        .then_some("encodes a label with hyphens where none may be")
}

/// RFC 5892 appendix A allows these in certain contexts, which only matter to whoever registers the name.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{b7}' | '\u{375}' | '\u{5f3}' | '\u{5f4}' | '\u{30fb}')
}

pub(super) const BASE: u32 = 36;
const LEAST: u32 = 1;
const MOST: u32 = 26;

/// Punycode (RFC 3492 section 6.2). What stands before the last hyphen stands for itself.
pub(super) fn decode(encoded: &str) -> Option<String> {
    let (plain, deltas) = encoded.rsplit_once('-').unwrap_or(("", encoded));
    let mut characters: Vec<char> = plain.chars().collect();
    let (mut code, mut index, mut bias) = (0x80_u32, 0_u32, 72_u32);
    let mut digits = deltas.bytes();
    while digits.len() > 0 {
        let before = index;
        let (mut weight, mut k) = (1_u32, BASE);
        loop {
            let digit = value(digits.next()?)?;
            index = index.checked_add(digit.checked_mul(weight)?)?;
            let threshold = threshold(k, bias);
            if digit < threshold {
                break;
            }
            weight = weight.checked_mul(BASE - threshold)?;
            k += BASE;
        }
        let length = u32::try_from(characters.len()).ok()? + 1;
        bias = adapted(index - before, length, before == 0);
        code = code.checked_add(index / length)?;
        index %= length;
        characters.insert(usize::try_from(index).ok()?, char::from_u32(code)?);
        index += 1;
    }
    Some(characters.into_iter().collect())
}

fn value(digit: u8) -> Option<u32> {
    match digit {
        b'a'..=b'z' => Some(u32::from(digit - b'a')),
        b'0'..=b'9' => Some(u32::from(digit - b'0') + 26),
        _ => None,
    }
}

/// From which digit on a number goes on.
pub(super) fn threshold(k: u32, bias: u32) -> u32 {
    k.saturating_sub(bias).clamp(LEAST, MOST)
}

/// RFC 3492 section 6.1.
pub(super) fn adapted(delta: u32, length: u32, is_first: bool) -> u32 {
    const SKEW: u32 = 38;
    const DAMP: u32 = 700;
    let mut delta = if is_first { delta / DAMP } else { delta / 2 };
    delta += delta / length;
    let mut k = 0;
    while delta > (BASE - LEAST) * MOST / 2 {
        delta /= BASE - LEAST;
        k += BASE;
    }
    k + (BASE - LEAST + 1) * delta / (delta + SKEW)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_of_the_world_are_read() {
        for (encoded, unicode) in [
            ("bcher-kva", "bücher"),
            ("strae-oqa", "straße"),
            ("fiqs8s", "中国"),
            ("p1ai", "рф"),
            ("e1afmkfd", "пример"),
            ("4gbrim", "موقع"),
        ] {
            assert_eq!(decode(encoded).as_deref(), Some(unicode));
            assert_eq!(fault(&format!("xn--{encoded}")), None);
        }
    }

    #[test]
    fn a_label_that_is_none_is_refused_with_its_reason() {
        for (label, reason) in [
            ("xn--", "needs no encoding"),
            ("xn--abc-", "needs no encoding"),
            ("xn--bcher-kv", "is no valid punycode"),
            ("xn--99999999", "is no valid punycode"),
            ("xn--ls8h", "does not allow"),        // a pictograph
            ("xn--bcher-2pa", "another spelling"), // `bÜcher`
            ("ab--cd", "third and fourth"),
            ("my_service", "underscore"),
        ] {
            let told = fault(label).unwrap_or("nothing");
            assert!(told.contains(reason), "{label}: {told}");
        }
    }

    proptest! {
        #[test]
        fn no_label_makes_it_stumble(label in "(xn--)?[a-z0-9_-]{0,60}") {
            fault(&label);
        }
    }
}
