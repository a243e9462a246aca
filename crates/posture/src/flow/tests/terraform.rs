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
