//! CloudFront toward viewers (`cloudfront`) and toward origins (`cloudfront-origin`).
//!
//! AWS's page has the ECDSA and RSA suites apart; here they are interleaved as in s2n-tls, which is also where
//! the order of the documented groups comes from.

use super::list::*;
use super::row::*;
use super::suite::*;
use crate::NamedGroup as G;
use crate::policy::GroupSource::{Code, Documented, DocumentedSet};
use crate::policy::SecurityPolicy;
use crate::policy::Status::CodeOnly;

pub(super) const CLOUDFRONT: &[SecurityPolicy] = &[
    cloudfront("SSLv3", SSL3_TO_13, suites![TLS13, DOWN_TO_3DES_AND_RC4])
        .groups(DocumentedSet, VIEWER)
        .post_quantum(),
    cloudfront("TLSv1", TLS10_TO_13, suites![TLS13, DOWN_TO_3DES])
        .groups(DocumentedSet, VIEWER)
        .post_quantum(),
    cloudfront("TLSv1_2016", TLS10_TO_13, suites![TLS13, DOWN_TO_RSA])
        .groups(DocumentedSet, VIEWER)
        .post_quantum(),
    cloudfront("TLSv1.1_2016", TLS11_TO_13, suites![TLS13, DOWN_TO_RSA])
        .groups(DocumentedSet, VIEWER)
        .post_quantum(),
    cloudfront("TLSv1.2_2018", TLS12_TO_13, suites![TLS13, OF_2018])
        .groups(DocumentedSet, VIEWER)
        .post_quantum(),
    cloudfront("TLSv1.2_2019", TLS12_TO_13, suites![TLS13, ECDHE_GCM, ECDHE_CHACHA20, ECDHE_CBC_SHA2])
        .groups(DocumentedSet, VIEWER)
        .post_quantum(),
    cloudfront("TLSv1.2_2021", TLS12_TO_13, suites![TLS13, ECDHE_GCM, ECDHE_CHACHA20])
        .groups(DocumentedSet, VIEWER)
        .post_quantum(),
    cloudfront("TLSv1.2_2025", TLS12_TO_13, suites![TLS13_AES, ECDHE_GCM])
        .groups(DocumentedSet, &[G::X25519MLKEM768, G::SECP256R1MLKEM768, G::SECP256R1, G::SECP384R1])
        .post_quantum(),
    cloudfront("TLSv1.3_2025", TLS13_ONLY, TLS13).groups(DocumentedSet, VIEWER).post_quantum(),
];

/// `CloudFront-to-origin` is no name of AWS's: a distribution picks any of its versions. The others are s2n-tls's;
/// whether CloudFront uses them is not confirmed.
pub(super) const CLOUDFRONT_ORIGIN: &[SecurityPolicy] = &[
    origin("CloudFront-to-origin", SSL3_TO_12, TO_ORIGIN)
        .groups(Documented, &[G::SECP256R1, G::SECP384R1, G::X25519]),
    origin("CloudFront-Upstream-TLS-1-2-2025-PQ", TLS12_TO_13, suites![TLS13, UPSTREAM_TLS12])
        .groups(Code, UPSTREAM)
        .post_quantum()
        .status(CodeOnly),
    origin("CloudFront-Upstream-TLS-1-3-2025-PQ", TLS13_ONLY, TLS13)
        .groups(Code, UPSTREAM)
        .post_quantum()
        .status(CodeOnly),
];

const fn cloudfront(name: &'static str, versions: Versions, suites: Suites) -> SecurityPolicy {
    policy("cloudfront", name, versions, suites)
}

const fn origin(name: &'static str, versions: Versions, suites: Suites) -> SecurityPolicy {
    policy("cloudfront-origin", name, versions, suites)
}

const VIEWER: Groups = &[G::X25519MLKEM768, G::SECP256R1MLKEM768, G::X25519, G::SECP256R1, G::SECP384R1];

