//! The disagreements, and what AWS's texts say to each.

use hermetic_posture::Standing::{self, Fail, NotApplicable, Pass, Unknown};

use super::{Cell, Says};

/// A decision.
#[derive(Debug)]
pub struct Decision {
    /// The other's id; `""` for all.
    pub id: &'static str,
    /// What ours says.
    ours: &'static [Standing],
    /// What the other says; none where either is decided.
    theirs: Option<Says>,
    /// How the words of the example begin; `""` for all.
    pub example: &'static str,
    /// Who is right, and by what.
    pub why: &'static str,
}

/// The other lets pass what fails.
const fn lax(id: &'static str, example: &'static str, why: &'static str) -> Decision {
    Decision { id, ours: &[Fail], theirs: Some(Says::Pass), example, why }
}

/// The other fails what passes, or what is nothing to judge.
const fn strict(id: &'static str, example: &'static str, why: &'static str) -> Decision {
    Decision { id, ours: &[Pass, NotApplicable], theirs: Some(Says::Fail), example, why }
}

/// All of them. Of several that are about the same the first counts.
#[rustfmt::skip]
pub const DECISIONS: &[Decision] = &[
    Decision { id: "", ours: &[Unknown], theirs: None, example: "",
      why: "what decides is not in the code: a parameter without a default, a resource of another stack, what is looked up when it is deployed. Both others have two words; Checkov says pass or fail of such a value as it happens, and cfn-guard looks at the intrinsic function as it is written. Hermetic says unknown, and of which value" },
    strict("API_GW_DOMAIN_DENY_NON_TLS_TRAFFIC", "",
      "the rule wants TLS_1_2 written; the policies that came since (API Gateway developer guide, security policies) allow no less, and Security Hub's APIGateway.11 asks for them"),
    lax("API_GW_DOMAIN_DENY_NON_TLS_TRAFFIC", "",
      "the rule wants TLS_1_2; Security Hub's APIGateway.11 asks for a policy that it recommends, and TLS_1_2 allows suites with CBC and without forward secrecy (API Gateway developer guide, security policies)"),
    lax("CKV_AWS_206", "",
      "as with API_GW_DOMAIN_DENY_NON_TLS_TRAFFIC"),
    strict("CKV_AWS_259", "",
      "it asks for preload, which is no directive of RFC 6797 section 6.1 but of browsers' lists, and which AWS::CloudFront::ResponseHeadersPolicy Preload leaves open"),
    lax("CLOUDFRONT_CUSTOM_SSL_CERTIFICATE", "",
      "the rule takes any Ref for a certificate; this parameter is empty by default, and without a certificate of its own a distribution has the default one (AWS::CloudFront::Distribution ViewerCertificate)"),
    strict("CLOUDFRONT_SNI_ENABLED", "the default certificate",
      "AWS Config's cloudfront-sni-enabled fails a certificate of its own at a dedicated address; the default certificate is always served by SNI"),
    strict("CLOUDFRONT_MINIMUM_PROTOCOL_VERSION_RULE", "",
      "the rule looks for the text TLSv1.2; TLSv1.3_2025 allows TLS 1.3 alone (CloudFront developer guide, supported protocols and ciphers between viewers and CloudFront)"),
    lax("CKV_AWS_174", "",
      "it asks for TLS 1.2; Security Hub's CloudFront.15 asks for the recommended policy, and those of 2018 and 2019 allow suites with CBC or without forward secrecy (CloudFront developer guide, supported protocols and ciphers). The version alone is judged by cloudfront-security-policy-check"),
    lax("CKV2_AWS_72", "",
      "it looks at origins alone whose name has .mediastore., .mediapackage. or .elb. in it as text; CustomOriginConfig OriginProtocolPolicy http-only and match-viewer send HTTP to any origin (CloudFront developer guide, requiring HTTPS between CloudFront and your custom origin)"),
    lax("CKV_AWS_97", "",
      "it looks at the first volume with EFS; TransitEncryption is each EFSVolumeConfiguration's own, and DISABLED where nothing is written"),
    lax("CKV_AWS_30", "",
      "Redis has encryption in transit from 3.2.6 on (ElastiCache user guide, in-transit encryption)"),
    strict("CKV_AWS_30", "a secondary",
      "it looks at the secondary alone; one that has a GlobalReplicationGroupId takes its encryption from the primary (ElastiCache user guide, global datastores), and that has it"),
    strict("CKV_AWS_31", "a secondary",
      "as with CKV_AWS_30"),
    strict("ELB_PREDEFINED_SECURITY_POLICY_SSL_CHECK", "",
      "AWS Config has two rules: elb-predefined-security-policy-ssl-check is about policies that refer to a predefined one, and elb-custom-security-policy-ssl-check about those that list what they allow. The registry has the first alone, and fails all of the second"),
    strict("ELB_TLS_HTTPS_LISTENERS_ONLY", "no listeners",
      "AWS Config's elb-tls-https-listeners-only does not apply to a load balancer without a listener"),
    strict("ELB_TLS_HTTPS_LISTENERS_ONLY", "",
      "the rule compares by letter; AWS::ElasticLoadBalancing::LoadBalancer Listener Protocol takes names without regard to case"),
    strict("ELBV2_ACM_CERTIFICATE_REQUIRED", "",
      "the rule knows an ARN as text and a Ref to a certificate; here it is put together by a function, or the default of a parameter, and is one of ACM all the same"),
    lax("ELBV2_ACM_CERTIFICATE_REQUIRED", "",
      "the rule looks at the listener alone; AWS::ElasticLoadBalancingV2::ListenerCertificate adds another to it, and that is not of ACM"),
    strict("ELBV2_LISTENER_PROTOCOL_RULE", "",
      "the rule fails each listener of HTTP; one that only redirects to HTTPS is what Security Hub's ELB.1 and AWS Config's alb-http-to-https-redirection-check ask for"),
    lax("ELBV2_LISTENER_PROTOCOL_RULE", "",
      "the rule fails the word HTTP alone; a network load balancer passes TCP and UDP on as they come (Network Load Balancer guide, listeners), which is TLS where the targets speak it"),
    lax("CKV_AWS_2", "a rule forwards",
      "it looks at the first default action; Security Hub's ELB.1 asks that all HTTP is redirected, and this rule of the listener forwards it"),
    lax("CKV_AWS_2", "",
      "it takes any listener of TCP, UDP and TCP_UDP for encrypted; a network load balancer passes these on as they come (Network Load Balancer guide, listeners), which is TLS where the targets speak it"),
    strict("CKV_AWS_2", "QUIC",
      "AWS::ElasticLoadBalancingV2::Listener Protocol has QUIC and TCP_QUIC, and QUIC is never without TLS 1.3 (RFC 9001)"),
    strict("CKV_AWS_2", "a gateway",
      "GENEVE carries packets to appliances (Gateway Load Balancer guide), and has no TLS to ask for"),
    strict("ELBV2_LISTENER_SSL_POLICY_RULE", "",
      "AWS::ElasticLoadBalancingV2::Listener SslPolicy is for HTTPS and TLS listeners; this one is of another protocol, and has none"),
    lax("ELBV2_LISTENER_SSL_POLICY_RULE", "",
      "its list of what is bad ends in 2019; Security Hub's ELB.17 has a list of what is good, and by the tables of the Elastic Load Balancing guides this policy allows TLS 1.0, CBC, or suites without forward secrecy"),
    lax("CKV_AWS_103", "",
      "it asks for TLS 1.2; Security Hub's ELB.17 asks for a policy that it recommends, and this one allows CBC or suites without forward secrecy (Elastic Load Balancing guides, security policies)"),
    lax("CKV2_AWS_74", "",
      "as with CKV_AWS_103"),
    strict("CKV_AWS_103", "",
      "AWS::ElasticLoadBalancingV2::Listener SslPolicy is for HTTPS and TLS listeners; this one is of HTTP, and judged by what is about that"),
    lax("CKV_AWS_378", "",
      "it takes a target group for encrypted where the listener is; AWS::ElasticLoadBalancingV2::TargetGroup Protocol decides how the load balancer speaks to its targets, and it is HTTP here"),
    strict("EMR_SECURITY_CONFIG_ENABLED_AND_CONFIGURED_RULE", "",
      "the rule asks for encryption at rest as well, and reads no JSON that is text; encryption in transit is EnableInTransitEncryption with TLSCertificateConfiguration (EMR management guide), and is here"),
    strict("CKV_AWS_81", "",
      "it wants written what holds by itself: AWS::MSK::Cluster EncryptionInTransit ClientBroker is TLS and InCluster true where nothing is written"),
    lax("CKV_AWS_83", "",
      "it looks at EnforceHTTPS; AWS Config's elasticsearch-https-required and opensearch-https-required ask for the policy as well, and TLSSecurityPolicy allows TLS 1.0 where nothing is written"),
    strict("OPENSEARCH_HTTPS_REQUIRED", "",
      "its list has one policy, of 2019; those that came since allow less (AWS::OpenSearchService::Domain TLSSecurityPolicy), and Security Hub's Opensearch.8 asks for the one of 2023"),
    lax("CKV_AWS_6", "",
      "Elasticsearch has encryption between nodes from 6.0 on (OpenSearch Service developer guide, node-to-node encryption)"),
    lax("ELASTICSEARCH_NODE_TO_NODE_ENCRYPTION_CHECK", "",
      "as with CKV_AWS_6"),
    lax("CKV2_AWS_69", "",
      "it lets pass what has no parameter group in the template; the default group of the engine's version holds then, in which TLS is not required here (RDS user guide, each engine's page on SSL/TLS)"),
    strict("CKV2_AWS_69", "",
      "it knows the value 1 alone, and no group that an instance has from its source; require_secure_transport is ON as well as 1 (RDS user guide), and a read replica has its source's group"),
    strict("S3_BUCKET_SSL_REQUESTS_ONLY", "",
      "the rule compares with the boolean false; IAM's condition values are text, as AWS's own example policies have them (Amazon S3 user guide, security best practices), and the Deny holds as well where it stands in two statements or lets AWS's services through"),
    strict("CKV_AWS_369", "",
      "EnableInterContainerTrafficEncryption is about traffic between instances (SageMaker developer guide), and here is one"),
];

/// The place of the decision on a disagreement.
pub fn of(cell: &Cell) -> Option<usize> {
    DECISIONS.iter().position(|decision| decision.is_about(cell))
}

/// Those that nothing is left to decide of.
pub fn needless(cells: &[&Cell]) -> Vec<&'static Decision> {
    let needed: Vec<usize> = cells.iter().filter(|cell| !cell.agrees()).filter_map(|cell| of(cell)).collect();
    let is_needless = |(place, _): &(usize, &Decision)| !needed.contains(place);
    DECISIONS.iter().enumerate().filter(is_needless).map(|(_, decision)| decision).collect()
}

impl Decision {
    fn is_about(&self, cell: &Cell) -> bool {
        (self.id.is_empty() || self.id == cell.id)
            && self.ours.contains(&cell.ours)
            && self.theirs.is_none_or(|theirs| theirs == cell.theirs)
            && cell.example.starts_with(self.example)
    }
}
