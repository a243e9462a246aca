//! The bags of PKCS#12 (RFC 7292 section 4.2), each with one thing in it.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use der::asn1::{AnyRef, OctetStringRef};
use der::{Decode, Encode, Reader, SliceReader, Tag, Tagged};
use zeroize::Zeroizing;

use super::asn1::{
    Attribute, CERTIFICATE, CertBag, EncryptedKey, FRIENDLY_NAME, KEY, LOCAL_KEY_ID, SAFE_CONTENTS,
    SHROUDED_KEY, SafeBag, X509_CERTIFICATE,
};
use super::encryption::Encryption;
use super::{CertificateBag, KeyBag, Label, ber, broken};
use crate::material::MaterialError;

/// Bags within bags; nobody writes any.
const DEEPEST: usize = 4;

/// A bag that matters here.
pub(super) enum Bag {
    Certificate(CertificateBag),
    Key(KeyBag),
    EncryptedKey { encryption: Encryption, bytes: Vec<u8>, label: Label },
}

/// Reads SafeContents.
pub(super) fn read(contents: &[u8]) -> Result<Vec<Bag>, MaterialError> {
    let (der, _) = ber::to_der(contents).ok_or_else(|| broken("its bags are damaged"))?;
    let mut bags = Vec::new();
    collect(&Vec::from_der(&der)?, &mut bags, DEEPEST)?;
    Ok(bags)
}

fn collect(safe: &[SafeBag<'_>], bags: &mut Vec<Bag>, depth: usize) -> Result<(), MaterialError> {
    let depth = depth.checked_sub(1).ok_or_else(|| broken("its bags are nested too deep"))?;
    for bag in safe {
        let label = bag.attributes.map(Label::read).unwrap_or_default();
        match bag.kind {
            KEY => bags.push(Bag::Key(KeyBag { pkcs8: Zeroizing::new(bag.value.to_der()?), label })),
            SHROUDED_KEY => {
                let key: EncryptedKey<'_> = bag.value.decode_as()?;
                let encryption = Encryption::read(&key.algorithm)?;
                bags.push(Bag::EncryptedKey { encryption, bytes: key.bytes.as_bytes().to_vec(), label });
            }
            CERTIFICATE => {
                let CertBag { kind, value } = bag.value.decode_as()?;
                if kind == X509_CERTIFICATE {
                    let der = value.decode_as::<&OctetStringRef>()?.as_bytes().to_vec();
                    bags.push(Bag::Certificate(CertificateBag { der, label }));
                }
            }
            SAFE_CONTENTS => collect(&bag.value.decode_as::<Vec<SafeBag<'_>>>()?, bags, depth)?,
            // CRLs and secrets.
            _ => {}
        }
    }
    Ok(())
}

impl Label {
    /// Reads a set of attributes; what can't be read is only a name, and left out.
    fn read(attributes: AnyRef<'_>) -> Self {
        let mut label = Self::default();
        for Attribute { kind, values } in members::<Attribute<'_>>(attributes) {
            let Some(value) = members::<AnyRef<'_>>(values).next() else { continue };
            match kind {
                FRIENDLY_NAME => label.friendly_name = text(value),
                LOCAL_KEY_ID => label.local_key_id = Some(value.value().to_vec()),
                _ => {}
            }
        }
        label
    }
}

/// A BMPString, read as UTF-16, which it is in practice.
fn text(name: AnyRef<'_>) -> Option<String> {
    let units: Vec<u16> = name
        .value()
        .chunks_exact(2)
        .map(|pair| pair.iter().fold(0, |unit, byte| unit << 8 | u16::from(*byte)))
        .collect();
    (name.tag() == Tag::BmpString).then(|| String::from_utf16_lossy(&units))
}

/// The members of a set in whatever order it has; DER's own reader wants them sorted, and BER is not.
fn members<'a, T: Decode<'a> + 'a>(set: AnyRef<'a>) -> impl Iterator<Item = T> + 'a {
    let mut reader = SliceReader::new(set.value()).ok().filter(|_| set.tag() == Tag::Set);
    std::iter::from_fn(move || {
        let reader = reader.as_mut().filter(|reader| !reader.is_finished())?;
        T::decode(reader).ok()
    })
}
