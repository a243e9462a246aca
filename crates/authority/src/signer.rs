//! Signing, behind a seam: the key may be in this process, in a token or across a network.

use std::future::Future;
use std::pin::Pin;

/// Signs with an authority's key. It may be slow; callers hold no lock while they wait.
pub trait Signer: Send + Sync + std::fmt::Debug {
    /// The DER-encoded SubjectPublicKeyInfo of the key.
    fn public_key(&self) -> &[u8];
    /// Signs to-be-signed bytes; the signature is as X.509 carries it.
    fn sign<'a>(
        &'a self,
        to_be_signed: &'a [u8],
    ) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, SignerError>> + Send + 'a>>;
}

/// The key did not sign.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SignerError(pub String);
