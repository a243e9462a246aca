//! An answer before it is signed, and the signature put behind it.

use const_oid::ObjectIdentifier;
use const_oid::db::rfc6960::{ID_PKIX_OCSP_BASIC, ID_PKIX_OCSP_NONCE};
use der::asn1::{Any, AnyRef, BitStringRef, GeneralizedTime, Null, OctetString};
use der::{Choice, Decode, Encode, Sequence, Tag};
use hermetic_keys::{PublicKey, SignatureAlgorithm};
use jiff::Timestamp;
use spki::AlgorithmIdentifierOwned;
use x509_cert::ext::{Extension, Extensions};

use super::certificate_id::key_hash;
use super::{CertificateId, Nonce};
use crate::error::EncodingError;
use crate::revocation::{Revocation, RevocationReason};
use crate::signed::AssembleError;
use crate::time::time;

/// What a responder says, before it is signed (ResponseData, RFC 6960 section 4.2.1).
#[derive(Clone, Debug)]
pub struct AnswerDraft<'a> {
    /// The key that will sign: the authority's own, or that of a certificate which the authority issued for
    /// this. Answers name it, not its owner: one name may have had several keys.
    pub responder: &'a PublicKey,
    /// When this was written.
    pub produced_at: Timestamp,
    /// The status of each certificate that was asked for.
    pub answers: &'a [SingleAnswer<'a>],
    /// The nonce of the request that this is made for. An answer that is signed ahead has none.
    pub nonce: Option<&'a Nonce>,
}

/// The status of one certificate (SingleResponse).
#[derive(Clone, Debug)]
pub struct SingleAnswer<'a> {
    /// The certificate, as it was asked for.
    pub certificate: &'a CertificateId,
    /// Its status.
    pub status: Status,
    /// When it was known to be so.
    pub this_update: Timestamp,
    /// When there will be something newer at the latest. From then on it says nothing any more.
    pub next_update: Timestamp,
}

/// What is known of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It was issued, and is not revoked.
    Good,
    /// It is revoked.
    Revoked(Revocation),
    /// It is none of ours. Never `Good`: whoever forged one under our name would have our word for it
    /// (DigiNotar, 2011).
    Unknown,
}

impl AnswerDraft<'_> {
    /// The bytes that the responder's key signs.
    pub fn to_der(&self) -> Result<Vec<u8>, EncodingError> {
        let responses = self.answers.iter().map(SingleAnswer::encoded).collect::<Result<_, _>>()?;
        let data = ResponseData {
            by_key: OctetString::new(key_hash(self.responder))?,
            produced_at: generalized(self.produced_at)?,
            responses,
            response_extensions: self.nonce.map(echo).transpose()?,
        };
        Ok(data.to_der()?)
    }
}

/// Puts the signature behind the bytes, which gives an OCSPResponse. The signature must verify under
/// `responder`.
///
/// `certificates` go along: that of a responder to which the authority delegated, in DER; none where the
/// authority signs itself, for every client has its certificate.
pub fn assemble(
    to_be_signed: &[u8],
    algorithm: SignatureAlgorithm,
    signature: &[u8],
    responder: &PublicKey,
    certificates: &[&[u8]],
) -> Result<Vec<u8>, AssembleError> {
    if !responder.verifies(algorithm, to_be_signed, signature) {
        return Err(AssembleError::Unverified);
    }
    Ok(response(to_be_signed, algorithm, signature, certificates)?)
}

fn response(
    to_be_signed: &[u8],
    algorithm: SignatureAlgorithm,
    signature: &[u8],
    certificates: &[&[u8]],
) -> Result<Vec<u8>, EncodingError> {
    let certs = certificates.iter().map(|der| AnyRef::from_der(der)).collect::<Result<Vec<_>, _>>()?;
    let basic = BasicOcspResponse {
        tbs_response_data: AnyRef::from_der(to_be_signed)?,
        signature_algorithm: algorithm.identifier(),
        signature: BitStringRef::from_bytes(signature)?,
        certs: (!certs.is_empty()).then_some(certs),
    };
    let response = OcspResponse {
        response_status: AnyRef::new(Tag::Enumerated, &[0])?,
        response_bytes: ResponseBytes {
            response_type: ID_PKIX_OCSP_BASIC,
            response: OctetString::new(basic.to_der()?)?,
        },
    };
    Ok(response.to_der()?)
}

/// OCSPResponse of success.
#[derive(Sequence)]
struct OcspResponse<'a> {
    response_status: AnyRef<'a>,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    response_bytes: ResponseBytes,
}

/// ResponseBytes.
#[derive(Sequence)]
struct ResponseBytes {
    response_type: ObjectIdentifier,
    response: OctetString,
}

/// BasicOCSPResponse.
#[derive(Sequence)]
struct BasicOcspResponse<'a> {
    tbs_response_data: AnyRef<'a>,
    signature_algorithm: AlgorithmIdentifierOwned,
    signature: BitStringRef<'a>,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    certs: Option<Vec<AnyRef<'a>>>,
}

/// ResponseData, whose version is left out, as it is the default. Of the two ways to name a responder this
/// has the one by its key.
#[derive(Sequence)]
struct ResponseData<'a> {
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT")]
    by_key: OctetString,
    produced_at: GeneralizedTime,
    responses: Vec<SingleResponse<'a>>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    response_extensions: Option<Extensions>,
}

/// SingleResponse.
#[derive(Sequence)]
struct SingleResponse<'a> {
    cert_id: AnyRef<'a>,
    cert_status: CertStatus,
    this_update: GeneralizedTime,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    next_update: GeneralizedTime,
}

/// CertStatus.
#[derive(Choice)]
pub(super) enum CertStatus {
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT")]
    Good(Null),
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", constructed = "true")]
    Revoked(RevokedInfo),
    #[asn1(context_specific = "2", tag_mode = "IMPLICIT")]
    Unknown(Null),
}

/// RevokedInfo.
#[derive(Sequence)]
pub(super) struct RevokedInfo {
    pub(super) revocation_time: GeneralizedTime,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    pub(super) revocation_reason: Option<Any>,
}

impl SingleAnswer<'_> {
    fn encoded(&self) -> Result<SingleResponse<'_>, EncodingError> {
        Ok(SingleResponse {
            cert_id: AnyRef::from_der(self.certificate.der())?,
            cert_status: self.status.encoded()?,
            this_update: generalized(self.this_update)?,
            next_update: generalized(self.next_update)?,
        })
    }
}

impl Status {
    fn encoded(self) -> Result<CertStatus, EncodingError> {
        Ok(match self {
            Self::Good => CertStatus::Good(Null),
            Self::Unknown => CertStatus::Unknown(Null),
            Self::Revoked(Revocation { at, reason }) => CertStatus::Revoked(RevokedInfo {
                revocation_time: generalized(at)?,
                revocation_reason: match reason {
                    RevocationReason::Unspecified => None,
                    given => Some(Any::new(Tag::Enumerated, [given.code()])?),
                },
            }),
        })
    }
}

/// The nonce, as it came (RFC 9654 section 2.1).
fn echo(nonce: &Nonce) -> Result<Extensions, EncodingError> {
    let value = OctetString::new(nonce.as_bytes())?.to_der()?;
    Ok(vec![Extension { extn_id: ID_PKIX_OCSP_NONCE, critical: false, extn_value: OctetString::new(value)? }])
}

/// OCSP has four digits for every year.
fn generalized(at: Timestamp) -> Result<GeneralizedTime, EncodingError> {
    Ok(GeneralizedTime::from_date_time(time(at)?.to_date_time()))
}
