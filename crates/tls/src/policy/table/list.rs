//! Lists that several services share: versions, suites, groups.

use super::row::suites;
use super::suite::*;
use crate::{CipherSuite, NamedGroup as G, ProtocolVersion as V};

pub(super) type Versions = &'static [V];
pub(super) type Suites = &'static [CipherSuite];
pub(super) type Groups = &'static [G];

pub(super) const TLS13_ONLY: Versions = &[V::TLS1_3];
pub(super) const TLS12_TO_13: Versions = &[V::TLS1_3, V::TLS1_2];
pub(super) const TLS11_TO_13: Versions = &[V::TLS1_3, V::TLS1_2, V::TLS1_1];
pub(super) const TLS10_TO_13: Versions = &[V::TLS1_3, V::TLS1_2, V::TLS1_1, V::TLS1_0];
pub(super) const SSL3_TO_13: Versions = &[V::TLS1_3, V::TLS1_2, V::TLS1_1, V::TLS1_0, V::SSL3];
pub(super) const TLS12_ONLY: Versions = &[V::TLS1_2];
pub(super) const TLS11_TO_12: Versions = &[V::TLS1_2, V::TLS1_1];
pub(super) const TLS10_TO_12: Versions = &[V::TLS1_2, V::TLS1_1, V::TLS1_0];
pub(super) const SSL3_TO_12: Versions = &[V::TLS1_2, V::TLS1_1, V::TLS1_0, V::SSL3];

pub(super) const P256_P384: Groups = &[G::SECP256R1, G::SECP384R1];

/// The three suites of TLS 1.3 that everybody has.
pub(super) const TLS13: Suites =
    &[TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384, TLS_CHACHA20_POLY1305_SHA256];

/// Those of them that FIPS 140 knows.
pub(super) const TLS13_AES: Suites = &[TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384];

/// The one that CNSA knows.
pub(super) const TLS13_AES256: Suites = &[TLS_AES_256_GCM_SHA384];

pub(super) const TLS13_AES256_FIRST: Suites = &[TLS_AES_256_GCM_SHA384, TLS_AES_128_GCM_SHA256];

pub(super) const ECDHE_GCM: Suites = &[
    ECDHE_ECDSA_AES128_GCM_SHA256,
    ECDHE_RSA_AES128_GCM_SHA256,
    ECDHE_ECDSA_AES256_GCM_SHA384,
    ECDHE_RSA_AES256_GCM_SHA384,
];

pub(super) const ECDHE_AES256_GCM: Suites = &[ECDHE_ECDSA_AES256_GCM_SHA384, ECDHE_RSA_AES256_GCM_SHA384];

pub(super) const ECDHE_CHACHA20: Suites = &[ECDHE_ECDSA_CHACHA20_POLY1305, ECDHE_RSA_CHACHA20_POLY1305];

pub(super) const ECDHE_CBC_SHA2: Suites =
    &[ECDHE_ECDSA_AES256_SHA384, ECDHE_RSA_AES256_SHA384, ECDHE_ECDSA_AES128_SHA256, ECDHE_RSA_AES128_SHA256];

/// AES with GCM, and with CBC under SHA-2.
pub(super) const ECDHE_SHA2: Suites = &[
    ECDHE_ECDSA_AES128_GCM_SHA256,
    ECDHE_RSA_AES128_GCM_SHA256,
    ECDHE_ECDSA_AES128_SHA256,
    ECDHE_RSA_AES128_SHA256,
    ECDHE_ECDSA_AES256_GCM_SHA384,
    ECDHE_RSA_AES256_GCM_SHA384,
    ECDHE_ECDSA_AES256_SHA384,
    ECDHE_RSA_AES256_SHA384,
];

const ECDHE_AES_BUT_AES256_SHA: Suites = &[
    ECDHE_ECDSA_AES128_GCM_SHA256,
    ECDHE_RSA_AES128_GCM_SHA256,
    ECDHE_ECDSA_AES128_SHA256,
    ECDHE_RSA_AES128_SHA256,
    ECDHE_ECDSA_AES128_SHA,
    ECDHE_RSA_AES128_SHA,
    ECDHE_ECDSA_AES256_GCM_SHA384,
    ECDHE_RSA_AES256_GCM_SHA384,
    ECDHE_ECDSA_AES256_SHA384,
    ECDHE_RSA_AES256_SHA384,
];

/// Every ECDHE suite with AES: GCM, CBC under SHA-2, CBC under SHA-1.
pub(super) const ECDHE_AES: Suites =
    suites![ECDHE_AES_BUT_AES256_SHA, &[ECDHE_ECDSA_AES256_SHA, ECDHE_RSA_AES256_SHA]];

/// The same with its last two the other way round, as in ELB's FIPS tables. No client can tell: neither can
/// be negotiated with the other's certificate.
pub(super) const ECDHE_AES_RSA_BEFORE_ECDSA: Suites =
    suites![ECDHE_AES_BUT_AES256_SHA, &[ECDHE_RSA_AES256_SHA, ECDHE_ECDSA_AES256_SHA]];

/// RSA key transport: not forward secret.
pub(super) const RSA_SHA2: Suites = &[AES128_GCM_SHA256, AES128_SHA256, AES256_GCM_SHA384, AES256_SHA256];

/// RSA key transport, with CBC under SHA-1 too.
pub(super) const RSA_AES: Suites =
    &[AES128_GCM_SHA256, AES128_SHA256, AES128_SHA, AES256_GCM_SHA384, AES256_SHA256, AES256_SHA];
