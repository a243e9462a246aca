//! Reading a list back.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::BTreeMap;

use const_oid::db::rfc5280::{ID_CE_AUTHORITY_KEY_IDENTIFIER, ID_CE_CRL_NUMBER, ID_CE_DELTA_CRL_INDICATOR};
use const_oid::{AssociatedOid, ObjectIdentifier};
use der::asn1::{SequenceRef, UintRef};
use der::{Decode, DecodeValue, Reader, Sequence, SliceReader};
use hermetic_keys::SignatureAlgorithm;
use hermetic_tls::Serial;
use jiff::Timestamp;
use spki::AlgorithmIdentifierOwned;
use x509_cert::ext::pkix::AuthorityKeyIdentifier;
use x509_cert::ext::pkix::crl::{CrlNumber, CrlReason};
use x509_cert::ext::{Extension, Extensions};
use x509_cert::time::Time;

use super::scope::ISSUING_DISTRIBUTION_POINT;
use super::{ListNumber, Scope};
use crate::certificate::AuthorityCertificate;
use crate::distinguished_name::DistinguishedName;
use crate::error::EncodingError;
use crate::revocation::RevocationReason;
use crate::signed::{Signed, take_apart};
use crate::time::instant;

/// The longest list that is read, in bytes: more than a million entries.
pub const LONGEST_LIST: usize = 64 * 1024 * 1024;

/// A list, ours or another's. Who signed it is not known before it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationList {
    issuer: DistinguishedName,
    issuer_key: Vec<u8>,
    scope: Scope,
    number: ListNumber,
    this_update: Timestamp,
    next_update: Timestamp,
    revoked: BTreeMap<Serial, ListedRevocation>,
    signed: Signed,
}

/// An entry of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListedRevocation {
    /// Since when the certificate is revoked.
    pub at: Timestamp,
    /// Why; `None` where the reason is one that can be taken back (certificateHold).
    pub reason: Option<RevocationReason>,
}

/// Why a list is not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RevocationListError {
    /// It is too long.
    #[error("a revocation list of {0} bytes is not read; up to {LONGEST_LIST} are")]
    Long(usize),
    /// It is no CertificateList in DER.
    #[error("the revocation list can't be read: {0}")]
    Malformed(#[from] EncodingError),
    /// It has no extensions, and so can't say what it is.
    #[error("the revocation list is of version 1; ask its issuer for version 2 (RFC 5280)")]
    Version1,
    /// It holds for ever, as far as it says.
    #[error("the revocation list does not say when the next one comes")]
    NoNextUpdate,
    /// It lacks an extension that every list must have (RFC 5280 sections 5.2.1 and 5.2.3).
    #[error("the revocation list has no {0}, which RFC 5280 demands")]
    Lacks(&'static str),
    /// Its number is longer than those that are counted here.
    #[error("the revocation list has a number of more than 64 bits")]
    Number,
    /// It speaks for some kinds of certificates only, for some reasons, or for other issuers.
    #[error("the revocation list covers a part of its issuer's certificates that is not told by an address")]
    Partial,
    /// An extension that we don't know changes what it means.
    #[error("the revocation list has the critical extension {0}, which is not known here")]
    Critical(String),
    /// It has what changed since another list only (RFC 5280 section 5.2.4).
    #[error("the revocation list has only what changed since another; ask its issuer for the complete one")]
    Delta,
    /// Something is there twice.
    #[error("the revocation list has {0} twice")]
    Twice(String),
    /// Its two statements of how it was signed differ.
    #[error("the revocation list says in two ways how it was signed")]
    Algorithms,
}

/// TBSCertList (RFC 5280 section 5.1).
#[derive(DecodeValue)]
struct TbsCertList<'a> {
    version: Option<u8>,
    signature: AlgorithmIdentifierOwned,
    issuer: DistinguishedName,
    this_update: Time,
    next_update: Option<Time>,
    revoked_certificates: Option<&'a SequenceRef>,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    crl_extensions: Option<Extensions>,
}

impl<'a> Sequence<'a> for TbsCertList<'a> {}

/// An entry of revokedCertificates.
#[derive(Sequence)]
struct RevokedCertificate<'a> {
    user_certificate: UintRef<'a>,
    revocation_date: Time,
    crl_entry_extensions: Option<Extensions>,
}

