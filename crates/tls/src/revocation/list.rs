//! One certificate revocation list (CRL), read once at the border (RFC 5280 section 5).
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use der::asn1::{AnyRef, BitStringRef};
use der::{Decode, Encode, Sequence, Tag, Tagged};
use jiff::Timestamp;
use rustls::pki_types::CertificateRevocationListDer;
use rustls::pki_types::pem::PemObject;
use x509_cert::crl::TbsCertList;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::crl::IssuingDistributionPoint;

use super::path::Link;
use super::place::ListPlace;
use super::signer::{IssuerId, Signer};
use crate::certificate::{Serial, timestamp};
use crate::error::RevocationListError;

/// The tag of a SEQUENCE.
const SEQUENCE: u8 = 0x30;

/// The extension that marks a delta CRL (RFC 5280 section 5.2.4).
const DELTA_CRL_INDICATOR: &str = "2.5.29.27";

/// The extension that says what a CRL covers (RFC 5280 section 5.2.5).
const ISSUING_DISTRIBUTION_POINT: &str = "2.5.29.28";

/// A CRL of one issuer, complete or one of several that make a whole. Clones share it.
#[derive(Clone)]
pub struct RevocationList(Arc<Facts>);

struct Facts {
    source: String,
    issuer: String,
    /// The issuer's name in DER, without its outer tag.
    name: Box<[u8]>,
    this_update: Timestamp,
    next_update: Timestamp,
    revoked: HashSet<Serial>,
    /// Where certificates say that this list is; `None` where it speaks for all of its issuer's.
    places: Option<Vec<ListPlace>>,
    signed: Signed,
    /// Who signed it, once that is known. Before, it says nothing about anybody.
    signer: OnceLock<IssuerId>,
}

/// What the issuer signed, and how.
struct Signed {
    bytes: Box<[u8]>,
    /// The `AlgorithmIdentifier`, without its outer tag.
    algorithm: Box<[u8]>,
    signature: Box<[u8]>,
}

/// `CertificateList`, with what was signed left as it came.
#[derive(Sequence)]
struct CertificateList<'a> {
    signed: AnyRef<'a>,
    algorithm: AnyRef<'a>,
    signature: BitStringRef<'a>,
}

impl RevocationList {
    /// Reads all CRLs of a PEM text, or the one of DER bytes. `source` is what errors call the place that
    /// they came from, such as a file's path.
    pub fn read(bytes: &[u8], source: &str) -> Result<Vec<Self>, RevocationListError> {
        if bytes.first() == Some(&SEQUENCE) {
            return Ok(vec![Self::from_der(bytes, source)?]);
        }
        let mut lists = Vec::new();
        for der in CertificateRevocationListDer::pem_slice_iter(bytes) {
            let der = der.map_err(|error| RevocationListError::Pem(error.to_string()))?;
            lists.push(Self::from_der(&der, source)?);
        }
        if lists.is_empty() { Err(RevocationListError::Missing) } else { Ok(lists) }
    }

    fn from_der(der: &[u8], source: &str) -> Result<Self, RevocationListError> {
        let list = CertificateList::from_der(der).map_err(malformed)?;
        // `TBSCertList` begins with its version unless that is 1.
        if list.signed.value().first() == Some(&SEQUENCE) {
            return Err(RevocationListError::Version1);
        }
        let bytes = list.signed.to_der().map_err(malformed)?;
        let tbs: TbsCertList = TbsCertList::from_der(&bytes).map_err(malformed)?;
        if tbs.signature.to_der().map_err(malformed)? != list.algorithm.to_der().map_err(malformed)? {
            let reason = "its two statements of the signature algorithm differ";
            return Err(RevocationListError::Malformed(reason.to_owned()));
        }
        let places = scope(tbs.crl_extensions.as_deref().unwrap_or_default())?;
        let next_update = tbs.next_update.ok_or(RevocationListError::NoNextUpdate)?;
        let entries = tbs.revoked_certificates.as_deref().unwrap_or_default();
        for entry in entries {
            entry.crl_entry_extensions.as_deref().unwrap_or_default().iter().try_for_each(is_understood)?;
        }
        let name = tbs.issuer.to_der().map_err(malformed)?;
        Ok(Self(Arc::new(Facts {
            source: source.to_owned(),
            issuer: tbs.issuer.to_string(),
            name: contents(&name).map_err(malformed)?.into(),
            this_update: timestamp(tbs.this_update),
            next_update: timestamp(next_update),
            revoked: entries.iter().map(|entry| Serial::from_bytes(entry.serial_number.as_bytes())).collect(),
            places,
            signed: Signed {
                bytes: bytes.into(),
                algorithm: list.algorithm.value().into(),
                signature: list.signature.as_bytes().ok_or_else(odd_signature)?.into(),
            },
            signer: OnceLock::new(),
        })))
    }

