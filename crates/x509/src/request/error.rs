//! What can be wrong with a certification request.

use const_oid::ObjectIdentifier;
use const_oid::db::DB;
use hermetic_keys::PublicKeyError;

use crate::name::NameError;
use crate::weak_key::WeakKey;

use super::CertificationRequest;

/// Why a certification request is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificationRequestError {
    /// It is larger than any that is honest.
    #[error("the request has {0} bytes; at most {most} are read", most = CertificationRequest::LARGEST)]
    TooLarge(usize),
    /// It is neither PEM nor DER.
    #[error("this is no certification request: neither DER nor a PEM block `CERTIFICATE REQUEST`")]
    NoRequest,
    /// Its PEM is broken.
    #[error("the request can't be read as PEM: {0}")]
    Pem(&'static str),
    /// The PEM holds something else.
    #[error("this is a PEM block `{0}`, not a `CERTIFICATE REQUEST`")]
    Label(String),
    /// The PEM holds several.
    #[error("there are {0} PEM blocks; give one request at a time")]
    Several(usize),
    /// Its DER is broken.
    #[error("the request can't be read: {0}")]
    Malformed(String),
    /// It reads, but not by the one encoding that is allowed.
    #[error(
        "the request is not DER: it would be encoded otherwise; sets must be in order and defaults left out"
    )]
    NotDer,
    /// Something follows it.
    #[error("{0} bytes follow the request")]
    TrailingBytes(usize),
    /// It is of a version that does not exist.
    #[error("the request is of version {}; only version 1 exists", u16::from(*.0) + 1)]
    Version(u8),
    /// Its key is of no kind that is certified, or none at all.
    #[error("the key in the request is not accepted: {0}")]
    Key(PublicKeyError),
    /// Its key is too weak.
    #[error("the key in the request is weak: {0}")]
    WeakKey(#[from] WeakKey),
    /// It is signed in a way that is not accepted, or not known.
    #[error("the request is signed with {}; ECDSA or RSA with SHA-256 to SHA-512, or Ed25519, is accepted", name(.0))]
    SignatureAlgorithm(ObjectIdentifier),
    /// Whoever sent it does not show that the key is theirs.
    #[error(
        "the request's signature does not verify under the key in it; it was changed, or signed with another key"
    )]
    BrokenSignature,
    /// An attribute or extension is there twice.
    #[error("the request has {} twice", name(.0))]
    Twice(ObjectIdentifier),
    /// An extension or attribute can't be read.
    #[error("the request's {} can't be read: {reason}", name(.oid))]
    MalformedExtension {
        /// Which.
        oid: ObjectIdentifier,
        /// Why.
        reason: String,
    },
    /// It asks for what we do not know, and insists on it.
    #[error("the request insists on the extension {}, which is not known", name(.0))]
    UnknownCriticalExtension(ObjectIdentifier),
    /// One of its names is none.
    #[error("the request asks for a name that is none: {0}")]
    Name(#[from] NameError),
    /// Alternative names without a name.
    #[error("the request has alternative names, but not one in them")]
    NoNames,
}

/// What people call an identifier.
fn name(oid: &ObjectIdentifier) -> String {
    DB.by_oid(oid).map_or_else(|| oid.to_string(), |name| format!("{name} ({oid})"))
}
