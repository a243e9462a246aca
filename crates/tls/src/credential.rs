//! A chain with its key, and the handle by which one in use is swapped for a newer one.

use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::InconsistentKeys;
use rustls::pki_types::CertificateDer;
use rustls::sign::CertifiedKey;

use crate::certificate::Certificate;
use crate::chain::Chain;
use crate::error::CertificateError;
use crate::key::PrivateKey;

/// A chain with the key that belongs to it, ready to be served.
#[derive(Clone)]
pub struct Credential {
    chain: Chain,
    key: PrivateKey,
    certified: Arc<CertifiedKey>,
}

/// A certificate in use: reads are free, and a newer credential can be swapped in at any time.
/// Clones are the same handle.
#[derive(Clone, Debug)]
pub struct CredentialHandle(Arc<ArcSwap<Credential>>);

impl Credential {
    /// Joins a chain and a key; an error unless they belong together.
    pub fn new(chain: Chain, key: PrivateKey) -> Result<Self, CertificateError> {
        let ders = chain.certificates().iter().map(|c| CertificateDer::from(c.der.to_vec())).collect();
        let certified = CertifiedKey::new(ders, key.signing_key()?);
        certified.keys_match().map_err(|error| match error {
            rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => CertificateError::KeyMismatch,
            error => CertificateError::Malformed(error.to_string()),
        })?;
        Ok(Self { chain, key, certified: Arc::new(certified) })
    }

    /// The same with an OCSP response to staple.
    pub fn with_staple(self, ocsp_response: Vec<u8>) -> Self {
        let mut certified = CertifiedKey::clone(&self.certified);
        certified.ocsp = Some(ocsp_response);
        Self { certified: Arc::new(certified), ..self }
    }

    /// The chain.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// The leaf.
    pub fn leaf(&self) -> &Certificate {
        self.chain.leaf()
    }

    /// The key.
    pub fn key(&self) -> &PrivateKey {
        &self.key
    }

    pub(crate) fn certified(&self) -> &Arc<CertifiedKey> {
        &self.certified
    }
}

/// Two are the same when they present the same: chain and staple. The key belongs to the chain.
impl PartialEq for Credential {
    fn eq(&self, other: &Self) -> bool {
        self.chain == other.chain && self.certified.ocsp == other.certified.ocsp
    }
}

impl Eq for Credential {}

impl CredentialHandle {
    /// A handle on this credential.
    pub fn new(credential: Credential) -> Self {
        Self(Arc::new(ArcSwap::from_pointee(credential)))
    }

    /// The credential now.
    pub fn load(&self) -> Arc<Credential> {
        self.0.load_full()
    }

    /// Puts another credential in its place; handshakes from now on use it.
    pub fn swap(&self, credential: Credential) {
        self.0.store(Arc::new(credential));
    }

    /// Whether `other` is the same handle, so that a swap of one is a swap of the other.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// Two are equal when they are the same handle, whatever they hold.
impl PartialEq for CredentialHandle {
    fn eq(&self, other: &Self) -> bool {
        self.is(other)
    }
}

impl Eq for CredentialHandle {}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credential")
            .field("identities", &self.leaf().identities)
            .field("serial", &self.leaf().serial)
            .finish_non_exhaustive()
    }
}