impl RevocationList {
    /// Reads the DER of a list. Delta lists are refused: alone they say too little.
    pub fn read(der: &[u8]) -> Result<Self, RevocationListError> {
        if der.len() > LONGEST_LIST {
            return Err(RevocationListError::Long(der.len()));
        }
        let signed = take_apart(der)?;
        let list = TbsCertList::from_der(&signed.to_be_signed)?;
        if list.version != Some(1) {
            return Err(RevocationListError::Version1);
        }
        if list.signature != signed.algorithm {
            return Err(RevocationListError::Algorithms);
        }
        let extensions = list.crl_extensions.unwrap_or_default();
        let known = [ID_CE_AUTHORITY_KEY_IDENTIFIER, ID_CE_CRL_NUMBER, ISSUING_DISTRIBUTION_POINT];
        // Whoever forgot to mark it critical did not mean a complete list either.
        if extensions.iter().any(|extension| extension.extn_id == ID_CE_DELTA_CRL_INDICATOR) {
            return Err(RevocationListError::Delta);
        }
        understood(&extensions, &known)?;
        let find = |id| extensions.iter().find(|extension| extension.extn_id == id);
        let scope = find(ISSUING_DISTRIBUTION_POINT).map(Scope::of_extension);
        Ok(Self {
            issuer_key: issuer_key(find(ID_CE_AUTHORITY_KEY_IDENTIFIER))?,
            scope: scope.unwrap_or(Ok(Scope::Complete))?,
            number: number(find(ID_CE_CRL_NUMBER))?,
            this_update: instant(list.this_update),
            next_update: instant(list.next_update.ok_or(RevocationListError::NoNextUpdate)?),
            revoked: entries(list.revoked_certificates)?,
            issuer: list.issuer,
            signed,
        })
    }

    /// Who issued it, as it says.
    pub fn issuer(&self) -> &DistinguishedName {
        &self.issuer
    }

    /// The identifier of the key that signed it, as it says.
    pub fn issuer_key(&self) -> &[u8] {
        &self.issuer_key
    }

    /// Which certificates it speaks for.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Its number.
    pub fn number(&self) -> ListNumber {
        self.number
    }

    /// When it was made.
    pub fn this_update(&self) -> Timestamp {
        self.this_update
    }

    /// From when on it says nothing any more.
    pub fn next_update(&self) -> Timestamp {
        self.next_update
    }

    /// What is revoked.
    pub fn revoked(&self) -> &BTreeMap<Serial, ListedRevocation> {
        &self.revoked
    }

    /// Whether this authority issued and signed it.
    pub fn is_signed_by(&self, authority: &AuthorityCertificate) -> bool {
        let Signed { to_be_signed, algorithm, signature } = &self.signed;
        self.issuer == *authority.subject()
            && SignatureAlgorithm::of_identifier(algorithm)
                .is_some_and(|algorithm| authority.key().verifies(algorithm, to_be_signed, signature))
    }
}

fn issuer_key(extension: Option<&Extension>) -> Result<Vec<u8>, RevocationListError> {
    let lacks = || RevocationListError::Lacks("identifier of its issuer's key");
    let extension = extension.ok_or_else(lacks)?;
    let identifier = AuthorityKeyIdentifier::from_der(extension.extn_value.as_bytes())?.key_identifier;
    Ok(identifier.ok_or_else(lacks)?.into_bytes().into_vec())
}

fn number(extension: Option<&Extension>) -> Result<ListNumber, RevocationListError> {
    let extension = extension.ok_or(RevocationListError::Lacks("number"))?;
    let CrlNumber(number) = CrlNumber::from_der(extension.extn_value.as_bytes())?;
    let bytes = number.as_bytes();
    let mut padded = [0; 8];
    let place = padded.len().checked_sub(bytes.len()).and_then(|zeros| padded.get_mut(zeros..));
    place.ok_or(RevocationListError::Number)?.copy_from_slice(bytes);
    Ok(ListNumber::new(u64::from_be_bytes(padded)))
}

/// One by one, so that a long list is not in memory twice.
fn entries(list: Option<&SequenceRef>) -> Result<BTreeMap<Serial, ListedRevocation>, RevocationListError> {
    let mut revoked = BTreeMap::new();
    let Some(list) = list else { return Ok(revoked) };
    let mut rest = SliceReader::new(list.as_bytes())?;
    while !rest.is_finished() {
        let entry = RevokedCertificate::decode(&mut rest)?;
        let extensions = entry.crl_entry_extensions.unwrap_or_default();
        understood(&extensions, &[CrlReason::OID])?;
        let reason = extensions.iter().find(|extension| extension.extn_id == CrlReason::OID);
        let reason = reason.map(|reason| CrlReason::from_der(reason.extn_value.as_bytes())).transpose()?;
        let revocation = ListedRevocation {
            at: instant(entry.revocation_date),
            reason: match reason {
                None => Some(RevocationReason::Unspecified),
                Some(reason) => RevocationReason::of_code(reason as u8),
            },
        };
        let serial = Serial::from_bytes(entry.user_certificate.as_bytes());
        if revoked.insert(serial.clone(), revocation).is_some() {
            return Err(RevocationListError::Twice(format!("the serial {serial}")));
        }
    }
    Ok(revoked)
}

/// Section 5.2: with a critical extension that we don't know, it may mean anything.
fn understood(extensions: &[Extension], known: &[ObjectIdentifier]) -> Result<(), RevocationListError> {
    for (place, extension) in extensions.iter().enumerate() {
        let id = extension.extn_id;
        if extension.critical && !known.contains(&id) {
            return Err(RevocationListError::Critical(id.to_string()));
        }
        if known.contains(&id) && extensions.iter().take(place).any(|before| before.extn_id == id) {
            return Err(RevocationListError::Twice(format!("the extension {id}")));
        }
    }
    Ok(())
}

impl From<der::Error> for RevocationListError {
    fn from(error: der::Error) -> Self {
        Self::Malformed(error.into())
    }
}
