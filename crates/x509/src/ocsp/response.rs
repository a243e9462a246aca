//! What a responder answered: read, and held against the certificate that it speaks of.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5280::ID_KP_OCSP_SIGNING;
use const_oid::db::rfc6960::ID_PKIX_OCSP_BASIC;
use der::asn1::{AnyRef, BitStringRef, GeneralizedTime, OctetStringRef};
use der::{Choice, Decode, Encode, Enumerated, Sequence};
use hermetic_keys::{PublicKey, SignatureAlgorithm};
use hermetic_tls::Serial;
use jiff::Timestamp;
use spki::AlgorithmIdentifierOwned;
use x509_cert::ext::Extensions;
use x509_cert::ext::pkix::ExtendedKeyUsage;
use x509_cert::time::Time;

use super::answer::CertStatus;
use super::{CertificateId, IssuerHashes, Status};
use crate::certificate::{AuthorityCertificate, AuthorityCertificateError};
use crate::details::CertificateDetails;
use crate::error::EncodingError;
use crate::log_timestamps::{LogTimestamp, log_timestamps};
use crate::revocation::{Revocation, RevocationReason};
use crate::signed::Signed;
use crate::time::instant;

/// The longest response that is read, in bytes: one with a chain of its own takes about 5,000.
pub const LONGEST_RESPONSE: usize = 128 * 1024;

/// Where logs put their timestamps in a response (RFC 6962 section 3.3).
const TIMESTAMPS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.11129.2.4.5");

/// A response of success (RFC 6960 section 4.2). Who signed it is not known before it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    produced_at: Timestamp,
    answers: Vec<Single>,
    signed: Signed,
    certificates: Vec<Vec<u8>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Single {
    certificate: CertificateId,
    said: Said,
}

/// What a responder says of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Its status. A hold, which can be taken back, is a revocation without a reason here.
    pub status: Status,
    /// When it was known to be so.
    pub this_update: Timestamp,
    /// When there will be something newer at the latest, where that is said.
    pub next_update: Option<Timestamp>,
    /// The timestamps of logs that came with it.
    pub log_timestamps: Vec<LogTimestamp>,
}

/// Why bytes are no response of success.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResponseError {
    /// It is too long to be one.
    #[error("an OCSP response of {0} bytes is not read; up to {LONGEST_RESPONSE} are")]
    Long(usize),
    /// It is no OCSPResponse in DER.
    #[error("it is no OCSP response: {0}")]
    Malformed(#[from] EncodingError),
    /// The responder had no answer.
    #[error("the responder answers `{0}`")]
    Refused(&'static str),
    /// It is of a type that nobody uses.
    #[error("it is of the type {0}, and not a basic response")]
    Type(String),
}

/// Why what a responder says is not to be believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Disbelief {
    /// The certificate itself, or its issuer's, can't be read.
    #[error("{0}")]
    Unreadable(String),
    /// It speaks of other certificates.
    #[error("it says nothing of this certificate")]
    OfAnother,
    /// Neither the issuer nor one whom it delegated to signed it.
    #[error("neither the certificate's issuer signed it, nor a responder that the issuer vouches for")]
    Signature,
    /// It is signed in a way that is not verified here.
    #[error("it is signed with {0}, which is not verified here")]
    Algorithm(String),
    /// It says what will be.
    #[error("it is for later: it holds from {0}")]
    NotYet(Timestamp),
    /// It says what was.
    #[error("it is stale since {0}")]
    Stale(Timestamp),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Enumerated)]
#[asn1(type = "ENUMERATED")]
#[repr(u8)]
enum ResponseStatus {
    Successful = 0,
    MalformedRequest = 1,
    InternalError = 2,
    TryLater = 3,
    SigRequired = 5,
    Unauthorized = 6,
}

#[derive(Sequence)]
struct OcspResponse<'a> {
    response_status: ResponseStatus,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    response_bytes: Option<ResponseBytes<'a>>,
}

#[derive(Sequence)]
struct ResponseBytes<'a> {
    response_type: ObjectIdentifier,
    response: &'a OctetStringRef,
}

