//! IoT Core's data endpoints (`iot`).
//!
//! The rows of AWS's matrix are in no stated order of preference. `1_0` in a name is historical: the matrix
//! has TLS 1.2 alone for it.

use super::list::*;
use super::row::*;
use super::suite::*;
use crate::policy::SecurityPolicy;
use crate::policy::Status::DocumentedUncertain;

pub(super) const IOT: &[SecurityPolicy] = &[
    iot("IoTSecurityPolicy_TLS13_1_3_2022_10", TLS13_ONLY, TLS13),
    iot("IoTSecurityPolicy_TLS13_1_2_2022_10", TLS12_TO_13, suites![TLS13, EVERY_AES]),
    iot("IoTSecurityPolicy_TLS12_1_2_2022_10", TLS12_ONLY, EVERY_AES),
    iot("IoTSecurityPolicy_TLS12_1_0_2016_01", TLS12_ONLY, EVERY_AES),
    iot("IoTSecurityPolicy_TLS12_1_0_2015_01", TLS12_ONLY, EVERY_AES_AND_DHE),
    iot("IoTSecurityPolicy_TLS13_1_2_2022_01", TLS12_TO_13, suites![TLS13_AES, GOVCLOUD])
        .status(DocumentedUncertain),
];

const fn iot(name: &'static str, versions: Versions, suites: Suites) -> SecurityPolicy {
    policy("iot", name, versions, suites)
}

const ECDHE_RSA_AES: Suites = &[
    ECDHE_RSA_AES128_GCM_SHA256,
    ECDHE_RSA_AES128_SHA256,
    ECDHE_RSA_AES128_SHA,
    ECDHE_RSA_AES256_GCM_SHA384,
    ECDHE_RSA_AES256_SHA384,
    ECDHE_RSA_AES256_SHA,
];

const ECDHE_ECDSA_AES: Suites = &[
    ECDHE_ECDSA_AES128_GCM_SHA256,
    ECDHE_ECDSA_AES128_SHA256,
    ECDHE_ECDSA_AES128_SHA,
    ECDHE_ECDSA_AES256_GCM_SHA384,
    ECDHE_ECDSA_AES256_SHA384,
    ECDHE_ECDSA_AES256_SHA,
];

const EVERY_AES: Suites = suites![ECDHE_RSA_AES, RSA_AES, ECDHE_ECDSA_AES];

const EVERY_AES_AND_DHE: Suites = suites![EVERY_AES, &[DHE_RSA_AES256_SHA]];

const GOVCLOUD: Suites = suites![ECDHE_RSA_AES, ECDHE_ECDSA_AES, &[AES128_SHA, AES256_SHA]];
