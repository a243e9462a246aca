//! API Gateway: clients to APIs, and these to what is behind them.

mod backend;
mod domain;
mod endpoint;
mod integration;

use super::{Entry, secure_transport};

pub(super) const CONTROLS: &[Entry] = &[
    control!("api-gw-ssl-enabled", backend::judge_client_certificate),
    control!("apigateway-client-certificate-expiration", listed),
    control!("apigateway-default-endpoint-disabled", endpoint::judge_default),
    control!("apigateway-domain-mutual-tls", domain::judge_mutual_tls),
    control!("apigateway-domain-name-pqc-tls-enabled", domain::judge_post_quantum),
    control!("apigateway-domain-name-tls-check", domain::judge_policy),
    control!("apigateway-integration-https-only", backend::judge_urls),
    control!("apigateway-integration-tls-verification", backend::judge_verification),
    control!("apigateway-restapi-policy-secure-transport", secure_transport::judge),
    control!("apigateway-restapi-security-policy", endpoint::judge_policy),
    control!("apigatewayv2-domain-name-tls-check"),
    control!("apigatewayv2-integration-private-https-enabled", backend::judge_private),
];
