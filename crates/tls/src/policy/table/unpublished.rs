//! Services that publish names and versions, and no suites: OpenSearch, CloudSearch, Cognito's custom domains.

use super::list::*;
use super::row::*;
use crate::policy::SecurityPolicy;
use crate::policy::Status::{NameOnly, SuitesUnknown};

/// The name with RFC 9151 says TLS 1.2, the SDK's text of it only TLS 1.3.
pub(super) const OPENSEARCH: &[SecurityPolicy] = &[
    opensearch("Policy-Min-TLS-1-0-2019-07", TLS10_TO_12).status(SuitesUnknown),
    opensearch("Policy-Min-TLS-1-2-2019-07", TLS12_ONLY).status(SuitesUnknown),
    opensearch("Policy-Min-TLS-1-2-PFS-2023-10", TLS12_TO_13).status(SuitesUnknown),
    opensearch("Policy-Min-TLS-1-2-RFC9151-FIPS-2024-08", TLS12_TO_13).fips().status(SuitesUnknown),
    opensearch("Policy-Min-TLS-1-2-FIPS-PQ-2026-10", TLS12_TO_13).post_quantum().fips().status(NameOnly),
];

pub(super) const CLOUDSEARCH: &[SecurityPolicy] = &[
    cloudsearch("Policy-Min-TLS-1-0-2019-07", TLS10_TO_12).status(SuitesUnknown),
    cloudsearch("Policy-Min-TLS-1-2-2019-07", TLS12_ONLY).status(SuitesUnknown),
];

/// CloudFront stands before custom domains, so its policies probably apply; nobody says so.
pub(super) const COGNITO: &[SecurityPolicy] = &[
    cognito("TLS_V1", TLS10_TO_13).status(NameOnly),
    cognito("TLS_V1_2_2021", TLS12_TO_13).status(NameOnly),
    cognito("TLS_V1_3_2025", TLS13_ONLY).status(NameOnly),
];

const fn opensearch(name: &'static str, versions: Versions) -> SecurityPolicy {
    only_versions("opensearch", name, versions)
}

const fn cloudsearch(name: &'static str, versions: Versions) -> SecurityPolicy {
    only_versions("cloudsearch", name, versions)
}

const fn cognito(name: &'static str, versions: Versions) -> SecurityPolicy {
    only_versions("cognito", name, versions)
}
