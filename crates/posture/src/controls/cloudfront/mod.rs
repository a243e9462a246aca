//! CloudFront: viewers to the edge, and the edge to origins.

mod behavior;
mod headers;
mod origin;
mod viewer;
mod vpc_origin;

pub(crate) use behavior::all_https;
pub(crate) use origin::is_website;

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[
    control!("cloudfront-custom-ssl-certificate", viewer::judge_certificate),
    control!("cloudfront-field-level-encryption", viewer::judge_field_encryption),
    control!("cloudfront-hsts-header", headers::judge),
    control!("cloudfront-log-tls-observed", listed),
    control!("cloudfront-no-deprecated-ssl-protocols", origin::judge_protocols),
    control!("cloudfront-origin-mtls", origin::judge_client_certificate),
    control!("cloudfront-origin-not-s3-website", origin::judge_host),
    control!("cloudfront-pqc-tls-enabled"),
    control!("cloudfront-security-policy-check"),
    control!("cloudfront-sni-enabled", viewer::judge_sni),
    control!("cloudfront-ssl-policy-check", viewer::judge_recommended_policy),
    control!("cloudfront-traffic-to-origin-encrypted", origin::judge_traffic),
    control!("cloudfront-viewer-mtls", viewer::judge_mutual_tls),
    control!("cloudfront-viewer-policy-https"),
    control!("cloudfront-vpc-origin-protocol-encrypted", vpc_origin::judge),
];