#[derive(Sequence)]
struct BasicOcspResponse<'a> {
    tbs_response_data: AnyRef<'a>,
    signature_algorithm: AlgorithmIdentifierOwned,
    signature: BitStringRef<'a>,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    certs: Option<Vec<AnyRef<'a>>>,
}

#[derive(Sequence)]
struct ResponseData<'a> {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", default = "Default::default")]
    version: u8,
    responder: Responder<'a>,
    produced_at: GeneralizedTime,
    responses: Vec<SingleResponse<'a>>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    response_extensions: Option<AnyRef<'a>>,
}

/// ResponderID. It only helps to find the key, and every key that may have signed is tried here.
#[derive(Choice)]
enum Responder<'a> {
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", constructed = "true")]
    ByName(AnyRef<'a>),
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", constructed = "true")]
    ByKey(AnyRef<'a>),
}

#[derive(Sequence)]
struct SingleResponse<'a> {
    cert_id: AnyRef<'a>,
    cert_status: CertStatus,
    this_update: GeneralizedTime,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    next_update: Option<GeneralizedTime>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    single_extensions: Option<Extensions>,
}

impl Response {
    /// Reads the DER of a response. Its signature is not looked at.
    pub fn read(der: &[u8]) -> Result<Self, ResponseError> {
        if der.len() > LONGEST_RESPONSE {
            return Err(ResponseError::Long(der.len()));
        }
        let response = OcspResponse::from_der(der).map_err(EncodingError::from)?;
        if let Some(refusal) = refusal(response.response_status) {
            return Err(ResponseError::Refused(refusal));
        }
        let bytes = response.response_bytes;
        let bytes = bytes.ok_or_else(|| EncodingError("success without a response".to_owned()))?;
        if bytes.response_type != ID_PKIX_OCSP_BASIC {
            return Err(ResponseError::Type(bytes.response_type.to_string()));
        }
        Ok(Self::basic(bytes.response.as_bytes())?)
    }

    fn basic(der: &[u8]) -> Result<Self, EncodingError> {
        let basic = BasicOcspResponse::from_der(der)?;
        let to_be_signed = basic.tbs_response_data.to_der()?;
        let ResponseData { version, produced_at, responses, .. } = ResponseData::from_der(&to_be_signed)?;
        if version != 0 {
            return Err(EncodingError(format!("a response of version {}", u16::from(version) + 1)));
        }
        let produced_at = instant(Time::GeneralTime(produced_at));
        let answers = responses.into_iter().map(Single::of).collect::<Result<_, _>>()?;
        let signature = basic.signature.as_bytes();
        let signature =
            signature.ok_or_else(|| EncodingError("its signature ends within a byte".to_owned()))?;
        let certificates = basic.certs.unwrap_or_default();
        Ok(Self {
            produced_at,
            answers,
            certificates: certificates.iter().map(Encode::to_der).collect::<Result<_, _>>()?,
            signed: Signed {
                signature: signature.to_vec(),
                algorithm: basic.signature_algorithm,
                to_be_signed,
            },
        })
    }

    /// When it was written.
    pub fn produced_at(&self) -> Timestamp {
        self.produced_at
    }

    /// What it says of a certificate, both in DER, where it may be believed at `now`: this issuer or a
    /// responder that it delegated to signed it (RFC 6960 section 4.2.2.2), and it is neither early nor stale.
    pub fn says_of(&self, certificate: &[u8], issuer: &[u8], now: Timestamp) -> Result<&Said, Disbelief> {
        let certificate = CertificateDetails::read(certificate).map_err(unreadable)?;
        let authority = AuthorityCertificate::from_der(issuer);
        let authority =
            authority.map_err(|error: AuthorityCertificateError| Disbelief::Unreadable(error.to_string()))?;
        let hashes = IssuerHashes::of(&authority).map_err(unreadable)?;
        let serial = Serial::from_bytes(&certificate.serial);
        let of_it =
            |single: &&Single| *single.certificate.serial() == serial && single.certificate.is_of(&hashes);
        let said = &self.answers.iter().find(of_it).ok_or(Disbelief::OfAnother)?.said;
        let algorithm = &self.signed.algorithm;
        let algorithm = SignatureAlgorithm::of_identifier(algorithm)
            .ok_or_else(|| Disbelief::Algorithm(crate::text::algorithm_name(algorithm.oid)))?;
        if !self.is_signed_by(authority.key(), algorithm) && !self.is_delegated(&authority, algorithm, now) {
            return Err(Disbelief::Signature);
        }
        if now < said.this_update {
            return Err(Disbelief::NotYet(said.this_update));
        }
        match said.next_update.filter(|end| *end < now) {
            Some(end) => Err(Disbelief::Stale(end)),
            None => Ok(said),
        }
    }

