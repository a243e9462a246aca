//! Transfer Family's FTPS and AS2 (`transfer`). The ML-KEM in some of them is SSH's alone.

use super::list::*;
use super::row::*;
use super::suite::*;
use crate::policy::SecurityPolicy;

pub(super) const TRANSFER: &[SecurityPolicy] = &[
    transfer("TransferSecurityPolicy-2025-03", TLS12_ONLY, ECDHE_SHA2),
    transfer("TransferSecurityPolicy-FIPS-2025-03", TLS12_ONLY, ECDHE_SHA2).fips(),
    transfer("TransferSecurityPolicy-AS2Restricted-2025-07", TLS12_ONLY, ECDHE_SHA2),
    transfer("TransferSecurityPolicy-SshAuditCompliant-2025-02", TLS12_ONLY, ECDHE_SHA2),
    transfer("TransferSecurityPolicy-2024-01", TLS12_ONLY, ECDHE_SHA2),
    transfer("TransferSecurityPolicy-FIPS-2024-01", TLS12_ONLY, ECDHE_SHA2).fips(),
    transfer("TransferSecurityPolicy-FIPS-2024-05", TLS12_ONLY, ECDHE_SHA2).fips(),
    transfer("TransferSecurityPolicy-2023-05", TLS12_ONLY, ECDHE_SHA2),
    transfer("TransferSecurityPolicy-FIPS-2023-05", TLS12_ONLY, ECDHE_SHA2).fips(),
    transfer("TransferSecurityPolicy-2022-03", TLS12_ONLY, ECDHE_SHA2),
    transfer("TransferSecurityPolicy-2020-06", TLS12_ONLY, ECDHE_SHA2),
    transfer("TransferSecurityPolicy-Restricted-2020-06", TLS12_ONLY, ECDHE_SHA2),
    transfer("TransferSecurityPolicy-FIPS-2020-06", TLS12_ONLY, ECDHE_SHA2).fips(),
    transfer(
        "TransferSecurityPolicy-2018-11",
        TLS12_ONLY,
        suites![ECDHE_SHA2, &[AES128_SHA256, AES256_SHA256]],
    ),
    transfer("TransferSecurityPolicy-Restricted-2018-11", TLS12_ONLY, ECDHE_SHA2),
];

const fn transfer(name: &'static str, versions: Versions, suites: Suites) -> SecurityPolicy {
    policy("transfer", name, versions, suites)
}
