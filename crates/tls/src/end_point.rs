//! `tls-server-end-point`: what a login is bound to, so that it is of no use over another connection than
//! the one that shows this certificate (RFC 5929 section 4).
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use aws_lc_rs::digest::{Algorithm, SHA256, SHA384, SHA512, digest};
use der::Decode;
use der::oid::ObjectIdentifier;

use crate::certificate::Certificate;

/// The hash of each signature algorithm that names one; SHA-256 in the place of MD5 and SHA-1 (RFC 5929
/// section 4.1).
const HASHES: [(&str, &Algorithm); 8] = [
    ("1.2.840.113549.1.1.4", &SHA256),  // md5WithRSAEncryption
    ("1.2.840.113549.1.1.5", &SHA256),  // sha1WithRSAEncryption
    ("1.2.840.113549.1.1.11", &SHA256), // sha256WithRSAEncryption
    ("1.2.840.113549.1.1.12", &SHA384), // sha384WithRSAEncryption
    ("1.2.840.113549.1.1.13", &SHA512), // sha512WithRSAEncryption
    ("1.2.840.10045.4.3.2", &SHA256),   // ecdsa-with-SHA256
    ("1.2.840.10045.4.3.3", &SHA384),   // ecdsa-with-SHA384
    ("1.2.840.10045.4.3.4", &SHA512),   // ecdsa-with-SHA512
];

impl Certificate {
    /// The channel binding `tls-server-end-point` of connections on which a server shows this certificate.
    /// `None` where its signature algorithm names no hash: Ed25519 has none, and peers differ on RSA-PSS.
    pub fn tls_server_end_point(&self) -> Option<Vec<u8>> {
        let parsed = x509_cert::Certificate::from_der(&self.der).ok()?;
        let oid = parsed.signature_algorithm().oid;
        let of =
            |(name, _): &&(&str, &Algorithm)| ObjectIdentifier::new(name).is_ok_and(|known| known == oid);
        let (_, hash) = HASHES.iter().find(of)?;
        Some(digest(hash, &self.der).as_ref().to_vec())
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, SignatureAlgorithm};

    use super::*;

    fn of(algorithm: &'static SignatureAlgorithm) -> (Certificate, Option<Vec<u8>>) {
        let key = KeyPair::generate_for(algorithm).unwrap();
        let params = CertificateParams::new(vec!["db.example".to_owned()]).unwrap();
        let certificate = Certificate::from_der(params.self_signed(&key).unwrap().der()).unwrap();
        let binding = certificate.tls_server_end_point();
        (certificate, binding)
    }

    #[test]
    fn the_hash_is_that_of_the_signature() {
        let (certificate, binding) = of(&rcgen::PKCS_ECDSA_P256_SHA256);
        assert_eq!(binding.unwrap(), certificate.fingerprint.0);
        assert_eq!(of(&rcgen::PKCS_ECDSA_P384_SHA384).1.unwrap().len(), 48);
    }

    #[test]
    fn a_signature_without_a_hash_of_its_own_binds_nothing() {
        assert_eq!(of(&rcgen::PKCS_ED25519).1, None);
    }
}
