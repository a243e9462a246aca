//! Distinguished names held against each other.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use der::{Encode, Tag, Tagged};
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::name::{Name, RelativeDistinguishedName};

/// Whether one name begins with all of another.
///
/// RFC 5280 section 7.1, for the strings that are in use: without regard to case and to spaces beyond one.
pub(super) fn is_beginning(base: &Name, name: &Name) -> bool {
    let folded = |name: &Name| -> Vec<Vec<(String, Vec<u8>)>> {
        let part = |attribute: &AttributeTypeAndValue| (attribute.oid.to_string(), folded(attribute));
        let set = |rdn: &RelativeDistinguishedName| {
            let mut parts: Vec<_> = rdn.iter().map(part).collect();
            parts.sort();
            parts
        };
        name.iter_rdn().map(set).collect()
    };
    folded(name).starts_with(&folded(base))
}

fn folded(attribute: &AttributeTypeAndValue) -> Vec<u8> {
    let value = &attribute.value;
    let text = match value.tag() {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String => std::str::from_utf8(value.value()).ok(),
        _ => None,
    };
    match text {
        Some(text) => text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase().into_bytes(),
        None => value.to_der().unwrap_or_default(),
    }
}
