//! An authority that can sign: its certificate and its key.

use std::sync::Arc;

use der::{Decode, Encode};
use hermetic_tls::{Certificate, Chain};
use x509_cert::name::Name;

use crate::error::AuthorityError;
use crate::lint::{self, Purpose};
use crate::public_key::PublicKey;
use crate::signer::Signer;
use crate::tbs::{self, ToBeSigned};

/// An authority that can sign.
#[derive(Clone, Debug)]
pub(crate) struct Issuer {
    name: String,
    chain: Chain,
    subject: Name,
    key: PublicKey,
    signer: Arc<dyn Signer>,
}

impl Issuer {
    /// Joins an authority's chain and its signer, if they belong together.
    pub(crate) fn new(name: &str, chain: Chain, signer: Arc<dyn Signer>) -> Result<Self, AuthorityError> {
        let parsed = x509_cert::Certificate::from_der(&chain.leaf().der)?;
        let certified = parsed.tbs_certificate();
        let key = PublicKey::new(certified.subject_public_key_info().clone())?;
        if key != PublicKey::from_der(signer.public_key())? {
            let reason = format!("the signing key does not belong to the certificate of `{name}`");
            return Err(AuthorityError::Certificate(reason));
        }
        // Byte for byte as it stands there: a name encoded anew is another name (rustls/rcgen#59).
        Ok(Self { name: name.to_owned(), subject: certified.subject().clone(), chain, key, signer })
    }

    /// `root` or `intermediate`.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn chain(&self) -> &Chain {
        &self.chain
    }

    pub(crate) fn certificate(&self) -> &Certificate {
        self.chain.leaf()
    }

    /// Its name in certificates.
    pub(crate) fn subject(&self) -> &Name {
        &self.subject
    }

    pub(crate) fn key(&self) -> &PublicKey {
        &self.key
    }

    /// Asks the key for a signature; that may take long.
    pub(crate) async fn sign(&self, to_be_signed: &[u8]) -> Result<Vec<u8>, AuthorityError> {
        Ok(self.signer.sign(to_be_signed).await?)
    }

    /// The certificate of these bytes and this signature as DER, if it is what was meant.
    pub(crate) fn certify(&self, to_be_signed: &[u8], signature: &[u8]) -> Result<Vec<u8>, AuthorityError> {
        certify(&self.key, to_be_signed, signature)
    }
}

/// The certificate of a root, which its own key signs, as DER.
pub(crate) async fn self_signed(root: &ToBeSigned, signer: &dyn Signer) -> Result<Vec<u8>, AuthorityError> {
    let to_be_signed = root.to_der()?;
    lint::check(&to_be_signed, Purpose::Root, None)?;
    let signature = signer.sign(&to_be_signed).await?;
    certify(&PublicKey::from_der(signer.public_key())?, &to_be_signed, &signature)
}

/// Joins both halves, and reads them back: the certificate carries the very bytes that were recorded, and
/// the signature verifies under the key that the world knows.
fn certify(key: &PublicKey, to_be_signed: &[u8], signature: &[u8]) -> Result<Vec<u8>, AuthorityError> {
    let certificate = tbs::assemble(to_be_signed, key.signature_algorithm(), signature)?;
    let (signed, signature) = tbs::take_apart(&certificate)?;
    if signed != to_be_signed || !key.verifies(&signed, &signature) {
        let reason = "the signer's answer does not verify under the authority's public key";
        return Err(AuthorityError::Certificate(reason.to_owned()));
    }
    Ok(certificate)
}
