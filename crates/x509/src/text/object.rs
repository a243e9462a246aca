//! What object identifiers are called by OpenSSL.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use const_oid::ObjectIdentifier;

/// Identifier, short name and long name, a line each: of `openssl list -objects` in version 3.0, what certificates
/// may have.
const OBJECTS: &str = include_str!("objects.txt");

/// Its long name, such as `X509v3 Key Usage`, or its numbers.
pub(crate) fn long_name(oid: ObjectIdentifier) -> String {
    names(oid).map_or_else(|| oid.to_string(), |(_, long)| long.to_owned())
}

/// Its short name, such as `CN`, or its numbers.
pub(crate) fn short_name(oid: ObjectIdentifier) -> String {
    names(oid).map_or_else(|| oid.to_string(), |(short, _)| short.to_owned())
}

fn names(oid: ObjectIdentifier) -> Option<(&'static str, &'static str)> {
    let oid = oid.to_string();
    OBJECTS.lines().find_map(|line| line.strip_prefix(oid.as_str())?.strip_prefix(' ')?.split_once(' '))
}
