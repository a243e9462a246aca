//! How something is signed, and the signature.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use const_oid::ObjectIdentifier;
use spki::AlgorithmIdentifierOwned;

use super::hex;
use super::key;
use super::object::long_name;
use super::value::{self, Value, tag};

const RSASSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");

const INDENT: usize = 8;

/// The way of signing, as it stands within what is signed.
pub(super) fn algorithm(identifier: &AlgorithmIdentifierOwned) -> String {
    format!("Signature Algorithm: {}{}\n", key::kind(identifier.oid), parameters(identifier))
}

/// The way of signing and the signature, as they stand behind.
pub(super) fn signature(identifier: &AlgorithmIdentifierOwned, signature: &[u8]) -> String {
    let name = key::kind(identifier.oid);
    let value = hex::lines(signature, 18, INDENT);
    let parameters = parameters(identifier);
    format!("    Signature Algorithm: {name}\n    Signature Value:{parameters}\n{value}")
}

/// RSASSA-PSS-params (RFC 4055 section 3.1), each with its default.
fn parameters(identifier: &AlgorithmIdentifierOwned) -> String {
    if identifier.oid != RSASSA_PSS {
        return String::new();
    }
    let within = identifier.parameters.as_ref().and_then(|any| value::all(any.value())).unwrap_or_default();
    let field = |number: u8| within.iter().find(|value| value.tag == 0xa0 | number);
    let inner = |number: u8| field(number).and_then(|value| value::one(value.content));
    let hash = inner(0).and_then(first_object).map_or_else(|| "sha1 (default)".to_owned(), long_name);
    let mask = inner(1).and_then(mask).unwrap_or_else(|| "mgf1 with sha1 (default)".to_owned());
    let hexadecimal = |value: Value<'_>| hex::number(value.content, "");
    let salt = inner(2).map_or_else(|| "14 (default)".to_owned(), hexadecimal);
    let trailer = inner(3).map_or_else(|| "01 (default)".to_owned(), hexadecimal);
    let blank = " ".repeat(INDENT);
    format!(
        "{blank}\n{blank}Hash Algorithm: {hash}\n{blank}Mask Algorithm: {mask}\n{blank} Salt Length: 0x{salt}\n\
         {blank}Trailer Field: 0x{trailer}"
    )
}

/// A mask generation function and the hash in it.
fn mask(identifier: Value<'_>) -> Option<String> {
    let parts = identifier.within(tag::SEQUENCE)?;
    let [function, hash] = parts.as_slice() else { return None };
    Some(format!("{} with {}", long_name(function.object()?), long_name(first_object(*hash)?)))
}

fn first_object(identifier: Value<'_>) -> Option<ObjectIdentifier> {
    identifier.within(tag::SEQUENCE)?.first()?.object()
}
