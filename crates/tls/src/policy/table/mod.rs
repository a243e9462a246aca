//! The policies as data, one file for each family of services.
//!
//! Sources: AWS's documentation of September and October 2026 (ELB, IoT Core) and April 2026 (CloudFront, API
//! Gateway), s2n-tls of August 2026, botocore 1.44.5, and Mozilla's guidelines 6.0, 5.8 and 5.7.
//! `tests/policies.snapshot` shows the content of every policy, and changes with it.

mod apigateway;
mod cloudfront;
mod elb;
mod fixed;
mod iot;
mod list;
mod mozilla;
mod row;
mod s2n;
mod suite;
mod transfer;
mod unpublished;

use super::SecurityPolicy;

/// Ordered by service.
const FAMILIES: &[&[SecurityPolicy]] = &[
    apigateway::APIGATEWAY,
    apigateway::APIGATEWAY_EDGE,
    elb::CLB,
    cloudfront::CLOUDFRONT,
    cloudfront::CLOUDFRONT_ORIGIN,
    unpublished::CLOUDSEARCH,
    unpublished::COGNITO,
    fixed::ECS,
    elb::ELB,
    iot::IOT,
    s2n::KMS,
    fixed::LATTICE,
    mozilla::MOZILLA,
    mozilla::MOZILLA_5_7,
    mozilla::MOZILLA_5_8,
    fixed::NEPTUNE,
    fixed::NETWORKFIREWALL,
    unpublished::OPENSEARCH,
    s2n::S2N,
    transfer::TRANSFER,
];

pub(super) static POLICIES: [SecurityPolicy; row::length(FAMILIES)] = row::join(FAMILIES, DEFAULT);

pub(super) const DEFAULT: SecurityPolicy = mozilla::INTERMEDIATE;
