//! Application and Network Load Balancers (`elb`) and Classic Load Balancers (`clb`).
//!
//! The order is that of AWS's tables. A FIPS name says which module computes, not that the versions are
//! modern. AWS names no classical groups for the TLS 1.3 policies; for the older ones they come from s2n-tls,
//! which serves them under the same names.

use super::list::*;
use super::row::*;
use super::suite::*;
use crate::NamedGroup as G;
use crate::policy::GroupSource::{Code, EquivalentCode, HybridsOnly};
use crate::policy::SecurityPolicy;
use crate::policy::Status::CodeOnly;

pub(super) const ELB: &[SecurityPolicy] = &[
    elb("ELBSecurityPolicy-TLS13-1-3-2021-06", TLS13_ONLY, TLS13),
    elb("ELBSecurityPolicy-TLS13-1-3-PQ-2025-09", TLS13_ONLY, TLS13)
        .groups(HybridsOnly, HYBRIDS)
        .post_quantum(),
    elb("ELBSecurityPolicy-TLS13-1-2-2021-06", TLS12_TO_13, suites![TLS13, ECDHE_SHA2]),
    elb("ELBSecurityPolicy-TLS13-1-2-PQ-2025-09", TLS12_TO_13, suites![TLS13, ECDHE_SHA2])
        .groups(HybridsOnly, HYBRIDS)
        .post_quantum(),
    elb("ELBSecurityPolicy-TLS13-1-2-Res-2021-06", TLS12_TO_13, suites![TLS13, ECDHE_GCM]),
    elb("ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", TLS12_TO_13, suites![TLS13, ECDHE_GCM])
        .groups(HybridsOnly, HYBRIDS)
        .post_quantum(),
    elb("ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06", TLS12_TO_13, suites![TLS13, ECDHE_AES, RSA_AES]),
    elb("ELBSecurityPolicy-TLS13-1-2-Ext2-PQ-2025-09", TLS12_TO_13, suites![TLS13, ECDHE_AES, RSA_AES])
        .groups(HybridsOnly, HYBRIDS)
        .post_quantum(),
    elb("ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06", TLS12_TO_13, suites![TLS13, ECDHE_SHA2, RSA_SHA2]),
    elb("ELBSecurityPolicy-TLS13-1-2-Ext1-PQ-2025-09", TLS12_TO_13, suites![TLS13, ECDHE_SHA2, RSA_SHA2])
        .groups(HybridsOnly, HYBRIDS)
        .post_quantum(),
    elb("ELBSecurityPolicy-TLS13-1-1-2021-06", TLS11_TO_13, suites![TLS13, ECDHE_AES, RSA_AES]),
    elb("ELBSecurityPolicy-TLS13-1-0-2021-06", TLS10_TO_13, suites![TLS13, ECDHE_AES, RSA_AES]),
    elb("ELBSecurityPolicy-TLS13-1-0-PQ-2025-09", TLS10_TO_13, suites![TLS13, ECDHE_AES, RSA_AES])
        .groups(HybridsOnly, HYBRIDS)
        .post_quantum(),
    elb("ELBSecurityPolicy-TLS-1-2-Ext-2018-06", TLS12_ONLY, suites![ECDHE_AES, RSA_AES])
        .groups(Code, P256_P384),
    elb("ELBSecurityPolicy-TLS-1-2-2017-01", TLS12_ONLY, suites![ECDHE_SHA2, RSA_SHA2])
        .groups(Code, P256_P384),
    elb("ELBSecurityPolicy-TLS-1-1-2017-01", TLS11_TO_12, suites![ECDHE_AES, RSA_AES])
        .groups(Code, P256_P384),
    elb("ELBSecurityPolicy-2016-08", TLS10_TO_12, suites![ECDHE_AES, RSA_AES]).groups(Code, P256_P384),
    elb("ELBSecurityPolicy-2015-05", TLS10_TO_12, suites![ECDHE_AES, RSA_AES]),
    elb("ELBSecurityPolicy-FS-1-2-Res-2020-10", TLS12_ONLY, ECDHE_GCM),
    elb("ELBSecurityPolicy-FS-1-2-Res-2019-08", TLS12_ONLY, ECDHE_SHA2).groups(Code, P256_P384),
    elb("ELBSecurityPolicy-FS-1-2-2019-08", TLS12_ONLY, ECDHE_AES).groups(Code, P256_P384),
    elb("ELBSecurityPolicy-FS-1-1-2019-08", TLS11_TO_12, ECDHE_AES).groups(Code, P256_P384),
    elb("ELBSecurityPolicy-FS-2018-06", TLS10_TO_12, ECDHE_AES).groups(Code, P256_P384),
    elb("ELBSecurityPolicy-TLS13-1-3-FIPS-2023-04", TLS13_ONLY, TLS13_AES).fips(),
    elb("ELBSecurityPolicy-TLS13-1-3-FIPS-PQ-2025-09", TLS13_ONLY, TLS13_AES)
        .groups(HybridsOnly, HYBRIDS)
        .post_quantum()
        .fips(),
    elb("ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04", TLS12_TO_13, suites![TLS13_AES, ECDHE_SHA2]).fips(),
    elb("ELBSecurityPolicy-TLS13-1-2-FIPS-PQ-2025-09", TLS12_TO_13, suites![TLS13_AES, ECDHE_SHA2])
        .groups(HybridsOnly, HYBRIDS)
        .post_quantum()
        .fips(),
    elb("ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04", TLS12_TO_13, suites![TLS13_AES, ECDHE_GCM]).fips(),
    elb("ELBSecurityPolicy-TLS13-1-2-Res-FIPS-PQ-2025-09", TLS12_TO_13, suites![TLS13_AES, ECDHE_GCM])
        .groups(HybridsOnly, HYBRIDS)
        .post_quantum()
        .fips(),
    elb(
        "ELBSecurityPolicy-TLS13-1-2-Ext2-FIPS-2023-04",
        TLS12_TO_13,
        suites![TLS13_AES, ECDHE_AES_RSA_BEFORE_ECDSA, RSA_AES],
    )
    .fips(),
    elb(
        "ELBSecurityPolicy-TLS13-1-2-Ext2-FIPS-PQ-2025-09",
        TLS12_TO_13,
        suites![TLS13_AES, ECDHE_AES_RSA_BEFORE_ECDSA, RSA_AES],
    )
    .groups(HybridsOnly, HYBRIDS)
    .post_quantum()
    .fips(),
    elb(
        "ELBSecurityPolicy-TLS13-1-2-Ext1-FIPS-2023-04",
        TLS12_TO_13,
        suites![TLS13_AES, ECDHE_SHA2, RSA_SHA2],
    )
    .fips(),
    elb(
        "ELBSecurityPolicy-TLS13-1-2-Ext1-FIPS-PQ-2025-09",
        TLS12_TO_13,
        suites![TLS13_AES, ECDHE_SHA2, RSA_SHA2],
    )
    .groups(HybridsOnly, HYBRIDS)
    .post_quantum()
    .fips(),
    elb(
        "ELBSecurityPolicy-TLS13-1-2-Ext0-FIPS-2023-04",
        TLS12_TO_13,
        suites![TLS13_AES, ECDHE_AES_RSA_BEFORE_ECDSA],
    )
    .fips(),
    elb(
        "ELBSecurityPolicy-TLS13-1-2-Ext0-FIPS-PQ-2025-09",
        TLS12_TO_13,
        suites![TLS13_AES, ECDHE_AES_RSA_BEFORE_ECDSA],
    )
    .groups(HybridsOnly, HYBRIDS)
    .post_quantum()
    .fips(),
    elb(
        "ELBSecurityPolicy-TLS13-1-1-FIPS-2023-04",
        TLS11_TO_13,
        suites![TLS13_AES, ECDHE_AES_RSA_BEFORE_ECDSA, RSA_AES],
    )
    .fips(),
    elb(
        "ELBSecurityPolicy-TLS13-1-0-FIPS-2023-04",
        TLS10_TO_13,
        suites![TLS13_AES, ECDHE_AES_RSA_BEFORE_ECDSA, RSA_AES],
    )
    .fips(),
    elb(
        "ELBSecurityPolicy-TLS13-1-0-FIPS-PQ-2025-09",
        TLS10_TO_13,
        suites![TLS13_AES, ECDHE_AES_RSA_BEFORE_ECDSA, RSA_AES],
    )
    .groups(HybridsOnly, HYBRIDS)
    .post_quantum()
    .fips(),
    elb("ELBSecurityPolicy-TLS13-1-3-RFC9151-FIPS-2023-07", TLS13_ONLY, TLS13_AES256)
        .groups(EquivalentCode, &[G::SECP384R1])
        .fips(),
    elb(
        "ELBSecurityPolicy-TLS13-1-2-RFC9151-FIPS-2023-07",
        TLS12_TO_13,
        suites![TLS13_AES256, ECDHE_AES256_GCM],
    )
    .groups(EquivalentCode, &[G::SECP384R1])
    .fips(),
    elb(
        "ELBSecurityPolicy-TLS13-1-2-Ext0-RFC9151-FIPS-2023-07",
        TLS12_TO_13,
        suites![TLS13_AES256, ECDHE_AES256_GCM, &[AES256_GCM_SHA384]],
    )
    .groups(EquivalentCode, &[G::SECP384R1])
    .fips(),
    elb(
        "ELBSecurityPolicy-TLS13-1-2-RFC9151-INTEROP1-FIPS-2023-07",
        TLS12_TO_13,
        suites![TLS13_AES256_FIRST, AES256_FIRST_GCM],
    )
    .groups(EquivalentCode, CNSA_INTEROP)
    .fips(),
    elb(
        "ELBSecurityPolicy-TLS13-1-2-RFC9151-INTEROP2-FIPS-2023-07",
        TLS12_TO_13,
        suites![TLS13_AES256_FIRST, AES256_FIRST_SHA2],
    )
    .groups(EquivalentCode, CNSA_INTEROP)
    .fips(),
    elb(
        "ELBSecurityPolicy-TLS13-1-2-RFC9151-INTEROP3-FIPS-2023-07",
        TLS12_TO_13,
        suites![TLS13_AES256_FIRST, AES256_FIRST],
    )
    .groups(EquivalentCode, CNSA_INTEROP)
    .fips(),
    elb(
        "ELBSecurityPolicy-TLS13-1-2-RFC9151-INTEROP4-FIPS-2023-07",
        TLS12_TO_13,
        suites![TLS13_AES256_FIRST, AES256_FIRST_AND_RSA],
    )
    .groups(EquivalentCode, CNSA_INTEROP)
    .fips(),
    elb("ELBSecurityPolicy-TLS13-1-3-CNSA2-INTEROP1-FIPS-PQ-2026-07", TLS13_ONLY, TLS13_AES256)
        .groups(Code, &[G::MLKEM1024, G::SECP384R1])
        .post_quantum()
        .fips()
        .status(CodeOnly),
    elb(
        "ELBSecurityPolicy-TLS13-1-2-CNSA2-INTEROP2-FIPS-PQ-2026-07",
        TLS12_TO_13,
        suites![TLS13_AES256, ECDHE_AES256_GCM],
    )
    .groups(Code, &[G::MLKEM1024, G::SECP384R1])
    .post_quantum()
    .fips()
    .status(CodeOnly),
    elb(
        "ELBSecurityPolicy-TLS13-1-2-CNSA2-INTEROP3-FIPS-PQ-2026-07",
        TLS12_TO_13,
        suites![TLS13_AES256_FIRST, AES256_FIRST_AND_RSA],
    )
    .groups(Code, &[G::MLKEM1024, G::SECP384R1, G::SECP256R1, G::SECP521R1])
    .post_quantum()
    .fips()
    .status(CodeOnly),
];

