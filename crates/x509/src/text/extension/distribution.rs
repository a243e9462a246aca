//! Where revocation lists are, and what one covers. Line ends are missing where OpenSSL misses them.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use super::super::general_name::{self, Directory};
use super::super::name;
use super::super::value::{self, Value, tag};

const REASONS: [&str; 9] = [
    "Unused",
    "Key Compromise",
    "CA Compromise",
    "Affiliation Changed",
    "Superseded",
    "Cessation Of Operation",
    "Certificate Hold",
    "Privilege Withdrawn",
    "AA Compromise",
];

/// CRLDistributionPoints (RFC 5280 section 4.2.1.13).
pub(super) fn points(value: Value<'_>, indent: usize) -> Option<String> {
    let points: Option<Vec<_>> =
        value.within(tag::SEQUENCE)?.into_iter().map(|value| point(value, indent)).collect();
    Some(points?.join("\n"))
}

fn point(value: Value<'_>, indent: usize) -> Option<String> {
    let mut text = String::new();
    for part in value.within(tag::SEQUENCE)? {
        text += &match part.tag {
            0xa0 => place(part.content, indent)?,
            0x81 => reasons("Reasons", part, indent)?,
            0xa2 => format!("{:indent$}CRL Issuer:\n{}", "", names(part.content, indent + 2)?),
            _ => return None,
        };
    }
    Some(text)
}

/// IssuingDistributionPoint (RFC 5280 section 5.2.5).
pub(super) fn issuing_point(value: Value<'_>, indent: usize) -> Option<String> {
    let mut text = String::new();
    let flag = |part: Value<'_>, name: &str| {
        if part.content == [0] { String::new() } else { format!("{:indent$}{name}\n", "") }
    };
    for part in value.within(tag::SEQUENCE)? {
        text += &match part.tag {
            0xa0 => place(part.content, indent)?,
            0x81 => flag(part, "Only User Certificates"),
            0x82 => flag(part, "Only CA Certificates"),
            0x83 => reasons("Only Some Reasons", part, indent)?,
            0x84 => flag(part, "Indirect CRL"),
            0x85 => flag(part, "Only Attribute Certificates"),
            _ => return None,
        };
    }
    Some(if text.is_empty() { format!("{:indent$}<EMPTY>\n", "") } else { text })
}

/// DistributionPointName.
fn place(content: &[u8], indent: usize) -> Option<String> {
    let place = value::one(content)?;
    match place.tag {
        0xa0 => Some(format!("{:indent$}Full Name:\n{}", "", names(place.content, indent + 2)?)),
        0xa1 => {
            let name = name::relative(place.content)?;
            Some(format!("{:indent$}Relative Name:\n{:inside$}{name}", "", "", inside = indent + 2))
        }
        _ => None,
    }
}

fn names(content: &[u8], indent: usize) -> Option<String> {
    let names = general_name::list(&value::all(content)?, Directory::Commas)?;
    Some(super::lines(names, indent))
}

fn reasons(title: &str, part: Value<'_>, indent: usize) -> Option<String> {
    let bits = part.bits(0x80 | part.tag & 0x1f)?;
    let set: Vec<_> =
        bits.into_iter().zip(REASONS).filter(|(is_set, _)| *is_set).map(|(_, name)| name).collect();
    let set = if set.is_empty() { "<EMPTY>".to_owned() } else { set.join(", ") };
    Some(format!("{:indent$}{title}:\n{:inside$}{set}\n", "", "", inside = indent + 2))
}
