//! Ways of signing by which two different certificates can have one signature.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use const_oid::ObjectIdentifier;
use spki::AlgorithmIdentifierOwned;

/// Those with MD2, MD4, MD5 and SHA-1.
const WEAK: [(ObjectIdentifier, &str); 10] = [
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.2"), "md2WithRSAEncryption"),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.3"), "md4WithRSAEncryption"),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.4"), "md5WithRSAEncryption"),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.5"), "sha1WithRSAEncryption"),
    (ObjectIdentifier::new_unwrap("1.3.14.3.2.3"), "md5WithRSA"),
    (ObjectIdentifier::new_unwrap("1.3.14.3.2.13"), "dsaWithSHA"),
    (ObjectIdentifier::new_unwrap("1.3.14.3.2.27"), "dsaWithSHA1-old"),
    (ObjectIdentifier::new_unwrap("1.3.14.3.2.29"), "sha1WithRSA"),
    (ObjectIdentifier::new_unwrap("1.2.840.10040.4.3"), "dsaWithSHA1"),
    (ObjectIdentifier::new_unwrap("1.2.840.10045.4.1"), "ecdsa-with-SHA1"),
];

/// RSASSA-PSS, whose parameters name the hash; SHA-1 where they don't (RFC 4055 section 3.1).
const RSASSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");

/// The name of a way of signing that is weak, as openssl writes it; `None` where it is not.
pub(crate) fn weak_algorithm(identifier: &AlgorithmIdentifierOwned) -> Option<&'static str> {
    if identifier.oid == RSASSA_PSS {
        return pss_hash_is_sha_1(identifier).then_some("rsassaPss with SHA-1");
    }
    WEAK.into_iter().find(|(oid, _)| *oid == identifier.oid).map(|(_, name)| name)
}

/// Whether the first parameter, `[0]`, is missing: it is written wherever it is not SHA-1.
fn pss_hash_is_sha_1(identifier: &AlgorithmIdentifierOwned) -> bool {
    let parameters = identifier.parameters.as_ref().map(|parameters| parameters.value());
    parameters.and_then(|parameters| parameters.first()) != Some(&0xa0)
}
