//! API Gateway: regional and private (`apigateway`), and edge-optimised (`apigateway-edge`).
//!
//! The page that has the PQ policies does not say which hybrid groups they have. Three names are only in the
//! SDK's enumeration; their versions follow from the naming scheme, their TLS 1.2 suites from nothing.

use super::list::*;
use super::row::*;
use super::suite::*;
use crate::policy::SecurityPolicy;
use crate::policy::Status::NameOnly;

pub(super) const APIGATEWAY: &[SecurityPolicy] = &[
    apigateway("SecurityPolicy_TLS13_1_3_2025_09", TLS13_ONLY, TLS13),
    apigateway("SecurityPolicy_TLS13_1_3_FIPS_2025_09", TLS13_ONLY, TLS13_AES).fips(),
    apigateway("SecurityPolicy_TLS13_1_2_FIPS_PFS_PQ_2025_09", TLS12_TO_13, suites![TLS13_AES, ECDHE_GCM])
        .post_quantum()
        .fips(),
    apigateway("SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09", TLS12_TO_13, suites![TLS13, ECDHE_GCM])
        .post_quantum(),
    apigateway("SecurityPolicy_TLS13_1_2_PQ_2025_09", TLS12_TO_13, suites![TLS13, ECDHE_SHA2, RSA_SHA2])
        .post_quantum(),
    apigateway("SecurityPolicy_TLS13_1_2_2021_06", TLS12_TO_13, suites![TLS13, ECDHE_SHA2, RSA_SHA2]),
    apigateway("TLS_1_2", TLS12_TO_13, suites![TLS13, ECDHE_SHA2, RSA_SHA2]),
    apigateway("TLS_1_0", TLS10_TO_13, suites![TLS13, ECDHE_AES, RSA_AES]),
    only_versions("apigateway", "SecurityPolicy_TLS13_1_2_FIPS_PQ_2025_09", TLS12_TO_13)
        .post_quantum()
        .fips()
        .status(NameOnly),
    only_versions("apigateway", "SecurityPolicy_TLS13_1_2_Ext2_PQ_2025_09", TLS12_TO_13)
        .post_quantum()
        .status(NameOnly),
    only_versions("apigateway", "SecurityPolicy_TLS13_1_2_Ext2_FIPS_PQ_2025_09", TLS12_TO_13)
        .post_quantum()
        .fips()
        .status(NameOnly),
];

pub(super) const APIGATEWAY_EDGE: &[SecurityPolicy] = &[
    edge("SecurityPolicy_TLS13_2025_EDGE", TLS13_ONLY, TLS13),
    edge("SecurityPolicy_TLS12_PFS_2025_EDGE", TLS12_TO_13, suites![TLS13, EDGE_PFS]),
    edge("SecurityPolicy_TLS12_2018_EDGE", TLS12_TO_13, suites![TLS13, EDGE_2018]),
    edge("TLS_1_0", TLS10_TO_13, suites![TLS13, ECDHE_AES, &[AES256_SHA256, AES256_SHA]]),
];

const fn apigateway(name: &'static str, versions: Versions, suites: Suites) -> SecurityPolicy {
    policy("apigateway", name, versions, suites)
}

const fn edge(name: &'static str, versions: Versions, suites: Suites) -> SecurityPolicy {
    policy("apigateway-edge", name, versions, suites)
}

const EDGE_PFS: Suites = &[
    ECDHE_ECDSA_AES128_GCM_SHA256,
    ECDHE_ECDSA_AES256_GCM_SHA384,
    ECDHE_ECDSA_CHACHA20_POLY1305,
    ECDHE_RSA_AES128_GCM_SHA256,
    ECDHE_RSA_AES256_GCM_SHA384,
    ECDHE_RSA_CHACHA20_POLY1305,
];

const EDGE_2018: Suites = &[
    ECDHE_ECDSA_AES128_GCM_SHA256,
    ECDHE_ECDSA_AES128_SHA256,
    ECDHE_ECDSA_AES256_GCM_SHA384,
    ECDHE_ECDSA_CHACHA20_POLY1305,
    ECDHE_ECDSA_AES256_SHA384,
    ECDHE_RSA_AES128_GCM_SHA256,
    ECDHE_RSA_AES128_SHA256,
    ECDHE_RSA_AES256_GCM_SHA384,
    ECDHE_RSA_CHACHA20_POLY1305,
    ECDHE_RSA_AES256_SHA384,
];
