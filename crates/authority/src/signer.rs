//! Signing, behind a seam: the key may be in this process, in a token or across a network.

use std::future::Future;
use std::pin::Pin;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use zeroize::Zeroizing;

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

/// An ECDSA P-256 key in this process.
#[derive(Debug)]
pub struct LocalSigner {
    key: EcdsaKeyPair,
    public_key: Vec<u8>,
}

impl LocalSigner {
    /// A fresh key; with it its PKCS#8 form, to be sealed.
    pub fn generate() -> Result<(Self, Zeroizing<Vec<u8>>), SignerError> {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING)
            .map_err(|_| SignerError("no key could be generated".to_owned()))?;
        let pkcs8 =
            key.to_pkcs8v1().map_err(|_| SignerError("the generated key can't be encoded".to_owned()))?;
        Ok((Self::of(key)?, Zeroizing::new(pkcs8.as_ref().to_vec())))
    }

    /// The key of a PKCS#8 document.
    pub fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, SignerError> {
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8)
            .map_err(|reason| SignerError(format!("not an ECDSA P-256 key: {reason}")))?;
        Self::of(key)
    }

    fn of(key: EcdsaKeyPair) -> Result<Self, SignerError> {
        let public_key = key
            .public_key()
            .as_der()
            .map_err(|_| SignerError("the public key can't be encoded".to_owned()))?
            .as_ref()
            .to_vec();
        Ok(Self { key, public_key })
    }
}

impl Signer for LocalSigner {
    fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    // X.509 carries ECDSA signatures as DER (RFC 5758 section 3.2); tokens give r‖s, which embedded as it
    // is makes certificates that nobody accepts (NeySlim/ultimate-ca-manager#366).
    fn sign<'a>(
        &'a self,
        to_be_signed: &'a [u8],
    ) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, SignerError>> + Send + 'a>> {
        Box::pin(async {
            let signature = self.key.sign(&SystemRandom::new(), to_be_signed);
            signature
                .map(|signature| signature.as_ref().to_vec())
                .map_err(|_| SignerError("the key did not sign".to_owned()))
        })
    }
}
