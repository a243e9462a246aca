//! A private key, in one form whatever the file had.

use std::sync::Arc;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING,
    EcdsaKeyPair, RsaKeyPair,
};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::SigningKey;
use zeroize::{Zeroize, Zeroizing};

use crate::error::CertificateError;

/// A private key as PKCS#8; wiped from memory when dropped, never shown.
#[derive(Clone)]
pub struct PrivateKey(Arc<Zeroizing<Vec<u8>>>);

impl PrivateKey {
    /// Reads the first private key of a PEM text: PKCS#8, PKCS#1 or SEC1.
    pub fn from_pem(pem: &str) -> Result<Self, CertificateError> {
        if pem.contains("BEGIN ENCRYPTED PRIVATE KEY") {
            let remedy = "it is encrypted with a passphrase; decrypt it with `openssl pkey`";
            return Err(CertificateError::Key(remedy.to_owned()));
        }
        let mut key = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|error| match error {
            pem::Error::NoItemsFound => CertificateError::NoKey,
            error => CertificateError::Pem(error.to_string()),
        })?;
        let pkcs8 = match &key {
            PrivateKeyDer::Pkcs8(key) => Ok(key.secret_pkcs8_der().to_vec()),
            PrivateKeyDer::Pkcs1(key) => pkcs8_of_rsa(key.secret_pkcs1_der()),
            PrivateKeyDer::Sec1(key) => pkcs8_of_ec(key.secret_sec1_der()),
            _ => Err(CertificateError::Key("its format is not known".to_owned())),
        };
        key.zeroize();
        Self::from_pkcs8(pkcs8?)
    }

    /// Takes a PKCS#8 key.
    pub fn from_pkcs8(der: Vec<u8>) -> Result<Self, CertificateError> {
        let key = Self(Arc::new(Zeroizing::new(der)));
        key.signing_key()?;
        Ok(key)
    }

    /// The DER bytes of the key. Whoever calls this holds a secret.
    pub fn expose_der(&self) -> &[u8] {
        &self.0
    }

    /// The key as a PEM block. Whoever calls this holds a secret.
    #[expect(clippy::expect_used, reason = "fails only for a length that overflows; the DER is in memory")]
    pub fn expose_pem(&self) -> Zeroizing<String> {
        let pem = der::pem::encode_string("PRIVATE KEY", der::pem::LineEnding::LF, self.expose_der());
        Zeroizing::new(pem.expect("the label is valid and the length fits"))
    }

    /// The key as the handshake signs with it.
    pub(crate) fn signing_key(&self) -> Result<Arc<dyn SigningKey>, CertificateError> {
        let der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.expose_der()));
        rustls::crypto::aws_lc_rs::sign::any_supported_type(&der)
            .map_err(|error| CertificateError::Key(error.to_string()))
    }
}

fn pkcs8_of_rsa(der: &[u8]) -> Result<Vec<u8>, CertificateError> {
    let key = RsaKeyPair::from_der(der).map_err(|error| CertificateError::Key(error.to_string()))?;
    let pkcs8: Pkcs8V1Der<'_> = key.as_der().map_err(|error| CertificateError::Key(error.to_string()))?;
    Ok(pkcs8.as_ref().to_vec())
}

fn pkcs8_of_ec(der: &[u8]) -> Result<Vec<u8>, CertificateError> {
    [&ECDSA_P256_SHA256_ASN1_SIGNING, &ECDSA_P384_SHA384_ASN1_SIGNING, &ECDSA_P521_SHA512_ASN1_SIGNING]
        .into_iter()
        .find_map(|curve| EcdsaKeyPair::from_private_key_der(curve, der).ok()?.to_pkcs8v1().ok())
        .map(|pkcs8| pkcs8.as_ref().to_vec())
        .ok_or_else(|| CertificateError::Key("its curve is not supported".to_owned()))
}

impl std::fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PrivateKey(…)")
    }
}