    fn is_signed_by(&self, key: &PublicKey, algorithm: SignatureAlgorithm) -> bool {
        key.verifies(algorithm, &self.signed.to_be_signed, &self.signed.signature)
    }

    /// Whether one of the certificates that came along is a responder's of this issuer, and signed it.
    fn is_delegated(
        &self,
        issuer: &AuthorityCertificate,
        algorithm: SignatureAlgorithm,
        now: Timestamp,
    ) -> bool {
        self.certificates.iter().filter_map(|der| CertificateDetails::read(der).ok()).any(|responder| {
            is_responder(&responder, issuer, now)
                && PublicKey::new(responder.key_info).is_ok_and(|key| self.is_signed_by(&key, algorithm))
        })
    }
}

fn is_responder(certificate: &CertificateDetails, issuer: &AuthorityCertificate, now: Timestamp) -> bool {
    let usage = certificate.extension::<ExtendedKeyUsage>().ok().flatten();
    let Signed { to_be_signed, algorithm, signature } = &certificate.signed;
    certificate.issuer == *issuer.subject()
        && usage.is_some_and(|(_, ExtendedKeyUsage(usage))| usage.contains(&ID_KP_OCSP_SIGNING))
        && (certificate.validity.begin()..=certificate.validity.end()).contains(&now)
        && SignatureAlgorithm::of_identifier(algorithm)
            .is_some_and(|algorithm| issuer.key().verifies(algorithm, to_be_signed, signature))
}

impl Single {
    fn of(read: SingleResponse<'_>) -> Result<Self, EncodingError> {
        let at = |time| instant(Time::GeneralTime(time));
        let status = match read.cert_status {
            CertStatus::Good(_) => Status::Good,
            CertStatus::Unknown(_) => Status::Unknown,
            CertStatus::Revoked(revoked) => {
                let code = revoked.revocation_reason.as_ref().and_then(|code| code.value().first().copied());
                let reason = code.and_then(RevocationReason::of_code);
                let reason = reason.unwrap_or(RevocationReason::Unspecified);
                Status::Revoked(Revocation { at: at(revoked.revocation_time), reason })
            }
        };
        let extensions = read.single_extensions.unwrap_or_default();
        let logged = extensions.iter().find(|extension| extension.extn_id == TIMESTAMPS);
        let logged = logged.map(|found| <&OctetStringRef>::from_der(found.extn_value.as_bytes()));
        let logged = logged.and_then(Result::ok).and_then(|list| log_timestamps(list.as_bytes()));
        let said = Said {
            status,
            this_update: at(read.this_update),
            next_update: read.next_update.map(at),
            log_timestamps: logged.unwrap_or_default(),
        };
        Ok(Self { certificate: CertificateId::read(read.cert_id)?, said })
    }
}

/// `None` for success. The words are the RFC's.
fn refusal(status: ResponseStatus) -> Option<&'static str> {
    match status {
        ResponseStatus::Successful => None,
        ResponseStatus::MalformedRequest => Some("malformedRequest"),
        ResponseStatus::InternalError => Some("internalError"),
        ResponseStatus::TryLater => Some("tryLater"),
        ResponseStatus::SigRequired => Some("sigRequired"),
        ResponseStatus::Unauthorized => Some("unauthorized"),
    }
}

fn unreadable(error: EncodingError) -> Disbelief {
    Disbelief::Unreadable(error.to_string())
}

#[cfg(test)]
mod tests;
