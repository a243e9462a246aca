//! Names of the world as DNS has them: in A-labels (RFC 5891 section 4, after a mapping as RFC 5895 has it).
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use unicode_normalization::UnicodeNormalization;

use super::label::{BASE, adapted, fault_of_unicode, threshold};

/// The full stops that stand for a dot where people write no Latin.
const DOTS: [char; 3] = ['\u{3002}', '\u{ff0e}', '\u{ff61}'];

/// The longest label (RFC 1034 section 3.1).
const LONGEST: usize = 63;

/// A name in letters of the world as DNS has it: `xn--bcher-kva.example` for `Bücher.example`. What is ASCII stays as it
/// is, in lower case. `None` where a label is none that IDNA allows.
pub fn to_a_labels(name: &str) -> Option<String> {
    let name: String = name.chars().map(|c| if DOTS.contains(&c) { '.' } else { c }).collect();
    let labels: Option<Vec<String>> = name.split('.').map(a_label).collect();
    Some(labels?.join("."))
}

fn a_label(label: &str) -> Option<String> {
    let mapped: String = label.chars().flat_map(char::to_lowercase).nfkc().collect();
    if mapped.is_ascii() {
        return Some(mapped);
    }
    if fault_of_unicode(&mapped).is_some() {
        return None;
    }
    let encoded = format!("xn--{}", encode(&mapped)?);
    (encoded.len() <= LONGEST).then_some(encoded)
}

/// Punycode (RFC 3492 section 6.3).
fn encode(label: &str) -> Option<String> {
    let mut encoded: String = label.chars().filter(char::is_ascii).collect();
    let plain = u32::try_from(encoded.len()).ok()?;
    if plain > 0 {
        encoded.push('-');
    }
    let codes: Vec<u32> = label.chars().map(u32::from).collect();
    let (mut code, mut delta, mut bias, mut handled) = (0x80_u32, 0_u32, 72_u32, plain);
    while let Some(next) = codes.iter().copied().filter(|it| *it >= code).min() {
        delta = delta.checked_add((next - code).checked_mul(handled + 1)?)?;
        code = next;
        for it in &codes {
            if *it < code {
                delta = delta.checked_add(1)?;
            } else if *it == code {
                number(delta, bias, &mut encoded);
                bias = adapted(delta, handled + 1, handled == plain);
                delta = 0;
                handled += 1;
            }
        }
        delta = delta.checked_add(1)?;
        code = code.checked_add(1)?;
    }
    Some(encoded)
}

/// A number of variable length.
fn number(mut rest: u32, bias: u32, encoded: &mut String) {
    let mut k = BASE;
    loop {
        let threshold = threshold(k, bias);
        if rest < threshold {
            break;
        }
        encoded.push(digit(threshold + (rest - threshold) % (BASE - threshold)));
        rest = (rest - threshold) / (BASE - threshold);
        k += BASE;
    }
    encoded.push(digit(rest));
}

fn digit(value: u32) -> char {
    // Below 36 at every place that calls it.
    let value = u8::try_from(value).unwrap_or_default();
    char::from(if value < 26 { b'a' + value } else { b'0' + (value - 26) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::label::{decode, fault};
    use super::*;

    #[test]
    fn names_of_the_world_are_written_as_dns_has_them() {
        for (name, expected) in [
            ("Bücher.example", "xn--bcher-kva.example"),
            ("bu\u{308}cher.example", "xn--bcher-kva.example"),
            ("straße.test", "xn--strae-oqa.test"),
            ("中国。test", "xn--fiqs8s.test"),
            ("пример.рф", "xn--e1afmkfd.xn--p1ai"),
            ("ｅxample.test", "example.test"),
            ("example.com", "example.com"),
        ] {
            assert_eq!(to_a_labels(name).as_deref(), Some(expected));
        }
    }

    #[test]
    fn a_label_that_idna_does_not_allow_is_none() {
        for name in ["💩.test", "-bücher.test", "\u{301}a.test", &"ü".repeat(80)] {
            assert_eq!(to_a_labels(name), None, "{name}");
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded_again(name in "\\PC{0,20}") {
            if let Some(label) = to_a_labels(&name)
                && let Some(encoded) = label.strip_prefix("xn--").filter(|it| !it.contains('.'))
                && !name.is_ascii()
            {
                prop_assert!(decode(encoded).is_some_and(|it| !it.is_ascii()), "{label}");
                prop_assert_eq!(fault(&label), None);
            }
        }
    }
}
