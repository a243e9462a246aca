//! What can go wrong in this crate, one type for each thing that a caller can do about it.

use crate::Alert;

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
    /// The peer spoke TLS wrongly, or had nothing in common with us.
    #[error("{0}")]
    Protocol(String),
    /// The connection broke.
    #[error("the connection broke in the handshake: {0}")]
    Io(#[from] std::io::Error),
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
    /// None was presented where one is demanded.
    #[error("none was presented")]
    Missing,
    /// Anything else.
    #[error("{0}")]
    Other(String),
}
