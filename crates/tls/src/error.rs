//! What can go wrong in this crate, one type for each thing that a caller can do about it.

use crate::{Alert, Fingerprint};

/// Text that is no identity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// Not a DNS name.
    #[error("`{0}` is not a DNS name: labels of letters, digits and hyphens, at most 253 bytes")]
    Dns(String),
    /// Not an IP address.
    #[error("`{0}` is not an IP address")]
    Ip(String),
    /// Not a trust domain.
    #[error("`{0}` is not a trust domain: lower-case letters, digits, dots, hyphens, underscores")]
    TrustDomain(String),
    /// Not a SPIFFE ID.
    #[error("`{0}` is not a SPIFFE ID; write spiffe://<trust domain>/<path>")]
    Spiffe(String),
    /// Not the fingerprint of a certificate.
    #[error(
        "`{0}` is not the fingerprint of a certificate; write `sha256:` and the 64 digits of `openssl x509 -noout -fingerprint -sha256`"
    )]
    Fingerprint(String),
}

/// A certificate, chain or key that can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// The PEM text holds no certificate.
    #[error("no certificate in it; expected a PEM block `BEGIN CERTIFICATE`")]
    NoCertificate,
    /// The PEM text holds no private key.
    #[error("no private key in it; expected a PEM block `BEGIN PRIVATE KEY`")]
    NoKey,
    /// The PEM text is broken.
    #[error("not valid PEM: {0}")]
    Pem(String),
    /// The certificate is no X.509 certificate that we can read.
    #[error("not a readable X.509 certificate: {0}")]
    Malformed(String),
    /// The private key is of a kind or size that is not supported.
    #[error("the private key can't be used: {0}; ECDSA P-256 or P-384, RSA of 2048 bits or more, or Ed25519")]
    Key(String),
    /// The private key does not belong to the certificate.
    #[error("the private key does not belong to the certificate")]
    KeyMismatch,
}

/// A CRL that can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RevocationListError {
    /// There is none.
    #[error("no CRL in it; expected a PEM block `BEGIN X509 CRL`, or DER")]
    Missing,
    /// The PEM text is broken.
    #[error("not valid PEM: {0}")]
    Pem(String),
    /// It is no CRL that we can read.
    #[error("not a readable CRL: {0}")]
    Malformed(String),
    /// It is of version 1.
    #[error(
        "a CRL of version 1, which RFC 5280 forbids; have the issuer number its CRLs, which makes them version 2"
    )]
    Version1,
    /// It does not say until when it holds.
    #[error("a CRL without nextUpdate: nobody could tell when it is stale")]
    NoNextUpdate,
    /// It holds changes only.
    #[error("a delta CRL, which holds changes only; name the complete one")]
    Delta,
    /// It covers a part of its issuer's certificates, in another way than by the place that they name.
    #[error("a CRL for some kinds or reasons only; name the complete one, or all that are split by address")]
    Partial,
    /// It speaks for certificates of others.
    #[error("an indirect CRL, which speaks for other issuers; name the issuers' own")]
    Indirect,
    /// It has a critical extension that we don't know.
    #[error("a CRL with a critical extension that is not understood: {0}")]
    Critical(String),
    /// It bears the name of a client authority that did not sign it.
    #[error("a CRL in the name of {issuer}, which is not signed by its key")]
    Foreign {
        /// In whose name it is.
        issuer: String,
    },
}

/// Settings from which no handshake can be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// The policy has no version or suite that we can serve.
    #[error("security policy {policy} can't be served: {reason}; the nearest that can is {nearest}")]
    UnsupportedPolicy {
        /// Its full name.
        policy: String,
        /// What is missing.
        reason: String,
        /// The full name of the nearest policy that can be served.
        nearest: String,
    },
    /// A server without any certificate.
    #[error("no certificate to serve")]
    NoCertificate,
    /// No trust anchor.
    #[error("no trust anchor: whom to believe is empty")]
    NoTrustAnchor,
    /// A name that no server can prove to be, such as a wildcard.
    #[error("a server can't be expected to be `{0}`: name one host, one address or one SPIFFE ID")]
    Expected(String),
    /// The TLS library refused the settings.
    #[error("the TLS library refused the settings: {0}")]
    Library(String),
}

