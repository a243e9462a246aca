//! `Domain` of an API: the name that it is reached by, with certificate and security policy.

use super::written::{Source, key, list, map, picked, reference, with};
use crate::span::Span;
use crate::value::{Key, Node, Value};

/// The domain of a REST API.
pub(super) fn rest(source: &Source<'_>, stage: &str) -> Vec<(Key, Value)> {
    let Some(domain) = source.property("Domain") else { return Vec::new() };
    let at = domain.at;
    let endpoint = domain.entry("EndpointConfiguration").cloned().unwrap_or(Value::text("REGIONAL", at));
    let is = |kind: &str| matches!(&endpoint.node, Node::Text(text) if **text == *kind);
    let certificate_name = match is("EDGE") || is("PRIVATE") {
        true => "CertificateArn",
        false => "RegionalCertificateArn",
    };
    let certificate = domain.entry("CertificateArn").cloned().map(|arn| (key(certificate_name, arn.at), arn));
    let types = with(
        map(at, [("Types", list(at, vec![endpoint.clone()]))]),
        picked(Some(domain), &["IpAddressType"]),
    );
    let kept = picked(
        Some(domain),
        &[
            "DomainName",
            "SecurityPolicy",
            "EndpointAccessMode",
            "MutualTlsAuthentication",
            "OwnershipVerificationCertificateArn",
            "Policy",
        ],
    );
    let name = with(map(at, [("EndpointConfiguration", types)]), kept.into_iter().chain(certificate));
    let mapping = map(
        at,
        [
            ("DomainName", domain_of(source, at)),
            ("RestApiId", source.reference(None)),
            ("Stage", reference(&format!("{}{stage}", source.name.text), None, at)),
        ],
    );
    let (name_type, mapping_type) = match is("PRIVATE") {
        true => ("AWS::ApiGateway::DomainNameV2", "AWS::ApiGateway::BasePathMappingV2"),
        false => ("AWS::ApiGateway::DomainName", "AWS::ApiGateway::BasePathMapping"),
    };
    vec![source.made("DomainName", name_type, name), source.made("BasePathMapping", mapping_type, mapping)]
}

/// The domain of an HTTP or WebSocket API.
pub(super) fn version_two(source: &Source<'_>, stage: &str) -> Vec<(Key, Value)> {
    let Some(domain) = source.property("Domain") else { return Vec::new() };
    let at = domain.at;
    let endpoint = domain.entry("EndpointConfiguration").cloned().unwrap_or(Value::text("REGIONAL", at));
    let kept = picked(
        Some(domain),
        &["CertificateArn", "SecurityPolicy", "IpAddressType", "OwnershipVerificationCertificateArn"],
    );
    let configuration = with(map(at, [("EndpointType", endpoint)]), kept);
    let kept = picked(Some(domain), &["DomainName", "MutualTlsAuthentication"]);
    let name = with(map(at, [("DomainNameConfigurations", list(at, vec![configuration]))]), kept);
    let mapping = map(
        at,
        [
            ("DomainName", domain_of(source, at)),
            ("ApiId", source.reference(None)),
            ("Stage", reference(&format!("{}{stage}", source.name.text), None, at)),
        ],
    );
    vec![
        source.made("DomainName", "AWS::ApiGatewayV2::DomainName", name),
        source.made("ApiMapping", "AWS::ApiGatewayV2::ApiMapping", mapping),
    ]
}

fn domain_of(source: &Source<'_>, at: Span) -> Value {
    reference(&format!("{}DomainName", source.name.text), None, at)
}
