//! Signing, behind a seam: the key may be in this process, in a token or across a network.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;

use crate::algorithm::SignatureAlgorithm;
use crate::public_key::PublicKey;
use crate::token::TokenError;

/// A signature on its way.
pub type Signing<'a> = Pin<Box<dyn Future<Output = Result<Vec<u8>, SignerError>> + Send + 'a>>;

/// Signs with a private key that it does not show. It may be slow; callers hold no lock while they wait.
pub trait Signer: Send + Sync + Debug {
    /// The other half of the key.
    fn public_key(&self) -> &PublicKey;

    /// How it signs.
    fn algorithm(&self) -> SignatureAlgorithm {
        self.public_key().algorithm().signature()
    }

    /// Signs a message; the signature is as X.509 carries it: ECDSA's as DER (RFC 5758 section 3.2), since
    /// r‖s as tokens give it, embedded as it is, makes certificates that nobody accepts
    /// (NeySlim/ultimate-ca-manager#366).
    fn sign<'a>(&'a self, message: &'a [u8]) -> Signing<'a>;
}

/// The key did not sign.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignerError {
    /// The key itself refused.
    #[error("the key did not sign: {0}")]
    Failed(String),
    /// The token that it is in did not sign; see [`TokenError::is_away`].
    #[error(transparent)]
    Token(#[from] TokenError),
}
