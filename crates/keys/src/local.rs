//! Keys in this process.

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::error::{KeyRejected, Unspecified};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA512, RsaEncoding,
};
#[cfg(feature = "ml-dsa")]
use aws_lc_rs::signature::{ML_DSA_44_SIGNING, ML_DSA_65_SIGNING, ML_DSA_87_SIGNING, PqdsaKeyPair};
use zeroize::Zeroizing;

use crate::algorithm::KeyAlgorithm;
use crate::private_key::PrivateKeyError;
use crate::public_key::PublicKey;
use crate::signer::{Signer, SignerError, Signing};

/// A key in this process. Its bytes are in the memory of the cryptographic library, which wipes them when
/// this is dropped.
#[derive(Debug)]
pub struct LocalSigner {
    pair: Pair,
    public_key: PublicKey,
}

#[derive(Debug)]
enum Pair {
    Ecdsa(EcdsaKeyPair),
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    Ed25519(Ed25519KeyPair),
    #[cfg(feature = "ml-dsa")]
    MlDsa(PqdsaKeyPair),
}

impl LocalSigner {
    /// A fresh key; with it its PKCS#8 form, this once, to be sealed.
    ///
    /// RSA takes long (4096 bits: a second, or several): not for a runtime's own threads.
    pub fn generate(algorithm: KeyAlgorithm) -> Result<(Self, Zeroizing<Vec<u8>>), PrivateKeyError> {
        // Straight from the system: an injected source of chance may be a test's, a key never is.
        let signer = Self::of(Pair::generate(algorithm)?)?;
        let pkcs8 = signer.pkcs8()?;
        Ok((signer, pkcs8))
    }

    /// The key of a PKCS#8 document without a passphrase.
    pub fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, PrivateKeyError> {
        let algorithm = crate::private_key::algorithm_of(pkcs8)?;
        Self::of(Pair::from_pkcs8(algorithm, pkcs8)?)
    }

    /// The one way out for the key, closed to other crates.
    pub(crate) fn pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, PrivateKeyError> {
        self.pair.pkcs8().map_err(|Unspecified| PrivateKeyError::Incomplete)
    }

    fn of(pair: Pair) -> Result<Self, PrivateKeyError> {
        let info = pair.public_key().map_err(|Unspecified| PrivateKeyError::Incomplete)?;
        Ok(Self { public_key: PublicKey::from_der(info.as_ref())?, pair })
    }
}

impl Signer for LocalSigner {
    fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    fn sign<'a>(&'a self, message: &'a [u8]) -> Signing<'a> {
        Box::pin(async {
            let signature = self.pair.sign(message);
            signature.map_err(|Unspecified| SignerError::Failed("the library refused".to_owned()))
        })
    }
}

impl Pair {
    fn generate(algorithm: KeyAlgorithm) -> Result<Self, PrivateKeyError> {
        let rsa = |size, encoding| Ok(Self::Rsa(RsaKeyPair::generate(size)?, encoding));
        #[cfg(feature = "ml-dsa")]
        let ml_dsa = |algorithm| PqdsaKeyPair::generate(algorithm).map(Self::MlDsa);
        let pair = match algorithm {
            KeyAlgorithm::EcdsaP256 | KeyAlgorithm::EcdsaP384 => {
                EcdsaKeyPair::generate(curve(algorithm)).map(Self::Ecdsa)
            }
            KeyAlgorithm::Rsa2048 => rsa(KeySize::Rsa2048, &RSA_PKCS1_SHA256),
            KeyAlgorithm::Rsa3072 => rsa(KeySize::Rsa3072, &RSA_PKCS1_SHA256),
            KeyAlgorithm::Rsa4096 => rsa(KeySize::Rsa4096, &RSA_PKCS1_SHA512),
            KeyAlgorithm::Ed25519 => Ed25519KeyPair::generate().map(Self::Ed25519),
            #[cfg(feature = "ml-dsa")]
            KeyAlgorithm::MlDsa44 => ml_dsa(&ML_DSA_44_SIGNING),
            #[cfg(feature = "ml-dsa")]
            KeyAlgorithm::MlDsa65 => ml_dsa(&ML_DSA_65_SIGNING),
            #[cfg(feature = "ml-dsa")]
            KeyAlgorithm::MlDsa87 => ml_dsa(&ML_DSA_87_SIGNING),
            #[cfg(not(feature = "ml-dsa"))]
            KeyAlgorithm::MlDsa44 | KeyAlgorithm::MlDsa65 | KeyAlgorithm::MlDsa87 => {
                return Err(PrivateKeyError::NotBuiltIn(algorithm));
            }
        };
        pair.map_err(|Unspecified| PrivateKeyError::Generation(algorithm))
    }

