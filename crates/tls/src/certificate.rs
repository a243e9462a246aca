//! Certificates, chains and keys, checked once at the border; and the handle by which a
//! certificate in use is swapped for a newer one.

use std::sync::Arc;

use jiff::Timestamp;

use crate::error::CertificateError;
use crate::identity::Identity;

/// An X.509 certificate: its bytes, and what we read in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The DER bytes.
    pub der: bytes::Bytes,
    /// The subject, as RFC 4514 writes it; often empty.
    pub subject: String,
    /// The issuer, as RFC 4514 writes it.
    pub issuer: String,
    /// The serial number.
    pub serial: Serial,
    /// The first instant of validity.
    pub not_before: Timestamp,
    /// The last instant of validity.
    pub not_after: Timestamp,
    /// The subject alternative names that are identities, in order.
    pub identities: Vec<Identity>,
    /// Whether it may sign certificates.
    pub is_authority: bool,
    /// Whether issuer and subject are the same.
    pub is_self_issued: bool,
    /// SHA-256 of the DER bytes.
    pub fingerprint: Fingerprint,
}

/// A serial number: its bytes in big-endian order without leading zeros. Shown as lower-case hex.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Serial(Vec<u8>);

/// SHA-256 of a certificate's DER bytes. Shown as lower-case hex.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(pub [u8; 32]);

/// A certificate and the intermediates behind it, leaf first; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain(Vec<Certificate>);

/// A private key as PKCS#8; wiped from memory when dropped, never shown.
#[derive(Clone)]
pub struct PrivateKey(Arc<zeroize::Zeroizing<Vec<u8>>>);

/// A chain with the key that belongs to it, ready to be served.
#[derive(Clone, Debug)]
pub struct Credential {
    // chain, key, staple, and what rustls needs
    chain: Chain,
}

/// A certificate in use: reads are free, and a newer credential can be swapped in at any time.
/// Clones are the same handle.
#[derive(Clone, Debug)]
pub struct CredentialHandle(Arc<arc_swap::ArcSwap<Credential>>);

impl Certificate {
    /// Reads a certificate from DER.
    pub fn from_der(_der: &[u8]) -> Result<Self, CertificateError> {
        todo!()
    }
    /// The certificate as a PEM block.
    pub fn to_pem(&self) -> String {
        todo!()
    }
    /// Whether it names `host` (a DNS name or an IP address).
    pub fn covers_host(&self, host: &str) -> bool {
        self.identities.iter().any(|identity| identity.covers_host(host))
    }
}

impl Serial {
    /// The serial of these big-endian bytes.
    pub fn from_bytes(_bytes: &[u8]) -> Self {
        todo!()
    }
    /// Its bytes in big-endian order without leading zeros.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Chain {
    /// Reads all certificates of a PEM text, in order.
    pub fn from_pem(_pem: &str) -> Result<Self, CertificateError> {
        todo!()
    }
    /// The chain of these certificates, leaf first.
    pub fn from_ders<'a>(_ders: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, CertificateError> {
        todo!()
    }
    /// The leaf.
    pub fn leaf(&self) -> &Certificate {
        todo!()
    }
    /// All certificates, leaf first.
    pub fn certificates(&self) -> &[Certificate] {
        &self.0
    }
    /// The chain as PEM blocks, leaf first.
    pub fn to_pem(&self) -> String {
        todo!()
    }
}

impl PrivateKey {
    /// Reads the first private key of a PEM text: PKCS#8, PKCS#1 or SEC1.
    pub fn from_pem(_pem: &str) -> Result<Self, CertificateError> {
        todo!()
    }
    /// Takes a PKCS#8 key.
    pub fn from_pkcs8(_der: Vec<u8>) -> Result<Self, CertificateError> {
        todo!()
    }
    /// The DER bytes of the key. Whoever calls this holds a secret.
    pub fn expose_der(&self) -> &[u8] {
        &self.0
    }
}

impl Credential {
    /// Joins a chain and a key; an error unless they belong together.
    pub fn new(_chain: Chain, _key: PrivateKey) -> Result<Self, CertificateError> {
        todo!()
    }
    /// The same with an OCSP response to staple.
    pub fn with_staple(self, _ocsp_response: Vec<u8>) -> Self {
        todo!()
    }
    /// The chain.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }
    /// The leaf.
    pub fn leaf(&self) -> &Certificate {
        self.chain.leaf()
    }
}

impl CredentialHandle {
    /// A handle on this credential.
    pub fn new(credential: Credential) -> Self {
        Self(Arc::new(arc_swap::ArcSwap::from_pointee(credential)))
    }
    /// The credential now.
    pub fn load(&self) -> Arc<Credential> {
        self.0.load_full()
    }
    /// Puts another credential in its place; handshakes from now on use it.
    pub fn swap(&self, credential: Credential) {
        self.0.store(Arc::new(credential));
    }
}

impl std::fmt::Display for Serial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        hexadecimal(f, &self.0)
    }
}

impl std::fmt::Debug for Serial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        hexadecimal(f, &self.0)
    }
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        hexadecimal(f, &self.0)
    }
}

impl std::fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        hexadecimal(f, &self.0)
    }
}

impl std::fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PrivateKey(…)")
    }
}

fn hexadecimal(f: &mut std::fmt::Formatter<'_>, bytes: &[u8]) -> std::fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}
