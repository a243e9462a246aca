//! Values of ASN.1 as bytes, taken apart without any opinion on what they should be.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use const_oid::ObjectIdentifier;

/// Universal tags that are looked for.
pub(super) mod tag {
    pub(in crate::text) const BOOLEAN: u8 = 0x01;
    pub(in crate::text) const INTEGER: u8 = 0x02;
    pub(in crate::text) const BIT_STRING: u8 = 0x03;
    pub(in crate::text) const OCTET_STRING: u8 = 0x04;
    pub(in crate::text) const OBJECT: u8 = 0x06;
    pub(in crate::text) const ENUMERATED: u8 = 0x0a;
    pub(in crate::text) const SEQUENCE: u8 = 0x30;
    pub(in crate::text) const SET: u8 = 0x31;
}

/// One value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Value<'a> {
    pub(super) tag: u8,
    pub(super) content: &'a [u8],
    /// Tag, length and content.
    pub(super) whole: &'a [u8],
}

/// The one value that these bytes are.
pub(super) fn one(bytes: &[u8]) -> Option<Value<'_>> {
    let (value, rest) = first(bytes)?;
    rest.is_empty().then_some(value)
}

/// The values that these bytes are, one behind the other.
pub(super) fn all(mut bytes: &[u8]) -> Option<Vec<Value<'_>>> {
    let mut values = Vec::new();
    while !bytes.is_empty() {
        let (value, rest) = first(bytes)?;
        values.push(value);
        bytes = rest;
    }
    Some(values)
}

fn first(bytes: &[u8]) -> Option<(Value<'_>, &[u8])> {
    let [tag, length, rest @ ..] = bytes else { return None };
    let octets = if *length > 0x80 { usize::from(length & 0x7f) } else { 0 };
    let (octets, rest) = rest.split_at_checked(octets)?;
    let length = if octets.is_empty() {
        usize::from(*length)
    } else {
        octets
            .iter()
            .try_fold(0_usize, |sum, octet| sum.checked_mul(256)?.checked_add(usize::from(*octet)))?
    };
    let (content, rest) = rest.split_at_checked(length)?;
    let whole = bytes.get(..bytes.len() - rest.len())?;
    // Tags of several bytes and lengths that are open-ended are in nothing that is read here.
    (tag & 0x1f != 0x1f && (!octets.is_empty() || length < 0x80))
        .then_some((Value { tag: *tag, content, whole }, rest))
}

impl<'a> Value<'a> {
    /// What stands within, where it has this tag.
    pub(super) fn within(self, tag: u8) -> Option<Vec<Value<'a>>> {
        all(self.bytes(tag)?)
    }

    /// Its content, where it has this tag.
    pub(super) fn bytes(self, tag: u8) -> Option<&'a [u8]> {
        (self.tag == tag).then_some(self.content)
    }

    /// An object identifier.
    pub(super) fn object(self) -> Option<ObjectIdentifier> {
        ObjectIdentifier::from_bytes(self.bytes(tag::OBJECT)?).ok()
    }

    /// The bits of a BIT STRING, the first first.
    pub(super) fn bits(self, tag: u8) -> Option<Vec<bool>> {
        let (unused, bytes) = self.bytes(tag)?.split_first()?;
        let bits = bytes.iter().flat_map(|byte| (0..8).map(move |bit| byte & (0x80 >> bit) != 0));
        Some(bits.take((bytes.len() * 8).saturating_sub(usize::from(*unused))).collect())
    }
}

/// A number in two's complement as OpenSSL writes it: decimal below 128 bits, hexadecimal above.
pub(super) fn number(content: &[u8]) -> String {
    let negative = content.first().is_some_and(|byte| byte & 0x80 != 0);
    let magnitude = if negative { negated(content) } else { content.to_vec() };
    let significant: Vec<u8> = magnitude.into_iter().skip_while(|byte| *byte == 0).collect();
    let sign = if negative { "-" } else { "" };
    if significant.len() < 16
        || significant.len() == 16 && significant.first().is_some_and(|byte| *byte < 0x80)
    {
        let value = significant.iter().fold(0_u128, |sum, byte| (sum << 8) | u128::from(*byte));
        format!("{sign}{value}")
    } else {
        format!("{sign}0x{}", super::hex::upper(&significant, ""))
    }
}

/// The magnitude of a negative number.
pub(super) fn negated(content: &[u8]) -> Vec<u8> {
    let mut carry = true;
    let mut magnitude: Vec<u8> = content
        .iter()
        .rev()
        .map(|byte| {
            let (sum, overflow) = (!byte).overflowing_add(u8::from(carry));
            carry = overflow;
            sum
        })
        .collect();
    magnitude.reverse();
    magnitude
}
