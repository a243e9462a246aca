//! What the attributes of a subject may be (RFC 5280 section 4.1.2.4 and appendix A).
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use const_oid::ObjectIdentifier;
use const_oid::db::DB;
use const_oid::db::rfc3280::EMAIL_ADDRESS;
use const_oid::db::rfc4519::{CN, COUNTRY_NAME, L, O, OU, SERIAL_NUMBER, ST, TITLE};
use der::asn1::{PrintableStringRef, Utf8StringRef};
use der::{Tag, Tagged};
use x509_cert::attr::AttributeTypeAndValue;

use crate::distinguished_name::DistinguishedName;

/// How long an attribute may be, in characters.
const LONGEST: [(ObjectIdentifier, usize); 8] =
    [(CN, 64), (SERIAL_NUMBER, 64), (COUNTRY_NAME, 2), (L, 128), (ST, 128), (O, 64), (OU, 64), (TITLE, 64)];

/// The kinds of strings that may no longer be written, in any attribute (RFC 5280 section 4.1.2.4).
const OLD_STRINGS: [Tag; 2] = [Tag::TeletexString, Tag::BmpString];

/// What is wrong with a subject.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SubjectFault {
    /// An attribute says nothing.
    #[error("{} in the subject is empty", name(.0))]
    Empty(ObjectIdentifier),
    /// An attribute is longer than clients read.
    #[error("{} in the subject has more than {longest} characters", name(.oid))]
    Long {
        /// Which.
        oid: ObjectIdentifier,
        /// How long it may be.
        longest: usize,
    },
    /// An attribute is written in a kind of string that may no longer be written.
    #[error("{} in the subject is no UTF8String or PrintableString", name(.0))]
    String(ObjectIdentifier),
    /// The code of a country is of another kind of string than the rest (RFC 5280 appendix A.1).
    #[error("{} in the subject is no PrintableString", name(.0))]
    Printable(ObjectIdentifier),
    /// Addresses belong into the alternative names (RFC 5280 section 4.1.2.6).
    #[error("an e-mail address stands in the subject; leave it out")]
    EmailAddress,
}

/// All that is wrong with a subject.
pub(crate) fn faults(subject: &DistinguishedName) -> Vec<SubjectFault> {
    subject.parsed().iter().filter_map(fault).collect()
}

fn fault(attribute: &AttributeTypeAndValue) -> Option<SubjectFault> {
    let oid = attribute.oid;
    if oid == EMAIL_ADDRESS {
        return Some(SubjectFault::EmailAddress);
    }
    if OLD_STRINGS.contains(&attribute.value.tag()) {
        return Some(SubjectFault::String(oid));
    }
    let longest = LONGEST.iter().find(|(known, _)| *known == oid).map(|(_, longest)| *longest)?;
    let Some(text) = text(attribute) else { return Some(SubjectFault::String(oid)) };
    if oid == COUNTRY_NAME && attribute.value.tag() != Tag::PrintableString {
        return Some(SubjectFault::Printable(oid));
    }
    match text.chars().count() {
        0 => Some(SubjectFault::Empty(oid)),
        length if length > longest => Some(SubjectFault::Long { oid, longest }),
        _ => None,
    }
}

/// The text of an attribute, if it is one of the strings that may be written.
pub(crate) fn text(attribute: &AttributeTypeAndValue) -> Option<&str> {
    let utf8 = attribute.value.decode_as::<Utf8StringRef<'_>>().map(|text| text.as_str());
    utf8.or_else(|_| attribute.value.decode_as::<PrintableStringRef<'_>>().map(|text| text.as_str())).ok()
}

fn name(oid: &ObjectIdentifier) -> String {
    DB.by_oid(oid).map_or_else(|| oid.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_that_may_not_be_written_are_told() {
        let found = |subject: &str| faults(&subject.parse().unwrap());
        assert_eq!(found("CN=shop.example.com,O=Example,C=DE"), []);
        assert_eq!(found(""), []);
        assert_eq!(found(&format!("CN={}", "a".repeat(65))), [SubjectFault::Long { oid: CN, longest: 64 }]);
        assert_eq!(found(&format!("CN={}", "ä".repeat(64))), []);
        assert_eq!(found("2.5.4.3=#0c00"), [SubjectFault::Empty(CN)]);
        assert_eq!(found("2.5.4.3=#140161,O=Example"), [SubjectFault::String(CN)]);
        assert_eq!(found("2.5.4.6=#0c024445"), [SubjectFault::Printable(COUNTRY_NAME)]);
        assert_eq!(found("2.5.4.9=#1e020041").len(), 1, "a street as a BMPString");
        assert_eq!(found("1.2.840.113549.1.9.1=#1603614062"), [SubjectFault::EmailAddress]);
    }
}
