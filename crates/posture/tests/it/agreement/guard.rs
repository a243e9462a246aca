//! cfn-guard with the rules of AWS Control Tower, by its JSON.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::{Peer, Says, Told};

/// The rules, each with the control that asks for the same.
const RULES: &[(&str, &str)] = &[
    ("alb_http_to_https_redirection_check", "alb-http-to-https-redirection-check"),
    ("api_gw_domain_tls_check", "apigateway-domain-name-tls-check"),
    ("appsync_cache_encryption_in_transit_check", "appsync-cache-ct-encryption-in-transit"),
    ("cloudfront_custom_ssl_certificate_check", "cloudfront-custom-ssl-certificate"),
    ("cloudfront_no_deprecated_ssl_protocols_check", "cloudfront-no-deprecated-ssl-protocols"),
    ("cloudfront_security_policy_check", "cloudfront-security-policy-check"),
    ("cloudfront_sni_enabled_check", "cloudfront-sni-enabled"),
    ("cloudfront_traffic_to_origin_encrypted_check", "cloudfront-traffic-to-origin-encrypted"),
    ("cloudfront_viewer_policy_https_check", "cloudfront-viewer-policy-https"),
    ("dax_tls_endpoint_encryption_check", "dax-tls-endpoint-encryption"),
    ("dms_endpoint_ssl_configured_check", "dms-endpoint-ssl-configured"),
    ("ec2_instance_nitro_encryption_in_transit_check", "ec2-nitro-in-transit-encryption"),
    ("elasticache_repl_grp_encrypted_in_transit_check", "elasticache-repl-grp-encrypted-in-transit"),
    ("elasticsearch_https_required_check", "elasticsearch-https-required"),
    ("elasticsearch_node_to_node_encryption_check", "elasticsearch-node-to-node-encryption-check"),
    ("elb_acm_certificate_required_check", "elb-acm-certificate-required"),
    ("elb_predefined_security_policy_ssl_check", "elb-predefined-security-policy-ssl-check"),
    ("elb_tls_https_listeners_only_check", "elb-tls-https-listeners-only"),
    ("elbv2_acm_certificate_required_check", "elbv2-acm-certificate-required"),
    ("emr_sec_config_encryption_in_transit_check", "emr-security-configuration-encryption-transit"),
    ("msk_broker_node_tls_check", "msk-in-cluster-node-require-tls"),
    ("opensearch_https_required_check", "opensearch-https-required"),
    ("opensearch_node_to_node_encryption_check", "opensearch-node-to-node-encryption-check"),
    ("rds_proxy_tls_check", "rds-proxy-tls-encryption"),
    ("redshift_parameter_group_require_tls_ssl_check", "redshift-require-tls-ssl"),
    ("s3_bucket_policy_ssl_requests_only_check", "s3-bucket-ssl-requests-only"),
];

/// What it calls a control.
pub fn ids(control: &str) -> Vec<&'static str> {
    RULES.iter().filter(|(_, asks)| *asks == control).map(|(rule, _)| *rule).collect()
}

/// Runs it on all files of a folder.
pub fn told(folder: &Path) -> Told {
    let made =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/test-peers/control-tower-in-transit");
    let rules = std::env::var_os("HERMETIC_TEST_GUARD_RULES").map_or(made, PathBuf::from);
    let mut command = Command::new(Peer::Guard.program());
    command.arg("validate").arg("--rules").arg(rules).arg("--data").arg(folder);
    command.args(["--structured", "--output-format", "json", "--show-summary", "none"]);
    let output = command.output();
    let output = output
        .unwrap_or_else(|error| panic!("cfn-guard: {error}; `cargo xtask soak audit-agreement` installs it"));
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("cfn-guard: {error}: {}", String::from_utf8_lossy(&output.stderr)));
    let mut told = Told::default();
    for file in report.as_array().unwrap() {
        let name = Path::new(file["name"].as_str().unwrap()).strip_prefix(folder).unwrap();
        let name = name.to_str().unwrap();
        for rule in file["compliant"].as_array().unwrap() {
            told.add(name, rule.as_str().unwrap(), Says::Pass);
        }
        // Each rule stands there twice under one name, for templates and for hooks, and where there is nothing to judge
        // 3.2.1 tells it as failing for no reason.
        let failing = file["not_compliant"].as_array().unwrap().iter();
        for rule in failing.filter(|rule| !rule["Rule"]["checks"].as_array().unwrap().is_empty()) {
            told.add(name, rule["Rule"]["name"].as_str().unwrap(), Says::Fail);
        }
    }
    told
}