    fn from_pkcs8(algorithm: KeyAlgorithm, pkcs8: &[u8]) -> Result<Self, PrivateKeyError> {
        let rsa = |encoding| Ok(Self::Rsa(RsaKeyPair::from_pkcs8(pkcs8)?, encoding));
        #[cfg(feature = "ml-dsa")]
        let ml_dsa = |algorithm| PqdsaKeyPair::from_pkcs8(algorithm, pkcs8).map(Self::MlDsa);
        let pair = match algorithm {
            KeyAlgorithm::EcdsaP256 | KeyAlgorithm::EcdsaP384 => {
                EcdsaKeyPair::from_pkcs8(curve(algorithm), pkcs8).map(Self::Ecdsa)
            }
            KeyAlgorithm::Rsa2048 | KeyAlgorithm::Rsa3072 => rsa(&RSA_PKCS1_SHA256),
            KeyAlgorithm::Rsa4096 => rsa(&RSA_PKCS1_SHA512),
            KeyAlgorithm::Ed25519 => Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8).map(Self::Ed25519),
            #[cfg(feature = "ml-dsa")]
            KeyAlgorithm::MlDsa44 => ml_dsa(&ML_DSA_44_SIGNING),
            #[cfg(feature = "ml-dsa")]
            KeyAlgorithm::MlDsa65 => ml_dsa(&ML_DSA_65_SIGNING),
            #[cfg(feature = "ml-dsa")]
            KeyAlgorithm::MlDsa87 => ml_dsa(&ML_DSA_87_SIGNING),
            #[cfg(not(feature = "ml-dsa"))]
            KeyAlgorithm::MlDsa44 | KeyAlgorithm::MlDsa65 | KeyAlgorithm::MlDsa87 => {
                return Err(PrivateKeyError::NotBuiltIn(algorithm));
            }
        };
        pair.map_err(|reason: KeyRejected| PrivateKeyError::Rejected(algorithm, reason.to_string()))
    }

    fn public_key(&self) -> Result<PublicKeyX509Der<'static>, Unspecified> {
        match self {
            Self::Ecdsa(pair) => pair.public_key().as_der(),
            Self::Rsa(pair, _) => pair.public_key().as_der(),
            Self::Ed25519(pair) => pair.public_key().as_der(),
            #[cfg(feature = "ml-dsa")]
            Self::MlDsa(pair) => pair.public_key().as_der(),
        }
    }

    /// Version 1 of PKCS#8, which everybody reads; the buffers of the library wipe themselves.
    fn pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, Unspecified> {
        let kept = |der: &[u8]| Zeroizing::new(der.to_vec());
        match self {
            Self::Ecdsa(pair) => Ok(kept(pair.to_pkcs8v1()?.as_ref())),
            Self::Rsa(pair, _) => Ok(kept(pair.as_der()?.as_ref())),
            Self::Ed25519(pair) => Ok(kept(pair.to_pkcs8v1()?.as_ref())),
            #[cfg(feature = "ml-dsa")]
            Self::MlDsa(pair) => Ok(kept(pair.to_pkcs8v1()?.as_ref())),
        }
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Unspecified> {
        match self {
            Self::Ecdsa(pair) => Ok(pair.sign(&SystemRandom::new(), message)?.as_ref().to_vec()),
            Self::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*encoding, &SystemRandom::new(), message, &mut signature)?;
                Ok(signature)
            }
            Self::Ed25519(pair) => Ok(pair.try_sign(message)?.as_ref().to_vec()),
            #[cfg(feature = "ml-dsa")]
            Self::MlDsa(pair) => {
                let mut signature = vec![0; pair.algorithm().signature_len()];
                let length = pair.sign(message, &mut signature)?;
                signature.truncate(length);
                Ok(signature)
            }
        }
    }
}

fn curve(algorithm: KeyAlgorithm) -> &'static EcdsaSigningAlgorithm {
    match algorithm {
        KeyAlgorithm::EcdsaP384 => &ECDSA_P384_SHA384_ASN1_SIGNING,
        _ => &ECDSA_P256_SHA256_ASN1_SIGNING,
    }
}

#[cfg(test)]
pub(crate) mod tests;
