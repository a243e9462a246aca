//! Elastic Load Balancing: clients to load balancers, and these to their targets.

mod certificate;
mod classic;
mod classic_policy;
mod listener;
mod redirect;
mod target_group;

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[
    control!("alb-hsts-header", listener::judge_hsts),
    control!("alb-http-drop-invalid-header-enabled", listener::judge_invalid_headers),
    control!("alb-http-to-https-redirection-check", redirect::judge_http),
    control!("alb-mutual-authentication-verify", listener::judge_mutual_tls),
    control!("elb-access-log-tls-observed", listed),
    control!("elb-acm-certificate-required", certificate::judge_classic),
    control!("elb-backend-protocol-encrypted"),
    control!("elb-backend-server-authentication", classic::judge_backend_authentication),
    control!("elb-custom-security-policy-ssl-check", classic_policy::judge_custom),
    control!("elb-predefined-security-policy-ssl-check", classic_policy::judge_predefined),
    control!("elb-tls-https-listeners-only"),
    control!("elbv2-acm-certificate-required", certificate::judge),
    control!("elbv2-listener-certificate-expiration", listed),
    control!("elbv2-listener-encryption-in-transit", listener::judge_encryption),
    control!("elbv2-listener-fips-policy", listener::judge_fips),
    control!("elbv2-listener-pqc-tls-enabled"),
    control!("elbv2-predefined-security-policy-ssl-check", listener::judge_policy),
    control!("elbv2-redirect-no-downgrade", redirect::judge_downgrade),
    control!("elbv2-targetgroup-healthcheck-protocol-encrypted", target_group::judge_health_check),
    control!("elbv2-targetgroup-protocol-encrypted", target_group::judge_protocol),
];
