//! Certification requests (PKCS#10, RFC 2986): what a party asks an authority to certify.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod draft;
mod error;
mod extensions;
#[cfg(test)]
mod tests;

use der::asn1::SetOfVec;
use der::{Decode, Encode, Header, Reader, Sequence, SliceReader};
use hermetic_keys::{PublicKey, SignatureAlgorithm};
use spki::SubjectPublicKeyInfoOwned;
use x509_cert::attr::Attribute;

pub use error::CertificationRequestError;

use crate::distinguished_name::DistinguishedName;
use crate::name::CanonicalName;
use crate::pem;
use crate::signed::{Signed, take_apart};
use crate::weak_key::weakness;
use extensions::Requested;

/// A request whose sender has shown that the key in it is theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificationRequest {
    der: Vec<u8>,
    subject: DistinguishedName,
    public_key: PublicKey,
    requested: Requested,
}

/// CertificationRequestInfo.
#[derive(Sequence)]
struct Info {
    version: u8,
    subject: DistinguishedName,
    public_key: SubjectPublicKeyInfoOwned,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    attributes: Option<SetOfVec<Attribute>>,
}

impl CertificationRequest {
    /// The largest that is read, in bytes, as in AWS Private CA.
    pub const LARGEST: usize = 32 * 1024;

    /// Reads a request, PEM or DER, and verifies its signature. An extension that is not known is passed
    /// over, unless it is critical.
    pub fn read(bytes: &[u8]) -> Result<Self, CertificationRequestError> {
        if bytes.len() > Self::LARGEST {
            return Err(CertificationRequestError::TooLarge(bytes.len()));
        }
        // Text does not begin with the tag of a SEQUENCE, `0`.
        if bytes.first() == Some(&0x30) { Self::from_der(bytes) } else { Self::from_der(&only_block(bytes)?) }
    }

    fn from_der(der: &[u8]) -> Result<Self, CertificationRequestError> {
        nothing_follows(der)?;
        let signed =
            take_apart(der).map_err(|error| CertificationRequestError::Malformed(error.to_string()))?;
        let info = read_info(&signed.to_be_signed)?;
        let public_key = PublicKey::new(info.public_key).map_err(CertificationRequestError::Key)?;
        weakness(&public_key).map_or(Ok(()), Err)?;
        let requested = Requested::read(info.attributes.as_ref())?;
        // Last, as it is what costs most.
        verify(&signed, &public_key)?;
        Ok(Self { der: der.to_vec(), subject: info.subject, public_key, requested })
    }

    /// The DER, as it was read.
    pub fn to_der(&self) -> &[u8] {
        &self.der
    }

    /// The request as a PEM block.
    pub fn to_pem(&self) -> String {
        pem::write("CERTIFICATE REQUEST", &self.der)
    }

    /// The subject, byte for byte. Which of it is certified is the profile's matter.
    pub fn subject(&self) -> &DistinguishedName {
        &self.subject
    }

    /// The key.
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// The alternative names that are asked for, in order.
    pub fn names(&self) -> &[CanonicalName] {
        &self.requested.names
    }

    /// Whether it asks for the certificate of an authority.
    pub fn is_for_an_authority(&self) -> bool {
        self.requested.constraints.as_ref().is_some_and(|constraints| constraints.ca)
    }

    /// The path length that it asks for.
    pub fn path_length(&self) -> Option<u8> {
        self.requested.constraints.as_ref().and_then(|constraints| constraints.path_len_constraint)
    }
}

fn only_block(text: &[u8]) -> Result<Vec<u8>, CertificationRequestError> {
    let mut blocks = pem::blocks(text).map_err(CertificationRequestError::Pem)?;
    match (blocks.pop(), blocks.len()) {
        (None, _) => Err(CertificationRequestError::NoRequest),
        // The second is what Netscape and Microsoft wrote (RFC 7468 section 7).
        (Some(block), 0) if ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"].contains(&&*block.label) => {
            Ok(block.der)
        }
        (Some(block), 0) => Err(CertificationRequestError::Label(block.label)),
        (Some(_), others) => Err(CertificationRequestError::Several(others + 1)),
    }
}

fn nothing_follows(der: &[u8]) -> Result<(), CertificationRequestError> {
    let malformed = |error: der::Error| CertificationRequestError::Malformed(error.to_string());
    let mut reader = SliceReader::new(der).map_err(malformed)?;
    let header = Header::decode(&mut reader).map_err(malformed)?;
    let behind = u32::from(reader.remaining_len()).checked_sub(header.length().into());
    match behind.map(usize::try_from) {
        None | Some(Ok(0)) => Ok(()),
        Some(behind) => Err(CertificationRequestError::TrailingBytes(behind.unwrap_or(usize::MAX))),
    }
}

fn read_info(der: &[u8]) -> Result<Info, CertificationRequestError> {
    let malformed = |error: der::Error| CertificationRequestError::Malformed(error.to_string());
    let info = Info::from_der(der).map_err(malformed)?;
    if info.version != 0 {
        return Err(CertificationRequestError::Version(info.version));
    }
    // A name is never written anew, so its sets are looked at apart.
    let is_canonical = info.to_der().is_ok_and(|again| again == der)
        && info.subject.parsed().to_der().is_ok_and(|again| info.subject.to_der() == Ok(again));
    if is_canonical { Ok(info) } else { Err(CertificationRequestError::NotDer) }
}

fn verify(signed: &Signed, key: &PublicKey) -> Result<(), CertificationRequestError> {
    let algorithm = SignatureAlgorithm::of_identifier(&signed.algorithm)
        .ok_or(CertificationRequestError::SignatureAlgorithm(signed.algorithm.oid))?;
    if key.verifies(algorithm, &signed.to_be_signed, &signed.signature) {
        Ok(())
    } else {
        Err(CertificationRequestError::BrokenSignature)
    }
}
