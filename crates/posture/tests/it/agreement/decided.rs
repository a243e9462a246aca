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
    strict("CKV_AWS_259", "",
      "it asks for preload, which is no directive of RFC 6797 section 6.1 but of browsers' lists, and which AWS::CloudFront::ResponseHeadersPolicy Preload leaves open"),
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
    lax("CKV_AWS_2", "a rule forwards",
      "it looks at the first default action; Security Hub's ELB.1 asks that all HTTP is redirected, and this rule of the listener forwards it"),
    lax("CKV_AWS_2", "",
      "it takes any listener of TCP, UDP and TCP_UDP for encrypted; a network load balancer passes these on as they come (Network Load Balancer guide, listeners), which is TLS where the targets speak it"),
    strict("CKV_AWS_2", "QUIC",
      "AWS::ElasticLoadBalancingV2::Listener Protocol has QUIC and TCP_QUIC, and QUIC is never without TLS 1.3 (RFC 9001)"),
    strict("CKV_AWS_2", "a gateway",
      "GENEVE carries packets to appliances (Gateway Load Balancer guide), and has no TLS to ask for"),
    lax("CKV_AWS_103", "",
      "it asks for TLS 1.2; Security Hub's ELB.17 asks for a policy that it recommends, and this one allows CBC or suites without forward secrecy (Elastic Load Balancing guides, security policies)"),
    lax("CKV2_AWS_74", "",
      "as with CKV_AWS_103"),
    strict("CKV_AWS_103", "",
      "AWS::ElasticLoadBalancingV2::Listener SslPolicy is for HTTPS and TLS listeners; this one is of HTTP, and judged by what is about that"),
    lax("CKV_AWS_378", "",
      "it takes a target group for encrypted where the listener is; AWS::ElasticLoadBalancingV2::TargetGroup Protocol decides how the load balancer speaks to its targets, and it is HTTP here"),
    strict("CKV_AWS_81", "",
      "it wants written what holds by itself: AWS::MSK::Cluster EncryptionInTransit ClientBroker is TLS and InCluster true where nothing is written"),
    lax("CKV_AWS_83", "",
      "it looks at EnforceHTTPS; AWS Config's elasticsearch-https-required and opensearch-https-required ask for the policy as well, and TLSSecurityPolicy allows TLS 1.0 where nothing is written"),
    lax("CKV_AWS_6", "",
      "Elasticsearch has encryption between nodes from 6.0 on (OpenSearch Service developer guide, node-to-node encryption)"),
    lax("CKV2_AWS_69", "",
      "it lets pass what has no parameter group in the template; the default group of the engine's version holds then, in which TLS is not required here (RDS user guide, each engine's page on SSL/TLS)"),
    strict("CKV2_AWS_69", "",
      "it knows the value 1 alone, and no group that an instance has from its source; require_secure_transport is ON as well as 1 (RDS user guide), and a read replica has its source's group"),
    lax("alb_http_to_https_redirection_check", "",
      "the rule looks at default actions alone; Security Hub's ELB.1 asks that all HTTP is redirected, and this rule of the listener forwards it"),
    strict("api_gw_domain_tls_check", "",
      "its list has TLS_1_2 alone; the policies that came since (API Gateway developer guide, security policies) allow no less, and Security Hub's APIGateway.11 asks for them"),
    lax("api_gw_domain_tls_check", "",
      "the rule asks for TLS 1.2; Security Hub's APIGateway.11 asks for a policy that it recommends, and TLS_1_2 allows suites with CBC and without forward secrecy (API Gateway developer guide, security policies)"),
    strict("cloudfront_custom_ssl_certificate_check", "a certificate of",
      "the rule wants MinimumProtocolVersion and SslSupportMethod written as well; AWS Config's cloudfront-custom-ssl-certificate asks for a certificate of its own, and the version is judged by cloudfront-security-policy-check"),
    strict("cloudfront_custom_ssl_certificate_check", "",
      "the rule knows an ARN as text and a reference to a certificate of the template; a parameter without a default that AcmCertificateArn refers to has to be given one"),
    strict("cloudfront_sni_enabled_check", "the default certificate",
      "AWS Config's cloudfront-sni-enabled fails a certificate of its own at a dedicated address; the default certificate is always served by SNI"),
    strict("cloudfront_sni_enabled_check", "",
      "the rule wants an ARN as text or of the template, and a version, as well; SslSupportMethod is sni-only here, whatever the certificate (AWS::CloudFront::Distribution ViewerCertificate)"),
    lax("cloudfront_no_deprecated_ssl_protocols_check", "",
      "the rule, and AWS Config's, know SSLv3 alone; TLS 1.0 and 1.1 are deprecated, too (RFC 8996)"),
    strict("cloudfront_traffic_to_origin_encrypted_check", "",
      "the rule looks at all cache behaviors; match-viewer sends on what comes by those of its own origin (CloudFront developer guide, origin settings), and here they take HTTPS alone"),
    lax("cloudfront_traffic_to_origin_encrypted_check", "",
      "the rule looks at OriginProtocolPolicy; a website endpoint of S3 speaks no HTTPS (Amazon S3 user guide, website endpoints), and none is to be had"),
    strict("ec2_instance_nitro_encryption_in_transit_check", "",
      "the rule wants InstanceType at the instance; here it is what its launch template says (AWS::EC2::Instance LaunchTemplate), and that is judged by itself"),
    lax("elasticache_repl_grp_encrypted_in_transit_check", "",
      "the rule looks at TransitEncryptionEnabled; Redis has encryption in transit from 3.2.6 on (ElastiCache user guide, in-transit encryption)"),
    lax("elasticsearch_node_to_node_encryption_check", "",
      "the rule looks at NodeToNodeEncryptionOptions; Elasticsearch has it from 6.0 on (OpenSearch Service developer guide, node-to-node encryption)"),
    strict("elb_predefined_security_policy_ssl_check", "",
      "AWS Config has two rules: elb-predefined-security-policy-ssl-check is about policies that refer to a predefined one, and elb-custom-security-policy-ssl-check about those that list what they allow. Control Tower has the first alone, and fails all of the second"),
    strict("elb_tls_https_listeners_only_check", "no listeners",
      "AWS Config's elb-tls-https-listeners-only does not apply to a load balancer without a listener"),
    strict("elb_tls_https_listeners_only_check", "",
      "the rule compares by letter; AWS::ElasticLoadBalancing::LoadBalancer Listener Protocol takes names without regard to case"),
    strict("elbv2_acm_certificate_required_check", "",
      "the rule knows an ARN as text and a reference to a certificate of the template; here it is put together by a function, or the default of a parameter, and is one of ACM all the same"),
    strict("emr_sec_config_encryption_in_transit_check", "",
      "the rule reads no JSON that is text, which AWS::EMR::SecurityConfiguration takes; EnableInTransitEncryption with TLSCertificateConfiguration (EMR management guide) is in it"),
    strict("opensearch_https_required_check", "",
      "its list has one policy, of 2019; those that came since allow less (AWS::OpenSearchService::Domain TLSSecurityPolicy), and Security Hub's Opensearch.8 asks for the one of 2023"),
    strict("rds_proxy_tls_check", "",
      "the rule takes no text for true; CloudFormation does, where a property is a Boolean"),
    lax("s3_bucket_policy_ssl_requests_only_check", "",
      "the rule looks at the policy by itself; it is on another bucket, and AWS Config's s3-bucket-ssl-requests-only fails a bucket that has none"),
    strict("s3_bucket_policy_ssl_requests_only_check", "",
      "the rule knows one spelling: one statement with Bool, both ARNs as text or by Fn::GetAtt in the long form and Fn::Join; a Deny holds as well where it is spelled by Fn::Sub, on everything, by BoolIfExists, in two statements, or lets AWS's services through (Amazon S3 user guide, security best practices)"),
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