pub(super) const CLB: &[SecurityPolicy] = &[
    clb("ELBSecurityPolicy-TLS-1-2-2017-01", TLS12_ONLY, suites![ECDHE_SHA2, RSA_SHA2]),
    clb("ELBSecurityPolicy-TLS-1-1-2017-01", TLS11_TO_12, suites![ECDHE_AES, RSA_AES]),
    clb("ELBSecurityPolicy-2016-08", TLS10_TO_12, suites![ECDHE_AES, RSA_AES]),
    clb("ELBSecurityPolicy-2015-05", TLS10_TO_12, suites![ECDHE_AES, RSA_AES, &[DES_CBC3_SHA]]),
    clb(
        "ELBSecurityPolicy-2015-03",
        TLS10_TO_12,
        suites![ECDHE_AES, RSA_AES, &[DHE_RSA_AES128_SHA, DHE_DSS_AES128_SHA, DES_CBC3_SHA]],
    ),
    clb(
        "ELBSecurityPolicy-2015-02",
        TLS10_TO_12,
        suites![ECDHE_AES, RSA_AES, &[DHE_RSA_AES128_SHA, DHE_DSS_AES128_SHA]],
    ),
    clb(
        "ELBSecurityPolicy-TLS-1-0-2015-04",
        TLS10_TO_12,
        suites![ECDHE_AES_RSA_BEFORE_ECDSA, RSA_AES, &[DES_CBC3_SHA]],
    )
    .groups(Code, P256_P384)
    .status(CodeOnly),
    clb("ELBSecurityPolicy-TLS-1-0-2015-05", TLS10_TO_12, suites![ECDHE_AES_RSA_BEFORE_ECDSA, RSA_AES])
        .groups(Code, P256_P384)
        .status(CodeOnly),
];

