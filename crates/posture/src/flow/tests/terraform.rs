//! Plans of Terraform, followed as templates are.

use super::*;
use crate::terraform;

fn planned(text: &str) -> Graph {
    let mut files = Files::default();
    let part = terraform::read(text, files.add("plan.json"), PartId(0)).unwrap();
    Graph::new(files, vec![part])
}

/// A resource: what is planned of it, what is known after apply alone, and what its code refers to there.
type Planned = (&'static str, &'static str, &'static str, &'static str);

fn plan(resources: &[Planned]) -> Graph {
    let each = |write: &dyn Fn(&str, &str, &Planned) -> String| {
        let one = |planned: &Planned| {
            let (kind, name) = planned.0.split_once('.').unwrap();
            write(kind, name, planned)
        };
        resources.iter().map(one).collect::<Vec<_>>().join(",")
    };
    let values = each(&|kind, name, (address, values, ..)| {
        format!(
            r#"{{"address":"{address}","mode":"managed","type":"{kind}","name":"{name}","values":{values}}}"#
        )
    });
    let changes = each(&|kind, name, (address, values, unknown, _)| {
        format!(
            r#"{{"address":"{address}","mode":"managed","type":"{kind}","name":"{name}","change":{{"actions":["create"],"after":{values},"after_unknown":{unknown}}}}}"#
        )
    });
    let code = each(&|kind, name, (address, _, _, code)| {
        format!(
            r#"{{"address":"{address}","mode":"managed","type":"{kind}","name":"{name}","expressions":{code}}}"#
        )
    });
    planned(&format!(
        r#"{{"format_version":"1.2","terraform_version":"1.11.4","planned_values":{{"root_module":{{"resources":[{values}]}}}},"resource_changes":[{changes}],"configuration":{{"root_module":{{"resources":[{code}]}}}}}}"#
    ))
}

