//! Certification requests, made before anything is measured.

use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256};

use crate::failure::Failure;

/// A request, and whose it is.
#[derive(Debug)]
pub struct Asked {
    /// What the certificate is used as; with `.internal` it is the name in it.
    pub subject: String,
    /// The request in DER.
    pub der: Vec<u8>,
}

/// So many, each with a P-256 key of its own.
pub fn make(count: usize) -> Result<Vec<Asked>, Failure> {
    (0..count).map(one).collect()
}

fn one(number: usize) -> Result<Asked, Failure> {
    let subject = format!("host-{number}");
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let request = CertificateParams::new(vec![format!("{subject}.internal")])?.serialize_request(&key)?;
    Ok(Asked { subject, der: request.der().to_vec() })
}
