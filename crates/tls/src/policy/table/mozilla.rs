//! Mozilla's server-side TLS guidelines: 6.0 (`mozilla`), 5.8 and 5.7.
//!
//! "old" was last published in 5.8. 5.7 is from before hybrid groups and with DHE; much that runs follows it.

use super::list::*;
use super::row::*;
use super::suite::*;
use crate::NamedGroup as G;
use crate::policy::GroupSource::Documented;
use crate::policy::SecurityPolicy;

pub(super) const MOZILLA: &[SecurityPolicy] = &[
    policy("mozilla", "modern", TLS13_ONLY, TLS13).groups(Documented, HYBRID_FIRST).post_quantum(),
    INTERMEDIATE,
];

/// The default of the house.
pub(in crate::policy) const INTERMEDIATE: SecurityPolicy =
    policy("mozilla", "intermediate", TLS12_TO_13, suites![TLS13, ECDHE_GCM, ECDHE_CHACHA20])
        .groups(Documented, HYBRID_FIRST)
        .post_quantum();

pub(super) const MOZILLA_5_7: &[SecurityPolicy] = &[policy(
    "mozilla-5.7",
    "intermediate",
    TLS12_TO_13,
    suites![
        TLS13,
        ECDHE_GCM,
        ECDHE_CHACHA20,
        &[DHE_RSA_AES128_GCM_SHA256, DHE_RSA_AES256_GCM_SHA384, DHE_RSA_CHACHA20_POLY1305]
    ],
)
.groups(Documented, &[G::X25519, G::SECP256R1, G::SECP384R1])];

pub(super) const MOZILLA_5_8: &[SecurityPolicy] =
    &[policy("mozilla-5.8", "old", TLS10_TO_13, suites![TLS13, OLD])
        .groups(Documented, HYBRID_FIRST)
        .post_quantum()];

const HYBRID_FIRST: Groups = &[G::X25519MLKEM768, G::X25519, G::SECP256R1, G::SECP384R1];

const OLD: Suites = &[
    ECDHE_ECDSA_AES128_GCM_SHA256,
    ECDHE_RSA_AES128_GCM_SHA256,
    ECDHE_ECDSA_AES256_GCM_SHA384,
    ECDHE_RSA_AES256_GCM_SHA384,
    ECDHE_ECDSA_CHACHA20_POLY1305,
    ECDHE_RSA_CHACHA20_POLY1305,
    ECDHE_ECDSA_AES128_SHA256,
    ECDHE_RSA_AES128_SHA256,
    ECDHE_ECDSA_AES128_SHA,
    ECDHE_RSA_AES128_SHA,
    ECDHE_ECDSA_AES256_SHA384,
    ECDHE_RSA_AES256_SHA384,
    ECDHE_ECDSA_AES256_SHA,
    ECDHE_RSA_AES256_SHA,
    AES128_GCM_SHA256,
    AES256_GCM_SHA384,
    AES128_SHA256,
    AES256_SHA256,
    AES128_SHA,
    AES256_SHA,
    DES_CBC3_SHA,
];