/// A handshake that failed, with its true reason. For the log, never for the peer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HandshakeError {
    /// We refused and sent this alert.
    #[error("refused with {}: {reason}", alert.name())]
    Refused {
        /// The alert that went out.
        alert: Alert,
        /// Why.
        reason: String,
    },
    /// The peer's certificate was not accepted by us.
    #[error("the peer's certificate was refused: {0}")]
    PeerCertificate(PeerCertificateProblem),
    /// The peer ended the handshake with an alert.
    #[error("the peer ended the handshake: alert {0}")]
    PeerAlert(String),
    /// The peer answered with cleartext HTTP.
    #[error("the peer speaks cleartext HTTP, not TLS")]
    CleartextHttp,
    /// The peer answered with something that is no TLS.
    #[error("the peer answered in cleartext, not TLS")]
    NotTls,
    /// The peer closed the connection instead of answering the ClientHello.
    #[error("the peer closed the connection without an answer to the ClientHello")]
    NoAnswer,
    /// All that the peer offers of something is below the policy: `no cipher suite in common`.
    #[error("no {0} in common")]
    NothingInCommon(&'static str),
    /// The peer spoke TLS wrongly.
    #[error("{0}")]
    Protocol(String),
    /// The connection broke.
    #[error("the connection broke in the handshake: {0}")]
    Io(#[from] std::io::Error),
}

impl HandshakeError {
    /// Whether the peer showed that it does not speak TLS at all: it answered in cleartext, or closed
    /// without a word. An alert, a certificate that is refused, and silence show nothing of the kind.
    pub fn shows_no_tls(&self) -> bool {
        matches!(self, Self::CleartextHttp | Self::NotTls | Self::NoAnswer)
    }
}

/// What was wrong with a peer's certificate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PeerCertificateProblem {
    /// It ran out.
    #[error("it expired at {0}")]
    Expired(String),
    /// It is not valid yet.
    #[error("it is not valid before {0}")]
    NotYetValid(String),
    /// No trust anchor of ours stands behind it.
    #[error("it is signed by an authority that is not trusted here")]
    UnknownIssuer,
    /// It is for somebody else.
    #[error("it is for {presented}, not for {expected}")]
    WrongName {
        /// Whom we expected.
        expected: String,
        /// Whom it names.
        presented: String,
    },
    /// It was revoked.
    #[error("it is revoked")]
    Revoked,
    /// The CRL that would say whether it is revoked is stale.
    #[error("whether it is revoked can't be told: the CRL of {issuer} in {file} is stale since {since}")]
    StaleRevocationList {
        /// Who should have issued another.
        issuer: String,
        /// Where the stale one is.
        file: String,
        /// Since when.
        since: String,
    },
    /// No CRL says whether it is revoked.
    #[error("whether it is revoked can't be told: no CRL of its issuer, {issuer}, is at hand")]
    NoRevocationList {
        /// Whose CRL is missing.
        issuer: String,
    },
    /// It is not among those pinned.
    #[error("it is not pinned: its fingerprint is sha256:{presented}")]
    NotPinned {
        /// The fingerprint of the one that was presented.
        presented: Fingerprint,
    },
    /// It is meant for something else.
    #[error("it is not meant for this: its extended key usage is for something else")]
    Purpose,
    /// It is an authority's.
    #[error("it is an authority's certificate, and none for a party")]
    Authority,
    /// A key is not taken: its own, or one on the way to it.
    #[error("its key, or that of an authority behind it, is {0}")]
    Key(String),
    /// A signature is not taken: its own, or one on the way to it.
    #[error("it, or an authority behind it, is signed with {0}")]
    Signature(String),
    /// It is larger than verification takes.
    #[error("it has {size} bytes, and verification by rustls takes {limit} at most")]
    TooLarge {
        /// How many bytes it has.
        size: usize,
        /// How many are taken.
        limit: usize,
    },
    /// None was presented where one is demanded.
    #[error("none was presented")]
    Missing,
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl PeerCertificateProblem {
    /// What is wrong in one word or two, to be counted by.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Expired(_) => "expired",
            Self::NotYetValid(_) => "not_yet_valid",
            Self::UnknownIssuer => "unknown_issuer",
            Self::WrongName { .. } => "wrong_name",
            Self::Revoked => "revoked",
            Self::StaleRevocationList { .. } => "stale_crl",
            Self::NoRevocationList { .. } => "no_crl",
            Self::NotPinned { .. } => "not_pinned",
            Self::Purpose => "purpose",
            Self::Authority => "authority",
            Self::Key(_) => "key",
            Self::Signature(_) => "signature",
            Self::TooLarge { .. } => "too_large",
            Self::Missing => "missing",
            Self::Other(_) => "other",
        }
    }
}
