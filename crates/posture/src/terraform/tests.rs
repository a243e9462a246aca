//! Plans and states read. Those in `plans/` are what Terraform 1.11.4 wrote with the AWS provider 5.100.

use super::*;
use crate::path::Path;
use crate::span::Files;
use crate::value::Unknown;

const SHOP: &str = include_str!("plans/shop.json");

fn part(text: &str) -> Part {
    read(text, Files::default().add("plan.json"), PartId(0)).unwrap()
}

fn resource(text: &str, name: &str) -> Resource {
    part(text).resources.into_iter().find(|resource| &*resource.name == name).unwrap()
}

/// The value at a path; `[0]` is the first element of a list.
fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, step| match (&value.node, step.parse::<usize>()) {
        (Node::List(elements) | Node::Pieces(elements), Ok(index)) => elements.get(index),
        _ => value.entry(step),
    })
}

fn node<'v>(resource: &'v Resource, path: &str) -> &'v Node {
    &at(&resource.properties, path).unwrap_or_else(|| panic!("{path} in {:#?}", resource.properties)).node
}

fn text(text: &str) -> Node {
    Node::Text(text.into())
}

fn reference(name: &str, attribute: Option<&str>) -> Node {
    Node::Reference(Reference { part: PartId(0), name: name.into(), attribute: attribute.map(Into::into) })
}

/// A plan of one resource, with these values.
fn plan(kind: &str, values: &str) -> String {
    format!(
        r#"{{"format_version":"1.2","terraform_version":"1.11.4","planned_values":{{"root_module":{{"resources":[
        {{"address":"{kind}.x","mode":"managed","type":"{kind}","name":"x","values":{values}}}]}}}}}}"#
    )
}

fn refused(text: &str) -> String {
    read(text, Files::default().add("plan.json"), PartId(0)).unwrap_err().to_string()
}

#[test]
fn blocks_become_what_cloudformation_has() {
    let listener = resource(SHOP, "aws_lb_listener.http");
    assert_eq!(&*listener.kind, "AWS::ElasticLoadBalancingV2::Listener");
    assert_eq!(node(&listener, "DefaultActions.0.RedirectConfig.Protocol"), &text("HTTPS"));
    assert_eq!(node(&listener, "Port"), &Node::Number(80.0));
    let distribution = resource(SHOP, "aws_cloudfront_distribution.d");
    let behavior = "DistributionConfig.CacheBehaviors.0.ViewerProtocolPolicy";
    assert_eq!(node(&distribution, behavior), &text("allow-all"));
}

#[test]
fn what_is_unknown_points_at_the_resource_that_the_code_names() {
    let listener = resource(SHOP, "aws_lb_listener.http");
    assert_eq!(node(&listener, "LoadBalancerArn"), &reference("aws_lb.main", None));
}

#[test]
fn of_several_blocks_of_a_set_the_constants_tell_which_is_meant() {
    let distribution = resource(SHOP, "aws_cloudfront_distribution.d");
    let origins = "DistributionConfig.Origins";
    assert_eq!(
        node(&distribution, &format!("{origins}.0.DomainName")),
        &reference("aws_lb.main", Some("DNSName"))
    );
    let dynamic = node(&distribution, &format!("{origins}.1.DomainName"));
    assert_eq!(dynamic, &Node::Unknown(Unknown::AfterApply.into()));
}

#[test]
fn what_only_a_local_names_stays_unknown() {
    let listener = resource(SHOP, "aws_lb_listener.https");
    assert_eq!(node(&listener, "LoadBalancerArn"), &Node::Unknown(Unknown::AfterApply.into()));
}

#[test]
fn what_the_code_does_not_write_and_aws_decides_is_absent_and_not_unknown() {
    let listener = resource(SHOP, "aws_lb_listener.https");
    assert!(at(&listener.properties, "SslPolicy").is_none());
}