const fn elb(name: &'static str, versions: Versions, suites: Suites) -> SecurityPolicy {
    policy("elb", name, versions, suites)
}

const fn clb(name: &'static str, versions: Versions, suites: Suites) -> SecurityPolicy {
    policy("clb", name, versions, suites)
}

/// The groups that the documentation of the PQ policies names; they fall back to classical ones that it does not.
const HYBRIDS: Groups = &[G::X25519MLKEM768, G::SECP256R1MLKEM768, G::SECP384R1MLKEM1024];

/// RFC 9151 with interoperability: P-384 first.
const CNSA_INTEROP: Groups = &[G::SECP384R1, G::SECP256R1, G::SECP521R1];

const AES256_FIRST_GCM: Suites =
    suites![ECDHE_AES256_GCM, &[ECDHE_ECDSA_AES128_GCM_SHA256, ECDHE_RSA_AES128_GCM_SHA256]];

/// The order of s2n-tls; AWS's table lists the GCM suites first.
const AES256_FIRST_SHA2: Suites = &[
    ECDHE_ECDSA_AES256_GCM_SHA384,
    ECDHE_RSA_AES256_GCM_SHA384,
    ECDHE_ECDSA_AES256_SHA384,
    ECDHE_RSA_AES256_SHA384,
    ECDHE_ECDSA_AES128_GCM_SHA256,
    ECDHE_RSA_AES128_GCM_SHA256,
    ECDHE_ECDSA_AES128_SHA256,
    ECDHE_RSA_AES128_SHA256,
];

const AES256_FIRST: Suites = &[
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
];

const AES256_FIRST_AND_RSA: Suites = suites![
    AES256_FIRST,
    &[AES256_GCM_SHA384, AES256_SHA256, AES256_SHA, AES128_GCM_SHA256, AES128_SHA256, AES128_SHA]
];