#[test]
fn a_shop_of_terraform_is_followed_from_its_balancer_to_its_database() {
    let graph = plan(&[
        ("aws_lb.shop", r#"{"internal":false,"load_balancer_type":"application"}"#, "{}", "{}"),
        (
            "aws_lb_listener.https",
            r#"{"port":443,"protocol":"HTTPS","ssl_policy":"ELBSecurityPolicy-TLS13-1-2-2021-06","default_action":[{"type":"forward"}]}"#,
            r#"{"load_balancer_arn":true,"default_action":[{"target_group_arn":true}]}"#,
            r#"{"load_balancer_arn":{"references":["aws_lb.shop.arn","aws_lb.shop"]},"default_action":[{"target_group_arn":{"references":["aws_lb_target_group.app.arn","aws_lb_target_group.app"]}}]}"#,
        ),
        ("aws_lb_target_group.app", r#"{"port":8080,"protocol":"HTTP","target_type":"ip"}"#, "{}", "{}"),
        (
            "aws_ecs_service.app",
            r#"{"name":"app","load_balancer":[{"container_name":"app","container_port":8080}]}"#,
            r#"{"load_balancer":[{"target_group_arn":true}]}"#,
            r#"{"load_balancer":[{"target_group_arn":{"references":["aws_lb_target_group.app.arn","aws_lb_target_group.app"]}}]}"#,
        ),
        (
            "aws_lambda_function.report",
            r#"{"function_name":"report","environment":[{"variables":{"DB_SSLMODE":"verify-full"}}]}"#,
            r#"{"environment":[{"variables":{"DB_HOST":true}}]}"#,
            r#"{"environment":[{"variables":{"references":["aws_db_instance.orders.address","aws_db_instance.orders"]}}]}"#,
        ),
        ("aws_db_instance.orders", r#"{"engine":"postgres","engine_version":"16.4"}"#, "{}", "{}"),
    ]);
    assert_eq!(
        found(&graph),
        [
            "client → aws_lb.shop: sealed, listener aws_lb_listener.https takes TLS by ELBSecurityPolicy-TLS13-1-2-2021-06",
            "aws_lb.shop → aws_ecs_service.app: clear, target group aws_lb_target_group.app speaks HTTP",
            "aws_lambda_function.report → aws_db_instance.orders: sealed, aws_lambda_function.report is told to use TLS and to verify aws_db_instance.orders (a setting shows the way)",
        ]
    );
}

#[test]
fn a_line_of_terraform_that_asks_for_macsec_is_not_sealed() {
    let graph =
        plan(&[("aws_dx_connection.line", r#"{"bandwidth":"10Gbps","request_macsec":true}"#, "{}", "{}")]);
    assert_eq!(
        found(&graph),
        [
            "on-premises → aws_dx_connection.line: weak, the line may be MACsec; where that is down it goes on in cleartext"
        ]
    );
}

const DATABASE: Planned =
    ("aws_db_instance.orders", r#"{"engine":"postgres","engine_version":"14.2"}"#, "{}", "{}");

#[test]
fn containers_that_are_known_after_apply_alone_lead_to_what_their_text_refers_to() {
    let graph = plan(&[
        (
            "aws_ecs_task_definition.app",
            r#"{"family":"app"}"#,
            r#"{"container_definitions":true}"#,
            r#"{"container_definitions":{"references":["aws_db_instance.orders.address","aws_db_instance.orders","aws_sqs_queue.jobs.url","aws_sqs_queue.jobs","var.image"]}}"#,
        ),
        DATABASE,
        ("aws_sqs_queue.jobs", r#"{"name":"jobs"}"#, "{}", "{}"),
    ]);
    assert_eq!(
        found(&graph),
        [
            "aws_ecs_task_definition.app → aws_db_instance.orders: unknown, what aws_ecs_task_definition.app is told of TLS to aws_db_instance.orders is not known (a setting shows the way)",
            "aws_ecs_task_definition.app → aws_sqs_queue.jobs: weak, AWS's clients use TLS, but nothing at aws_sqs_queue.jobs refuses cleartext (a setting shows the way)",
        ]
    );
}

#[test]
fn a_url_that_is_known_after_apply_alone_says_more_than_its_host() {
    let graph = plan(&[
        (
            "aws_lambda_function.f",
            r#"{"function_name":"f","environment":[{"variables":{}}]}"#,
            r#"{"environment":[{"variables":{"DATABASE_URL":true}}]}"#,
            r#"{"environment":[{"variables":{"references":["aws_db_instance.orders.address","aws_db_instance.orders"]}}]}"#,
        ),
        DATABASE,
    ]);
    assert_eq!(
        found(&graph),
        [
            "aws_lambda_function.f → aws_db_instance.orders: unknown, what aws_lambda_function.f is told of TLS to aws_db_instance.orders is not known (a setting shows the way)"
        ]
    );
}

#[test]
fn user_data_in_base64_is_read_as_the_instance_reads_it() {
    // export DB=arn:aws:sqs:eu-west-1:111122223333:jobs
    let graph = plan(&[
        (
            "aws_launch_template.t",
            r#"{"user_data":"ZXhwb3J0IERCPWFybjphd3M6c3FzOmV1LXdlc3QtMToxMTExMjIyMjMzMzM6am9icw=="}"#,
            "{}",
            "{}",
        ),
        (
            "aws_autoscaling_group.g",
            r#"{"launch_template":[{}]}"#,
            r#"{"launch_template":[{"id":true}]}"#,
            r#"{"launch_template":[{"id":{"references":["aws_launch_template.t.id","aws_launch_template.t"]}}]}"#,
        ),
        (
            "aws_sqs_queue.jobs",
            r#"{"name":"jobs","arn":"arn:aws:sqs:eu-west-1:111122223333:jobs"}"#,
            "{}",
            "{}",
        ),
    ]);
    assert_eq!(
        found(&graph),
        [
            "aws_autoscaling_group.g → aws_sqs_queue.jobs: weak, AWS's clients use TLS, but nothing at aws_sqs_queue.jobs refuses cleartext (a setting shows the way)"
        ]
    );
}

#[test]
fn targets_and_notifications_that_stand_apart_are_those_of_their_rule_and_bucket() {
    let graph = plan(&[
        (
            "aws_cloudwatch_event_rule.nightly",
            r#"{"name":"nightly","schedule_expression":"rate(1 day)"}"#,
            "{}",
            "{}",
        ),
        (
            "aws_cloudwatch_event_target.job",
            r#"{"rule":"nightly","target_id":"job"}"#,
            r#"{"arn":true}"#,
            r#"{"rule":{"references":["aws_cloudwatch_event_rule.nightly.name","aws_cloudwatch_event_rule.nightly"]},"arn":{"references":["aws_lambda_function.job.arn","aws_lambda_function.job"]}}"#,
        ),
        (
            "aws_cloudwatch_event_target.jobs",
            r#"{"rule":"nightly","target_id":"jobs"}"#,
            r#"{"arn":true}"#,
            r#"{"rule":{"references":["aws_cloudwatch_event_rule.nightly.name","aws_cloudwatch_event_rule.nightly"]},"arn":{"references":["aws_sqs_queue.jobs.arn","aws_sqs_queue.jobs"]}}"#,
        ),
        ("aws_lambda_function.job", r#"{"function_name":"job"}"#, "{}", "{}"),
        ("aws_sqs_queue.jobs", r#"{"name":"jobs"}"#, "{}", "{}"),
        ("aws_s3_bucket.drop", r#"{"bucket":"drop"}"#, "{}", "{}"),
        (
            "aws_s3_bucket_notification.drop",
            r#"{"queue":[{"events":["s3:ObjectCreated:*"]}],"lambda_function":[{"events":["s3:ObjectRemoved:*"]}]}"#,
            r#"{"bucket":true,"queue":[{"queue_arn":true}],"lambda_function":[{"lambda_function_arn":true}]}"#,
            r#"{"bucket":{"references":["aws_s3_bucket.drop.id","aws_s3_bucket.drop"]},"queue":[{"queue_arn":{"references":["aws_sqs_queue.jobs.arn","aws_sqs_queue.jobs"]}}],"lambda_function":[{"lambda_function_arn":{"references":["aws_lambda_function.job.arn","aws_lambda_function.job"]}}]}"#,
        ),
    ]);
    let by = "AWS hands it on by its API";
    assert_eq!(
        found(&graph),
        [
            format!("aws_cloudwatch_event_rule.nightly → aws_lambda_function.job: sealed, {by}"),
            format!("aws_cloudwatch_event_rule.nightly → aws_sqs_queue.jobs: sealed, {by}"),
            format!("aws_s3_bucket.drop → aws_lambda_function.job: sealed, {by}"),
            format!("aws_s3_bucket.drop → aws_sqs_queue.jobs: sealed, {by}"),
        ]
    );
}

#[test]
fn a_proxy_of_terraform_leads_to_its_database() {
    let graph = plan(&[
        ("aws_db_proxy.p", r#"{"name":"p","engine_family":"POSTGRESQL","require_tls":true}"#, "{}", "{}"),
        (
            "aws_db_proxy_target.t",
            r#"{"db_proxy_name":"p","target_group_name":"default"}"#,
            r#"{"db_instance_identifier":true}"#,
            r#"{"db_proxy_name":{"references":["aws_db_proxy.p.name","aws_db_proxy.p"]},"db_instance_identifier":{"references":["aws_db_instance.orders.identifier","aws_db_instance.orders"]}}"#,
        ),
        DATABASE,
    ]);
    assert!(
        found(&graph)[0].starts_with("aws_db_proxy.p → aws_db_instance.orders: weak"),
        "{:?}",
        found(&graph)
    );
}
