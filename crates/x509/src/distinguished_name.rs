//! The name of a subject or an issuer.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::fmt;
use std::str::FromStr;

use der::asn1::AnyRef;
use der::{Decode, DecodeValue, Encode, EncodeValue, FixedTag, Header, Length, Reader, Tag, Writer};
use x509_cert::name::Name;

use crate::error::EncodingError;

/// A distinguished name (RFC 5280 section 4.1.2.4), byte for byte as it was read.
///
/// It is never encoded anew: another order of a set or another kind of string is another name, and a
/// certificate under it does not verify (rustls/rcgen#59).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct DistinguishedName {
    /// What stands within the outermost SEQUENCE.
    content: Vec<u8>,
    parsed: Name,
}

impl DistinguishedName {
    /// Reads the DER of a Name.
    pub fn from_der(der: &[u8]) -> Result<Self, EncodingError> {
        Ok(Decode::from_der(der)?)
    }

    /// The DER, as it was read.
    pub fn to_der(&self) -> Result<Vec<u8>, EncodingError> {
        Ok(Encode::to_der(self)?)
    }

    /// Whether it names nobody.
    pub fn is_empty(&self) -> bool {
        self.content.is_empty()
    }

    /// Its parts. To compare or write the name, use the bytes.
    pub fn parsed(&self) -> &Name {
        &self.parsed
    }
}

impl FixedTag for DistinguishedName {
    const TAG: Tag = Tag::Sequence;
}

impl<'a> DecodeValue<'a> for DistinguishedName {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, header: Header) -> der::Result<Self> {
        let content = AnyRef::decode_value(reader, header)?.value().to_vec();
        let mut rest = der::SliceReader::new(&content)?;
        let parsed = Name::decode_value(&mut rest, header)?;
        rest.finish()?;
        Ok(Self { content, parsed })
    }
}

impl EncodeValue for DistinguishedName {
    fn value_len(&self) -> der::Result<Length> {
        self.content.len().try_into()
    }

    fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
        writer.write(&self.content)
    }
}

/// As RFC 4514 writes it, such as `CN=Example root,O=Example`; nothing for the name of nobody.
impl FromStr for DistinguishedName {
    type Err = EncodingError;

    fn from_str(text: &str) -> Result<Self, EncodingError> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        Self::from_der(&text.parse::<Name>()?.to_der()?)
    }
}

impl fmt::Display for DistinguishedName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parsed.fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `CN=abc + O=b` with the parts of its one set in the wrong order, as some authorities write it.
    const UNSORTED: &[u8] = b"\x30\x18\x31\x16\
        \x30\x0a\x06\x03\x55\x04\x03\x0c\x03abc\
        \x30\x08\x06\x03\x55\x04\x0a\x0c\x01b";

    #[test]
    fn a_name_with_its_sets_out_of_order_stays_as_it_is() {
        let name = DistinguishedName::from_der(UNSORTED).unwrap();
        assert_eq!(name.to_der().unwrap(), UNSORTED);
        assert_ne!(name.parsed().to_der().unwrap(), UNSORTED);
    }

    #[test]
    fn a_name_is_read_as_rfc_4514_writes_it() {
        let name: DistinguishedName = "CN=Example root,O=Example".parse().unwrap();
        assert_eq!(name.to_string(), "CN=Example root,O=Example");
    }
}
