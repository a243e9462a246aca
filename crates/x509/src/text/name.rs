//! Distinguished names on one line, in both ways of OpenSSL.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use super::hex;
use super::object::short_name;
use super::value::{self, Value, tag};
use crate::distinguished_name::DistinguishedName;

/// One attribute of a name.
struct Attribute<'a> {
    kind: String,
    value: Value<'a>,
}

/// `C = DE, O = "Example, Ltd", OU = A + CN = B`: what `-nameopt oneline` does.
pub(crate) fn one_line(name: &DistinguishedName) -> String {
    one_line_of(&name.to_der().unwrap_or_default()).unwrap_or_default()
}

/// The same of the DER of a name.
pub(super) fn one_line_of(der: &[u8]) -> Option<String> {
    let sets = value::one(der)?.within(tag::SEQUENCE)?;
    let sets: Option<Vec<_>> = sets.into_iter().map(|set| relative(set.bytes(tag::SET)?)).collect();
    Some(sets?.join(", "))
}

/// One set of a name.
pub(super) fn relative(set: &[u8]) -> Option<String> {
    let attributes = attributes(set)?;
    let attributes: Vec<_> =
        attributes.iter().map(|Attribute { kind, value }| format!("{kind} = {}", quoted(value))).collect();
    Some(attributes.join(" + "))
}

/// `/C=DE/O=Example`: what the alternative names have.
pub(super) fn slashes(der: &[u8]) -> Option<String> {
    let mut text = String::new();
    for set in value::one(der)?.within(tag::SEQUENCE)? {
        for Attribute { kind, value } in attributes(set.bytes(tag::SET)?)? {
            text += &format!("/{kind}=");
            for byte in value.content {
                match byte {
                    b'/' | b'+' => text.extend(['\\', char::from(*byte)]),
                    b' '..=b'~' => text.push(char::from(*byte)),
                    other => text += &format!("\\x{other:02X}"),
                }
            }
        }
    }
    Some(text)
}

fn attributes(set: &[u8]) -> Option<Vec<Attribute<'_>>> {
    value::all(set)?.into_iter().map(attribute).collect()
}

fn attribute(pair: Value<'_>) -> Option<Attribute<'_>> {
    match pair.within(tag::SEQUENCE)?.as_slice() {
        [kind, value] => Some(Attribute { kind: short_name(kind.object()?), value: *value }),
        _ => None,
    }
}

/// A value with what RFC 2253 wants escaped, within quotes where those will do.
fn quoted(value: &Value<'_>) -> String {
    let Some(text) = text(value) else {
        return format!("#{}", hex::upper(value.whole, ""));
    };
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '"' | '\\' => escaped.extend(['\\', character]),
            ' '..='~' => escaped.push(character),
            other => {
                let mut bytes = [0; 4];
                let bytes = other.encode_utf8(&mut bytes).as_bytes();
                escaped.extend(bytes.iter().map(|byte| format!("\\{byte:02X}")));
            }
        }
    }
    let within = text.contains([',', '+', '<', '>', ';']);
    if within || text.starts_with([' ', '#']) || text.ends_with(' ') {
        format!("\"{escaped}\"")
    } else {
        escaped
    }
}

/// A string of any kind as characters; `None` of what is no string.
pub(super) fn text(value: &Value<'_>) -> Option<String> {
    let latin1 = |bytes: &[u8]| bytes.iter().copied().map(char::from).collect();
    match value.tag {
        // UTF8String.
        0x0c => Some(String::from_utf8_lossy(value.content).into_owned()),
        // NumericString, PrintableString, IA5String, VisibleString and, as everybody meant it, T61String.
        0x12 | 0x13 | 0x14 | 0x16 | 0x1a => Some(latin1(value.content)),
        // UniversalString.
        0x1c => value.content.chunks_exact(4).map(|four| char::from_u32(be(four))).collect(),
        // BMPString.
        0x1e => value.content.chunks_exact(2).map(|two| char::from_u32(be(two))).collect(),
        _ => None,
    }
}

fn be(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |sum, byte| (sum << 8) | u32::from(*byte))
}
