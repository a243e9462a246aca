//! S3: requests for buckets and what is in them, and websites.

mod access_point;
mod website;

use super::{Entry, secure_transport};

pub(super) const CONTROLS: &[Entry] = &[
    control!("s3-access-log-plain-http-observed", listed),
    control!("s3-access-point-ssl-requests-only", access_point::judge),
    control!("s3-bucket-minimum-tls-version", secure_transport::judge_minimum_version),
    control!("s3-bucket-ssl-requests-only", secure_transport::judge),
    control!("s3-family-policy-ssl-requests-only", secure_transport::judge),
    control!("s3-website-endpoint-plain-http", website::judge_endpoint),
    control!("s3-website-redirect-https", website::judge_redirects),
];