const UPSTREAM: Groups =
    &[G::X25519MLKEM768, G::SECP256R1MLKEM768, G::SECP384R1MLKEM1024, G::SECP256R1, G::X25519, G::SECP384R1];

const OF_2018: Suites = &[
    ECDHE_ECDSA_AES128_GCM_SHA256,
    ECDHE_RSA_AES128_GCM_SHA256,
    ECDHE_ECDSA_AES128_SHA256,
    ECDHE_RSA_AES128_SHA256,
    ECDHE_ECDSA_AES256_GCM_SHA384,
    ECDHE_RSA_AES256_GCM_SHA384,
    ECDHE_ECDSA_CHACHA20_POLY1305,
    ECDHE_RSA_CHACHA20_POLY1305,
    ECDHE_ECDSA_AES256_SHA384,
    ECDHE_RSA_AES256_SHA384,
    AES128_GCM_SHA256,
    AES256_GCM_SHA384,
    AES128_SHA256,
];

const DOWN_TO_RSA: Suites = &[
    ECDHE_ECDSA_AES128_GCM_SHA256,
    ECDHE_RSA_AES128_GCM_SHA256,
    ECDHE_ECDSA_AES128_SHA256,
    ECDHE_RSA_AES128_SHA256,
    ECDHE_ECDSA_AES128_SHA,
    ECDHE_RSA_AES128_SHA,
    ECDHE_ECDSA_AES256_GCM_SHA384,
    ECDHE_RSA_AES256_GCM_SHA384,
    ECDHE_ECDSA_CHACHA20_POLY1305,
    ECDHE_RSA_CHACHA20_POLY1305,
    ECDHE_ECDSA_AES256_SHA384,
    ECDHE_RSA_AES256_SHA384,
    ECDHE_ECDSA_AES256_SHA,
    ECDHE_RSA_AES256_SHA,
    AES128_GCM_SHA256,
    AES256_GCM_SHA384,
    AES128_SHA256,
    AES256_SHA,
    AES128_SHA,
];

const DOWN_TO_3DES: Suites = suites![DOWN_TO_RSA, &[DES_CBC3_SHA]];

const DOWN_TO_3DES_AND_RC4: Suites = suites![DOWN_TO_3DES, &[RC4_MD5]];

const TO_ORIGIN: Suites = &[
    ECDHE_ECDSA_AES256_GCM_SHA384,
    ECDHE_RSA_AES256_GCM_SHA384,
    ECDHE_ECDSA_AES256_SHA384,
    ECDHE_RSA_AES256_SHA384,
    ECDHE_ECDSA_AES256_SHA,
    ECDHE_RSA_AES256_SHA,
    ECDHE_ECDSA_AES128_GCM_SHA256,
    ECDHE_RSA_AES128_GCM_SHA256,
    ECDHE_ECDSA_AES128_SHA256,
    ECDHE_RSA_AES128_SHA256,
    ECDHE_ECDSA_AES128_SHA,
    ECDHE_RSA_AES128_SHA,
    AES256_SHA,
    AES128_SHA,
    DES_CBC3_SHA,
    RC4_MD5,
];

const UPSTREAM_TLS12: Suites = &[
    ECDHE_ECDSA_AES128_GCM_SHA256,
    ECDHE_RSA_AES128_GCM_SHA256,
    ECDHE_ECDSA_AES256_GCM_SHA384,
    ECDHE_RSA_AES256_GCM_SHA384,
    ECDHE_ECDSA_AES128_SHA256,
    ECDHE_RSA_AES128_SHA256,
    ECDHE_ECDSA_AES256_SHA384,
    ECDHE_RSA_AES256_SHA384,
    ECDHE_ECDSA_AES128_SHA,
    ECDHE_RSA_AES128_SHA,
    ECDHE_ECDSA_AES256_SHA,
    ECDHE_RSA_AES256_SHA,
    AES128_GCM_SHA256,
    AES256_GCM_SHA384,
    AES128_SHA256,
    AES128_SHA,
    AES256_SHA,
    DES_CBC3_SHA,
    RC4_MD5,
];