    /// Where it came from, as errors tell it.
    pub fn source(&self) -> &str {
        &self.0.source
    }

    /// Its issuer, as RFC 4514 writes it.
    pub fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// When it was issued.
    pub fn this_update(&self) -> Timestamp {
        self.0.this_update
    }

    /// From when on it is stale.
    pub fn next_update(&self) -> Timestamp {
        self.0.next_update
    }

    /// How many certificates it revokes.
    pub fn revoked(&self) -> usize {
        self.0.revoked.len()
    }

    pub(super) fn revokes(&self, link: &Link) -> bool {
        self.0.revoked.contains(&link.certificate.serial)
    }

    /// Whether its issuer is known to have signed it, and it is the one that this certificate points to.
    pub(super) fn covers(&self, link: &Link) -> bool {
        let points_here = |places: &Vec<ListPlace>| places.iter().any(|place| link.lists.contains(place));
        self.0.signer.get() == Some(&link.certificate.issuer)
            && self.0.places.as_ref().is_none_or(points_here)
    }

    /// Whether it is not known yet who signed it.
    pub(super) fn is_unclaimed(&self) -> bool {
        self.0.signer.get().is_none()
    }

    /// Whether it bears this name.
    pub(super) fn is_called(&self, name: &[u8]) -> bool {
        *self.0.name == *name
    }

    /// Notes the signer where it is this one; gives whether it is.
    pub(super) fn claimed_by(&self, signer: &Signer) -> bool {
        if let Some(known) = self.0.signer.get() {
            return *known == signer.id();
        }
        let Signed { bytes, algorithm, signature } = &self.0.signed;
        let signed = self.is_called(signer.name()) && signer.has_signed(bytes, algorithm, signature);
        signed && *self.0.signer.get_or_init(|| signer.id()) == signer.id()
    }
}

/// What it speaks for: everything, or what points to one of these places.
///
/// RFC 5280 section 5.2: a critical extension that we can't process makes a CRL useless; and one that covers
/// a part of its issuer's certificates in another way would leave the others looking sound.
fn scope(extensions: &[Extension]) -> Result<Option<Vec<ListPlace>>, RevocationListError> {
    let mut places = None;
    for extension in extensions {
        match extension.extn_id.to_string().as_str() {
            DELTA_CRL_INDICATOR => return Err(RevocationListError::Delta),
            ISSUING_DISTRIBUTION_POINT => {
                let point = IssuingDistributionPoint::from_der(extension.extn_value.as_bytes());
                places = places_of(point.map_err(malformed)?)?;
            }
            _ => is_understood(extension)?,
        }
    }
    Ok(places)
}

fn places_of(point: IssuingDistributionPoint) -> Result<Option<Vec<ListPlace>>, RevocationListError> {
    if point.indirect_crl {
        return Err(RevocationListError::Indirect);
    }
    let by_kind = point.only_contains_user_certs
        || point.only_contains_ca_certs
        || point.only_contains_attribute_certs
        || point.only_some_reasons.is_some();
    let places = point.distribution_point.as_ref().map(ListPlace::of);
    // A name that is relative to the issuer's leads nowhere.
    if by_kind || places.as_ref().is_some_and(Vec::is_empty) {
        return Err(RevocationListError::Partial);
    }
    Ok(places)
}

fn is_understood(extension: &Extension) -> Result<(), RevocationListError> {
    if extension.critical {
        Err(RevocationListError::Critical(extension.extn_id.to_string()))
    } else {
        Ok(())
    }
}

/// What is inside a SEQUENCE.
pub(super) fn contents(sequence: &[u8]) -> Result<&[u8], der::Error> {
    let sequence = AnyRef::from_der(sequence)?;
    sequence.tag().assert_eq(Tag::Sequence)?;
    Ok(sequence.value())
}

fn malformed(error: der::Error) -> RevocationListError {
    RevocationListError::Malformed(error.to_string())
}

fn odd_signature() -> RevocationListError {
    RevocationListError::Malformed("its signature is not whole bytes".to_owned())
}

impl std::fmt::Debug for RevocationList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RevocationList")
            .field("source", &self.0.source)
            .field("issuer", &self.0.issuer)
            .field("next_update", &self.0.next_update)
            .field("revoked", &self.0.revoked.len())
            .finish_non_exhaustive()
    }
}
