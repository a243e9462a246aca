//! Policies that are only names in s2n-tls: its aliases (`s2n`), which may change with any release, and those
//! made for KMS (`kms`), of which nobody says which one its endpoints run.

use super::list::*;
use super::row::*;
use super::suite::*;
use crate::NamedGroup as G;
use crate::policy::GroupSource::Code;
use crate::policy::SecurityPolicy;
use crate::policy::Status::{CodeOnly, Library};

pub(super) const KMS: &[SecurityPolicy] = &[
    kms("KMS-TLS-1-0-2018-10", TLS10_TO_12, KMS_SUITES).groups(Code, P256_P384).status(CodeOnly),
    kms("KMS-TLS-1-0-2021-08", TLS10_TO_13, suites![TLS13, KMS_SUITES])
        .groups(Code, X25519_P256_P384)
        .status(CodeOnly),
    kms("KMS-TLS-1-2-2023-06", TLS12_TO_13, suites![TLS13, KMS_SUITES])
        .groups(Code, X25519_P256_P384)
        .status(CodeOnly),
    kms("KMS-FIPS-TLS-1-2-2018-10", TLS12_ONLY, KMS_FIPS_SUITES)
        .groups(Code, P256_P384)
        .fips()
        .status(CodeOnly),
    kms("KMS-FIPS-TLS-1-2-2021-08", TLS12_TO_13, suites![TLS13_AES, KMS_FIPS_SUITES])
        .groups(Code, P256_P384)
        .fips()
        .status(CodeOnly),
    kms("KMS-FIPS-TLS-1-2-2024-10", TLS12_TO_13, suites![TLS13_AES, KMS_FIPS_SUITES])
        .groups(Code, &[G::X25519MLKEM768, G::SECP256R1MLKEM768, G::SECP256R1, G::SECP384R1, G::SECP521R1])
        .post_quantum()
        .fips()
        .status(CodeOnly),
];

pub(super) const S2N: &[SecurityPolicy] = &[
    s2n("default", TLS12_TO_13, suites![TLS13, DEFAULT_SUITES])
        .groups(Code, HYBRIDS_AND_CLASSICAL)
        .post_quantum()
        .status(Library),
    s2n("default_tls13", TLS12_TO_13, suites![TLS13, ECDHE_GCM, ECDHE_CHACHA20, ECDHE_CBC_SHA2])
        .groups(Code, &[G::SECP256R1, G::X25519, G::SECP384R1, G::SECP521R1])
        .status(Library),
    s2n("default_pq", TLS12_TO_13, suites![TLS13, ECDHE_GCM, ECDHE_CHACHA20, ECDHE_CBC_SHA2])
        .groups(Code, HYBRIDS_AND_CLASSICAL)
        .post_quantum()
        .status(Library),
    s2n("default_fips", TLS12_TO_13, suites![TLS13_AES, DEFAULT_SUITES])
        .groups(
            Code,
            &[
                G::X25519MLKEM768,
                G::SECP256R1MLKEM768,
                G::SECP384R1MLKEM1024,
                G::SECP256R1,
                G::SECP384R1,
                G::SECP521R1,
            ],
        )
        .post_quantum()
        .fips()
        .status(Library),
    s2n("cnsa_1", TLS12_TO_13, suites![TLS13_AES256, ECDHE_AES256_GCM])
        .groups(Code, &[G::SECP384R1])
        .fips()
        .status(Library),
    s2n("cnsa_2", TLS13_ONLY, TLS13_AES256)
        .groups(Code, &[G::MLKEM1024])
        .post_quantum()
        .fips()
        .status(Library),
];

const fn kms(name: &'static str, versions: Versions, suites: Suites) -> SecurityPolicy {
    policy("kms", name, versions, suites)
}

const fn s2n(name: &'static str, versions: Versions, suites: Suites) -> SecurityPolicy {
    policy("s2n", name, versions, suites)
}

const X25519_P256_P384: Groups = &[G::X25519, G::SECP256R1, G::SECP384R1];

const HYBRIDS_AND_CLASSICAL: Groups = &[
    G::X25519MLKEM768,
    G::SECP256R1MLKEM768,
    G::SECP384R1MLKEM1024,
    G::SECP256R1,
    G::X25519,
    G::SECP384R1,
    G::SECP521R1,
];

const KMS_SUITES: Suites = &[
    ECDHE_RSA_AES256_GCM_SHA384,
    ECDHE_RSA_AES128_GCM_SHA256,
    ECDHE_RSA_AES256_SHA384,
    ECDHE_RSA_AES256_SHA,
    ECDHE_RSA_AES128_SHA256,
    ECDHE_RSA_DES_CBC3_SHA,
    DHE_RSA_AES256_SHA256,
    DHE_RSA_AES128_SHA256,
    DHE_RSA_AES256_SHA,
    DHE_RSA_AES128_SHA,
];

const KMS_FIPS_SUITES: Suites = &[
    ECDHE_RSA_AES256_GCM_SHA384,
    ECDHE_RSA_AES128_GCM_SHA256,
    ECDHE_RSA_AES256_SHA384,
    ECDHE_RSA_AES128_SHA256,
    DHE_RSA_AES256_SHA256,
    DHE_RSA_AES128_SHA256,
];

/// ECDSA first, unlike ELB's.
const DEFAULT_SUITES: Suites = &[
    ECDHE_ECDSA_AES128_GCM_SHA256,
    ECDHE_ECDSA_AES256_GCM_SHA384,
    ECDHE_RSA_AES128_GCM_SHA256,
    ECDHE_RSA_AES256_GCM_SHA384,
];
