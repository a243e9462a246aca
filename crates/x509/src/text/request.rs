//! A certification request.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912::ID_EXTENSION_REQ;
use der::{Any, Decode, Sequence};
use spki::SubjectPublicKeyInfoOwned;
use x509_cert::ext::Extensions;

use super::object::long_name;
use super::printable::printable;
use super::value::{self, Value, tag};
use super::{extensions, key, name, signature};
use crate::distinguished_name::DistinguishedName;
use crate::error::EncodingError;
use crate::signed::take_apart;

/// CertificationRequestInfo (RFC 2986 section 4.1).
#[derive(Sequence)]
struct Info {
    version: u8,
    subject: DistinguishedName,
    key_info: SubjectPublicKeyInfoOwned,
    attributes: Option<Any>,
}

/// A request as `openssl req -text -noout -reqopt ext_dump` shows it. Its signature is not verified.
pub fn request_text(der: &[u8]) -> Result<String, EncodingError> {
    let signed = take_apart(der)?;
    let info = Info::from_der(&signed.to_be_signed)?;
    let mut text = String::from("Certificate Request:\n    Data:\n");
    text += &format!("        Version: {} ({:#x})\n", u16::from(info.version) + 1, info.version);
    text += &format!("        Subject: {}\n", name::one_line(&info.subject));
    text += &key::public_key(&info.key_info);
    text += "        Attributes:\n";
    let attributes = info.attributes.as_ref().and_then(|any| value::all(any.value())).unwrap_or_default();
    if attributes.is_empty() {
        text += "            (none)\n";
    }
    let mut requested = Extensions::new();
    for attribute in attributes {
        let (kind, values) =
            parts(attribute).ok_or_else(|| EncodingError("an attribute is none".to_owned()))?;
        match kind {
            ID_EXTENSION_REQ => requested = extensions_of(&values).unwrap_or_default(),
            other => text += &attribute_lines(other, &values),
        }
    }
    text += "            Requested Extensions:\n";
    text += &extensions::list(&requested, 16);
    text += &signature::signature(&signed.algorithm, &signed.signature);
    Ok(text)
}

/// An attribute's kind and its set of values.
fn parts(attribute: Value<'_>) -> Option<(ObjectIdentifier, Vec<Value<'_>>)> {
    match attribute.within(tag::SEQUENCE)?.as_slice() {
        [kind, values] => Some((kind.object()?, values.within(tag::SET)?)),
        _ => None,
    }
}

fn extensions_of(values: &[Value<'_>]) -> Option<Extensions> {
    Extensions::from_der(values.first()?.whole).ok()
}

fn attribute_lines(kind: ObjectIdentifier, values: &[Value<'_>]) -> String {
    let kind = format!("            {:25}:", long_name(kind));
    let mut text = String::new();
    for value in values {
        let string = super::name::text(value);
        let string = string.map_or_else(|| "unable to print attribute".to_owned(), |text| printable(&text));
        text += &format!("{kind}{string}\n");
    }
    text
}
