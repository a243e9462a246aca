//! What a client asks.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use const_oid::db::rfc6960::ID_PKIX_OCSP_NONCE;
use der::asn1::{AnyRef, OctetStringRef};
use der::{Decode, Encode, Sequence};
use x509_cert::ext::Extensions;

use super::{CertificateId, HashAlgorithm, Refusal};
use crate::error::EncodingError;

/// The longest request that is read, in bytes. One certificate takes about 80.
pub const LONGEST_REQUEST: usize = 64 * 1024;

/// The most certificates that one request may ask for: more than a chain has, and few enough that their
/// answers cost little.
pub const MOST_CERTIFICATES: usize = 32;

/// The longest nonce (RFC 9654 section 2.1), in bytes.
const LONGEST_NONCE: usize = 128;

/// What a client asks (RFC 6960 section 4.1). Whoever signed it is not looked at: anybody may know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    certificates: Vec<CertificateId>,
    nonce: Option<Nonce>,
}

/// What a client wants to see in the answer, so that it is no old one: 1 to 128 bytes (RFC 9654).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nonce(Vec<u8>);

/// Why a request is not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// It is too long to be one.
    #[error("an OCSP request of {0} bytes is not read; up to {LONGEST_REQUEST} are")]
    Long(usize),
    /// It is no OCSPRequest in DER.
    #[error("it is no OCSP request: {0}")]
    Malformed(String),
    /// The text after the address is not base64.
    #[error("the OCSP request in the address is not base64")]
    Base64,
    /// Its version is another than 1.
    #[error("it is an OCSP request of version {}; 1 is read", u16::from(*.0) + 1)]
    Version(u8),
    /// It asks for no certificate, or for too many.
    #[error("it asks for {0} certificates; 1 to {MOST_CERTIFICATES} are answered")]
    Certificates(usize),
    /// Its nonce is empty or too long (RFC 9654 section 2.1).
    #[error("its nonce has {0} bytes; 1 to {LONGEST_NONCE} are allowed")]
    Nonce(usize),
    /// It has two of them.
    #[error("it has two nonces")]
    TwoNonces,
    /// It has a critical extension that we don't know.
    #[error("it demands the extension {0}, which is not known here")]
    Critical(String),
}

/// OCSPRequest.
#[derive(Sequence)]
struct OcspRequest<'a> {
    tbs_request: TbsRequest<'a>,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    optional_signature: Option<AnyRef<'a>>,
}

/// TBSRequest.
#[derive(Sequence)]
struct TbsRequest<'a> {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", default = "Default::default")]
    version: u8,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    requestor_name: Option<AnyRef<'a>>,
    request_list: Vec<SingleRequest<'a>>,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    request_extensions: Option<Extensions>,
}

/// Request, of which a request has several.
#[derive(Sequence)]
struct SingleRequest<'a> {
    req_cert: AnyRef<'a>,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    single_request_extensions: Option<Extensions>,
}

/// Asks for one certificate, without a nonce: responders that sign ahead give none back.
pub fn question(certificate: &CertificateId) -> Result<Vec<u8>, EncodingError> {
    let single =
        SingleRequest { req_cert: AnyRef::from_der(certificate.der())?, single_request_extensions: None };
    let tbs_request =
        TbsRequest { version: 0, requestor_name: None, request_list: vec![single], request_extensions: None };
    Ok(OcspRequest { tbs_request, optional_signature: None }.to_der()?)
}

impl Request {
    /// Reads the DER of a request.
    pub fn read(der: &[u8]) -> Result<Self, RequestError> {
        if der.len() > LONGEST_REQUEST {
            return Err(RequestError::Long(der.len()));
        }
        let TbsRequest { version, request_list, request_extensions, .. } =
            OcspRequest::from_der(der).map_err(malformed)?.tbs_request;
        if version != 0 {
            return Err(RequestError::Version(version));
        }
        if !(1..=MOST_CERTIFICATES).contains(&request_list.len()) {
            return Err(RequestError::Certificates(request_list.len()));
        }
        let mut certificates = Vec::with_capacity(request_list.len());
        for SingleRequest { req_cert, single_request_extensions } in request_list {
            known(single_request_extensions.as_ref())?;
            certificates.push(CertificateId::read(req_cert).map_err(malformed)?);
        }
        Ok(Self { certificates, nonce: known(request_extensions.as_ref())? })
    }

    /// Reads the part of an address that stands behind the responder's own, in which a client that uses GET
    /// puts its request (RFC 6960 appendix A.1).
    pub fn from_uri(rest: &str) -> Result<Self, RequestError> {
        Self::read(&super::uri::decode(rest)?)
    }

    /// The certificates that it asks for, in order; at least one.
    pub fn certificates(&self) -> &[CertificateId] {
        &self.certificates
    }

    /// What must stand in an answer that is made for this request alone.
    pub fn nonce(&self) -> Option<&Nonce> {
        self.nonce.as_ref()
    }

    /// The one certificate that it asks for, where an answer that was signed ahead fits: it is named by SHA-1,
    /// as in the answer, and alone (RFC 5019 section 2.1.1). A nonce does not stand against it; whoever must
    /// see it gets none of these.
    pub fn lightweight(&self) -> Option<&CertificateId> {
        match self.certificates.as_slice() {
            [one] if one.hash() == Some(HashAlgorithm::Sha1) => Some(one),
            _ => None,
        }
    }
}

impl Nonce {
    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl RequestError {
    /// What the client is told, which has few words for it.
    pub fn refusal(&self) -> Refusal {
        match self {
            // It is well formed; it is we who can't say what it demands.
            Self::Critical(_) => Refusal::Unauthorized,
            _ => Refusal::MalformedRequest,
        }
    }
}

/// The nonce among these extensions. Others that are not critical are passed over (RFC 6960 section 4.4):
/// most that clients send only say which kinds of answers they like.
fn known(extensions: Option<&Extensions>) -> Result<Option<Nonce>, RequestError> {
    let mut nonce = None;
    for extension in extensions.into_iter().flatten() {
        let id = extension.extn_id;
        if id == ID_PKIX_OCSP_NONCE {
            let value = extension.extn_value.as_bytes();
            let bytes = <&OctetStringRef>::from_der(value).map_err(malformed)?.as_bytes();
            if !(1..=LONGEST_NONCE).contains(&bytes.len()) {
                return Err(RequestError::Nonce(bytes.len()));
            }
            if nonce.replace(Nonce(bytes.to_vec())).is_some() {
                return Err(RequestError::TwoNonces);
            }
        } else if extension.critical {
            return Err(RequestError::Critical(id.to_string()));
        }
    }
    Ok(nonce)
}

fn malformed(error: der::Error) -> RequestError {
    RequestError::Malformed(error.to_string())
}
