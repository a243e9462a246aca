//! What other resources read of a resource, in Terraform's words and in CloudFormation's.

use std::sync::Arc;

use super::table;

/// Whether others call a resource by this attribute.
pub(super) fn is_identity(attribute: &str) -> bool {
    usual(attribute).is_some()
}

/// The attribute in CloudFormation's words; none for what `Ref` gives.
pub(super) fn attribute(kind: &str, attribute: &str) -> Option<Arc<str>> {
    let attribute = attribute.trim_matches('.');
    let own = table::entry(kind).and_then(|entry| entry.returns.get(attribute)).map(|name| &**name);
    match own.or_else(|| usual(attribute)) {
        Some("") => None,
        Some(name) => Some(name.into()),
        None => Some(pascal(attribute).into()),
    }
}

/// What an attribute is for most types. Empty is `Ref`.
fn usual(attribute: &str) -> Option<&'static str> {
    Some(match attribute {
        ""
        | "id"
        | "name"
        | "bucket"
        | "function_name"
        | "identifier"
        | "cluster_identifier"
        | "url"
        | "replication_group_id"
        | "key_id"
        | "cluster_id"
        | "domain_name"
        | "fqdn" => "",
        "arn" | "invoke_arn" | "qualified_arn" => "Arn",
        "dns_name" => "DNSName",
        "endpoint" | "address" => "Endpoint.Address",
        "reader_endpoint" => "ReadEndpoint.Address",
        "primary_endpoint_address" => "PrimaryEndPoint.Address",
        "reader_endpoint_address" => "ReaderEndPoint.Address",
        "configuration_endpoint_address" => "ConfigurationEndPoint.Address",
        "configuration_endpoint" | "cluster_address" => "ConfigurationEndpoint.Address",
        "bucket_domain_name" => "DomainName",
        "bucket_regional_domain_name" => "RegionalDomainName",
        "website_endpoint" => "WebsiteURL",
        "api_endpoint" => "ApiEndpoint",
        "function_url" => "FunctionUrl",
        "bootstrap_brokers" => "BootstrapBrokers",
        "bootstrap_brokers_tls" => "BootstrapBrokersTls",
        _ => return None,
    })
}

fn pascal(attribute: &str) -> String {
    let mut upper = true;
    let mut name = String::with_capacity(attribute.len());
    for c in attribute.chars() {
        match c {
            '_' => upper = true,
            '.' => {
                upper = true;
                name.push('.');
            }
            _ if std::mem::take(&mut upper) => name.extend(c.to_uppercase()),
            _ => name.push(c),
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_has_cloudformations_name() {
        assert_eq!(attribute("aws_sqs_queue", "id"), None);
        assert_eq!(attribute("aws_sqs_queue", "arn").as_deref(), Some("Arn"));
        assert_eq!(attribute("aws_db_instance", "address").as_deref(), Some("Endpoint.Address"));
        assert_eq!(attribute("aws_cloudfront_distribution", "domain_name").as_deref(), Some("DomainName"));
        assert_eq!(attribute("aws_vpc", "default_network_acl_id").as_deref(), Some("DefaultNetworkAclId"));
    }
}
