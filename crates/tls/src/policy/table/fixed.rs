//! Services whose policy can't be chosen, and so has no name of its own: the names are ours.
//!
//! VPC Lattice, ECS Service Connect, Neptune (TLS 1.3 from engine 1.3.2.0), and the side of Network Firewall's
//! TLS inspection that clients see.

use super::list::*;
use super::row::*;
use super::suite::*;
use crate::policy::SecurityPolicy;

pub(super) const LATTICE: &[SecurityPolicy] =
    &[policy("lattice", "VPC-Lattice-HTTPS", TLS12_TO_13, suites![TLS13, LATTICE_SUITES])];

pub(super) const ECS: &[SecurityPolicy] = &[policy("ecs", "ECS-Service-Connect-TLS", TLS13_ONLY, TLS13)];

pub(super) const NEPTUNE: &[SecurityPolicy] =
    &[policy("neptune", "Neptune-TLS", TLS12_TO_13, suites![TLS13_AES, ECDHE_GCM])];

pub(super) const NETWORKFIREWALL: &[SecurityPolicy] = &[policy(
    "networkfirewall",
    "NetworkFirewall-TLS-inspection",
    TLS11_TO_13,
    suites![TLS13_FIREWALL, FIREWALL_SUITES],
)];

const LATTICE_SUITES: Suites = &[
    ECDHE_RSA_AES128_GCM_SHA256,
    ECDHE_RSA_AES128_SHA,
    ECDHE_RSA_AES256_GCM_SHA384,
    ECDHE_RSA_AES256_SHA,
    AES128_GCM_SHA256,
    AES128_SHA,
    AES256_GCM_SHA384,
    AES256_SHA,
];

const TLS13_FIREWALL: Suites =
    &[TLS_AES_256_GCM_SHA384, TLS_CHACHA20_POLY1305_SHA256, TLS_AES_128_GCM_SHA256];

const FIREWALL_SUITES: Suites = &[
    AES128_GCM_SHA256,
    AES128_SHA,
    AES128_SHA256,
    AES256_GCM_SHA384,
    AES256_SHA,
    ECDHE_RSA_AES128_GCM_SHA256,
    ECDHE_RSA_AES128_SHA,
    ECDHE_RSA_AES128_SHA256,
    ECDHE_RSA_AES256_GCM_SHA384,
    ECDHE_RSA_AES256_SHA,
];