#[test]
fn what_is_apart_in_terraform_becomes_part_of_what_has_the_name_that_it_writes() {
    let values = r#"{"bucket": "site"}},
        {"address": "aws_s3_bucket_website_configuration.w", "mode": "managed", "name": "w",
         "type": "aws_s3_bucket_website_configuration",
         "values": {"bucket": "site", "index_document": [{"suffix": "index.html"}]}"#;
    let bucket = resource(&plan("aws_s3_bucket", values), "aws_s3_bucket.x");
    assert_eq!(node(&bucket, "WebsiteConfiguration.IndexDocument"), &text("index.html"));
}

#[test]
fn what_a_vpc_lets_out_and_what_puts_an_api_behind_a_domain_are_known() {
    let text_of = |kind: &str, values: &str, path: &str| {
        let address = format!("{kind}.x");
        node(&resource(&plan(kind, values), &address), path).clone()
    };
    let control = r#"{"mode": "enforce", "lambda_exclusion": "enable"}"#;
    assert_eq!(text_of("aws_vpc_encryption_control", control, "LambdaExclusionInput"), text("enable"));
    let mapping = r#"{"api_id": "a1b2c3", "domain_name": "api.example.com"}"#;
    assert_eq!(text_of("aws_api_gateway_base_path_mapping", mapping, "RestApiId"), text("a1b2c3"));
}

#[test]
fn a_key_of_for_each_points_at_the_instance_of_that_key() {
    let policy = resource(SHOP, r#"aws_s3_bucket_policy.b["b"]"#);
    assert_eq!(node(&policy, "Bucket"), &reference(r#"aws_s3_bucket.b["b"]"#, None));
}

#[test]
fn a_policy_document_whose_text_is_unknown_is_known_by_its_statements() {
    let policy = resource(SHOP, r#"aws_s3_bucket_policy.b["a"]"#);
    assert_eq!(node(&policy, "PolicyDocument.Statement.0.Effect"), &text("Deny"));
    assert_eq!(node(&policy, "PolicyDocument.Statement.0.Principal"), &text("*"));
    let condition = "PolicyDocument.Statement.0.Condition.Bool.aws:SecureTransport.0";
    assert_eq!(node(&policy, condition), &text("false"));
    let arn = node(&policy, "PolicyDocument.Statement.0.Resource.0.0");
    assert_eq!(arn, &reference(r#"aws_s3_bucket.b["a"]"#, Some("Arn")));
}

#[test]
fn references_go_through_arguments_and_outputs_of_modules() {
    let database = resource(SHOP, "module.db[1].aws_db_instance.db[0]");
    let group = reference("module.db[1].aws_db_parameter_group.p", None);
    assert_eq!(node(&database, "DBParameterGroupName"), &group);
    assert_eq!(node(&database, "Tags.0"), &reference("aws_lb.main", Some("DNSName")));
}

#[test]
fn parameters_of_a_group_are_a_map() {
    let group = resource(SHOP, "module.db[0].aws_db_parameter_group.p");
    let force: Path = "Parameters.'rds.force_ssl'".parse().unwrap();
    assert_eq!(force.steps().len(), 2);
    let Node::Map(parameters) = node(&group, "Parameters") else { panic!() };
    assert_eq!(parameters.entry("rds.force_ssl").unwrap().node, text("1"));
}

#[test]
fn a_resource_stands_where_its_values_begin() {
    let text = plan("aws_sqs_queue", "\n {\"name\": \"q\"}");
    let at = resource(&text, "aws_sqs_queue.x").at;
    assert_eq!((at.line, at.column), (3, 2));
}

#[test]
fn a_type_that_cloudformation_does_not_have_keeps_its_name_and_attributes() {
    let read = resource(
        &plan("aws_cloudsearch_domain", r#"{"endpoint_options":[{"enforce_https":true}]}"#),
        "aws_cloudsearch_domain.x",
    );
    assert_eq!(&*read.kind, "Terraform::aws_cloudsearch_domain");
    assert_eq!(node(&read, "endpoint_options.0.enforce_https"), &Node::Bool(true));
}

#[test]
fn a_plan_of_an_unknown_version_is_refused_with_what_to_do() {
    let text = r#"{"format_version":"2.0","planned_values":{"root_module":{}}}"#;
    assert!(refused(text).contains("`2.0`") && refused(text).contains("terraform show -json"));
    let state = r#"{"version":3,"terraform_version":"0.11.1","serial":1,"modules":[]}"#;
    assert!(refused(state).contains("terraform state pull"), "{}", refused(state));
}

#[test]
fn half_a_plan_is_refused_and_never_read_as_a_whole_one() {
    for end in (SHOP.len() / 3..SHOP.len() - 1).step_by(997) {
        assert!(refused(&SHOP[..end]).contains("ends in the middle"), "{end}");
    }
}

#[test]
fn a_plan_that_failed_is_refused() {
    let text = r#"{"format_version":"1.2","errored":true,"planned_values":{"root_module":{}}}"#;
    assert!(refused(text).contains("planning failed"));
}

const ESTATE: &str = include_str!("plans/estate.json");

#[test]
fn a_policy_within_a_secret_is_a_policy_of_its_own() {
    let policy = resource(ESTATE, "aws_secretsmanager_secret.s.policy");
    assert_eq!(&*policy.kind, "AWS::SecretsManager::ResourcePolicy");
    assert_eq!(node(&policy, "SecretId"), &reference("aws_secretsmanager_secret.s", None));
    assert_eq!(node(&policy, "ResourcePolicy.Version"), &text("2012-10-17"));
}

#[test]
fn a_policy_text_that_names_a_resource_yet_to_be_made_is_unknown_and_not_that_resource() {
    let policy = resource(ESTATE, "aws_sqs_queue_policy.q");
    assert_eq!(node(&policy, "PolicyDocument.0"), &reference("aws_sqs_queue.q", Some("Arn")));
    assert_eq!(node(&policy, "PolicyDocument.1"), &Node::Unknown(Unknown::AfterApply.into()));
}

#[test]
fn what_terraform_splits_becomes_part_of_its_resource() {
    let bucket = resource(ESTATE, "aws_s3_bucket.site");
    assert_eq!(node(&bucket, "WebsiteConfiguration.RoutingRules.0.RedirectRule.Protocol"), &text("https"));
    assert!(part(ESTATE).resources.iter().all(|r| &*r.name != "aws_s3_bucket_website_configuration.site"));
    assert!(at(&resource(ESTATE, "aws_kms_key.k2").properties, "KeyPolicy.Statement").is_some());
}

#[test]
fn a_policy_of_a_classic_listener_is_in_the_listener_of_its_port() {
    let balancer = resource(ESTATE, "aws_elb.classic");
    assert_eq!(node(&balancer, "Listeners.0.PolicyNames.0"), &text("tls"));
    let policy = node(&balancer, "Policies.0.Attributes.0.Value");
    assert_eq!(policy, &text("ELBSecurityPolicy-TLS-1-2-2017-01"));
}

#[test]
fn a_rule_with_several_sources_is_a_rule_for_each() {
    let group = resource(ESTATE, "aws_security_group.lb");
    let Node::List(rules) = node(&group, "SecurityGroupIngress") else { panic!() };
    assert_eq!(rules.len(), 4);
    assert_eq!(node(&group, "SecurityGroupIngress.2.CidrIpv6"), &text("::/0"));
    assert_eq!(node(&resource(ESTATE, "aws_security_group_rule.r (2)"), "CidrIp"), &text("10.1.0.0/16"));
}

#[test]
fn the_options_of_each_tunnel_stay_with_their_tunnel() {
    let connection = resource(ESTATE, "aws_vpn_connection.v");
    let options = "VpnTunnelOptionsSpecifications";
    assert!(at(&connection.properties, &format!("{options}.0.IKEVersions")).is_none());
    assert_eq!(node(&connection, &format!("{options}.1.IKEVersions.0.Value")), &text("ikev2"));
}

#[test]
fn json_within_text_is_read_in_the_shape_of_its_property() {
    let task = resource(ESTATE, "aws_ecs_task_definition.t");
    assert_eq!(node(&task, "ContainerDefinitions.0.Environment.0.Name"), &text("DB"));
    let volume = "Volumes.0.EFSVolumeConfiguration";
    assert_eq!(node(&task, &format!("{volume}.TransitEncryption")), &text("DISABLED"));
    assert_eq!(node(&task, &format!("{volume}.FilesystemId")), &reference("aws_efs_file_system.f", None));
}

#[test]
fn a_secret_is_there_and_nobody_sees_it() {
    let group = resource(ESTATE, "aws_elasticache_replication_group.r");
    let Node::Pieces(token) = node(&group, "AuthToken") else { panic!() };
    assert!(matches!(token[0].node, Node::Unknown(_)));
    assert!(!format!("{:?}", part(ESTATE)).contains("0123456789abcdef"));
}

/// How the pre-shared key of a connection stands to the control that is about it.
fn judged_key(configuration: &str) -> crate::verdict::Standing {
    let values = r#"{"tunnel1_preshared_key":"not_so_secret_at_all","tunnel2_ike_versions":["ikev2"]}"#;
    let text = plan("aws_vpn_connection", values);
    let text = text.strip_suffix('}').unwrap();
    let text = format!(r#"{text},"configuration":{{"root_module":{{"resources":[{configuration}]}}}}}}"#);
    let graph = crate::graph::Graph::new(Files::default(), vec![part(&text)]);
    let control: Vec<_> = crate::controls::called("ec2-vpn-certificate-authentication").collect();
    let findings = crate::audit::audit(&graph, &control);
    findings.iter().map(|finding| finding.standing).max().unwrap()
}

#[test]
fn a_pre_shared_key_fails_where_the_code_has_it_and_passes_where_the_code_has_a_name_for_it() {
    use crate::verdict::Standing;
    let code =
        |expressions: &str| format!(r#"{{"address":"aws_vpn_connection.x","expressions":{expressions}}}"#);
    let written = code(r#"{"tunnel1_preshared_key":{"constant_value":"not_so_secret_at_all"}}"#);
    assert_eq!(judged_key(&written), Standing::Fail);
    assert_eq!(judged_key(&code(r#"{"tunnel1_preshared_key":{"references":["var.key"]}}"#)), Standing::Pass);
    assert_eq!(judged_key(&code("{}")), Standing::Pass);
    assert_eq!(judged_key(""), Standing::Unknown);
}

#[test]
fn elements_of_a_list_point_at_one_resource_each() {
    let service = resource(ESTATE, "aws_ecs_service.s");
    let network = "NetworkConfiguration.AwsvpcConfiguration";
    let group = reference("aws_security_group.lb", Some("GroupId"));
    assert_eq!(node(&service, &format!("{network}.SecurityGroups.1")), &group);
    assert_eq!(node(&service, &format!("{network}.Subnets.1")), &reference("aws_subnet.a[1]", None));
}

/// What a test service made of the code whose plan was applied: the file, and as `terraform show -json` shows it.
const ORDERS: [&str; 2] = [include_str!("plans/orders.tfstate"), include_str!("plans/orders-shown.json")];

#[test]
fn in_a_state_arns_ids_and_names_point_at_what_has_them() {
    for state in ORDERS {
        let listener = resource(state, "aws_lb_listener.l");
        assert_eq!(node(&listener, "LoadBalancerArn"), &reference("aws_lb.l", None));
        let group = r#"aws_lb_target_group.t["app"]"#;
        assert_eq!(node(&listener, "DefaultActions.0.TargetGroupArn"), &reference(group, None));
        let queue = resource(state, "aws_sqs_queue_policy.q");
        assert_eq!(node(&queue, "Queues.0"), &reference("aws_sqs_queue.q", None));
        let bucket = resource(state, "module.bucket.aws_s3_bucket_policy.b");
        assert_eq!(node(&bucket, "Bucket"), &reference("module.bucket.aws_s3_bucket.b", None));
    }
}

#[test]
fn a_part_of_a_bucket_finds_it_by_its_name_in_a_state() {
    for state in ORDERS {
        let bucket = resource(state, "module.bucket.aws_s3_bucket.b");
        let redirect = "WebsiteConfiguration.RedirectAllRequestsTo.Protocol";
        assert_eq!(node(&bucket, redirect), &text("https"));
    }
}

#[test]
fn a_policy_that_is_a_resource_of_its_own_holds_instead_of_what_was_in_its_resource() {
    for state in ORDERS {
        assert!(part(state).resources.iter().all(|resource| !resource.name.ends_with(".policy")));
        let policy = resource(state, "module.bucket.aws_s3_bucket_policy.b");
        assert_eq!(node(&policy, "PolicyDocument.Statement.0.Effect"), &text("Deny"));
    }
}

#[test]
fn what_is_deposed_is_on_its_way_out_and_not_judged() {
    let state = r#"{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"x","resources":[{"mode":"managed",
        "type":"aws_sqs_queue","name":"q","instances":[{"deposed":"0a","attributes":{"name":"old"}},
        {"index_key":"x.y","attributes":{"name":"new"}}]}]}"#;
    let resources = part(state).resources;
    assert_eq!(resources.len(), 1);
    assert_eq!(&*resources[0].name, r#"aws_sqs_queue.q["x.y"]"#);
    assert_eq!(node(&resources[0], "QueueName"), &text("new"));
}

/// The sample architecture, deployed.
const DEPLOYED: &str = include_str!("../../../../examples/architecture/terraform/state.json");

#[test]
fn a_host_within_a_url_names_the_resource_whose_endpoint_it_is() {
    let task = resource(DEPLOYED, "aws_ecs_task_definition.shop");
    let url = "ContainerDefinitions.0.Environment.0.Value";
    assert_eq!(node(&task, &format!("{url}.0")), &text("postgres://shop@"));
    let host = reference("aws_rds_cluster.database", Some("Endpoint.Address"));
    assert_eq!(node(&task, &format!("{url}.1")), &host);
    assert_eq!(node(&task, &format!("{url}.2")), &text(":5432/shop?sslmode=verify-full"));
}

#[test]
fn the_url_of_a_queue_names_the_queue_and_not_its_policy_which_has_it_for_an_id() {
    let task = resource(DEPLOYED, "aws_ecs_task_definition.shop");
    let url = node(&task, "ContainerDefinitions.0.Environment.1.Value");
    assert_eq!(url, &reference("aws_sqs_queue.orders", None));
}

#[test]
fn an_arn_with_a_path_behind_it_names_its_resource_in_a_policy() {
    let policy = resource(DEPLOYED, "aws_iam_role_policy.labels");
    let objects = "PolicyDocument.Statement.0.Resource";
    assert_eq!(node(&policy, &format!("{objects}.0")), &reference("aws_s3_bucket.labels", Some("Arn")));
    assert_eq!(node(&policy, &format!("{objects}.1")), &text("/*"));
}

#[test]
fn a_host_that_no_resource_has_stays_text() {
    let state = DEPLOYED.replace("shop@shop.cluster-", "shop@other.cluster-");
    let task = resource(&state, "aws_ecs_task_definition.shop");
    let url = node(&task, "ContainerDefinitions.0.Environment.0.Value");
    let host = "other.cluster-c1a2b3d4e5f6.eu-central-1.rds.amazonaws.com";
    assert_eq!(url, &text(&format!("postgres://shop@{host}:5432/shop?sslmode=verify-full")));
}

mod laws {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_plan_with_any_part_of_it_torn_out_or_written_over_is_read_or_refused(
            from in 0..SHOP.len(),
            length in 0..400_usize,
            patch in "(null|true|\\{\\}|\\[\\]|\\[null\\]|\"[a-z.\\[\\]]{0,9}\"|[\\]}\",:]{0,3})",
        ) {
            let start = SHOP.floor_char_boundary(from);
            let end = SHOP.floor_char_boundary((start + length).min(SHOP.len()));
            let torn = format!("{}{patch}{}", &SHOP[..start], &SHOP[end..]);
            let _ = read(&torn, Files::default().add("plan.json"), PartId(0));
        }

        #[test]
        fn a_plan_of_any_values_is_read(values in "[a-z_]{1,12}", unknown in "(true|false|null|\\{\\}|\\[true\\])") {
            let whole = format!(
                r#"{{"format_version":"1.2","terraform_version":"1","planned_values":{{"root_module":{{"resources":[
                {{"address":"aws_lb.x","mode":"managed","type":"aws_lb","values":{{"{values}":[{{"a":null}}]}}}}]}}}},
                "resource_changes":[{{"address":"aws_lb.x","change":{{"after_unknown":{{"{values}":{unknown}}}}}}}],
                "configuration":{{"root_module":{{"resources":[{{"address":"aws_lb.x","expressions":
                {{"{values}":{{"references":["aws_lb.x.{values}","aws_lb.x"]}}}}}}]}}}}}}"#
            );
            prop_assert_eq!(part(&whole).resources.len(), 1);
        }
    }
}
