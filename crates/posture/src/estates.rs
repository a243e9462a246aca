//! Whole templates and plans, as people write them, judged by hand. Each begins with what must be found in it, no more
//! and no less: what fails, and the hops with their verdicts.

use std::fmt::Write as _;

use crate::audit::audit;
use crate::cloudformation;
use crate::controls;
use crate::flow::follow;
use crate::graph::Graph;
use crate::span::Files;
use crate::terraform;
use crate::value::PartId;
use crate::verdict::Standing;

macro_rules! judged {
    ($($name:ident: $file:literal,)*) => {$(
        #[test]
        fn $name() {
            check(include_str!(concat!("estates/", $file)));
        }
    )*};
}

judged! {
    globals_of_sam_reach_each_function_in_each_stage: "sam_api_with_globals.yaml",
    a_queue_between_two_functions_is_sealed_and_the_database_behind_is_not: "sam_http_api_queue.yaml",
    of_topics_that_a_loop_writes_one_is_subscribed_in_clear: "foreach_topics.yaml",
    a_mapping_decides_by_environment_what_a_listener_takes: "mapped_listener.yaml",
    a_site_of_the_cdk_takes_https_from_end_to_end: "cdk_static_site.json",
    a_service_of_the_cdk_listens_to_http: "cdk_fargate_imports.json",
    brokers_take_both_and_a_domain_https_alone: "kafka_and_search.yaml",
    a_cache_is_strict_in_one_region_alone: "cache_modes.yaml",
    policies_of_buckets_are_judged_by_what_they_deny: "bucket_policies.yaml",
    conditions_of_conditions_are_followed: "nested_conditions.yaml",
    a_private_link_is_as_good_as_what_is_behind_it: "private_link.yaml",
    things_and_streams_go_where_their_rules_say: "iot_and_streams.yaml",
    what_instances_run_says_how_they_connect: "ec2_user_data.yaml",
    lines_to_an_office_are_sealed_by_ipsec_and_not_by_macsec: "vpn_and_dx.yaml",
    apps_ask_brokers_and_document_stores_in_their_own_words: "apps.yaml",
    warehouses_are_asked_by_what_a_dsn_says: "warehouses.yaml",
    files_and_migrations_are_as_good_as_their_worst_protocol: "transfer_and_migration.yaml",
    an_edge_that_matches_its_viewers_takes_http_on: "edge_with_balancer.yaml",
    a_guardrail_of_the_organization_reaches_what_it_says: "guardrails.yaml",
    a_state_machine_calls_a_partner_in_clear: "sam_state_machine.yaml",
    what_macros_and_parameters_decide_is_unknown_and_fails_nowhere: "macros.yaml",
    an_old_balancer_speaks_http_to_its_instances: "classic.yaml",
    jobs_connections_and_clusters_say_what_they_encrypt: "jobs.yaml",
    an_environment_of_terraform_is_followed_through_its_balancer: "terraform_beanstalk.json",
    a_tunnel_of_two_is_weak_and_a_parameter_leads_to_a_cache: "terraform_network.json",
    a_loop_writes_policies_that_one_parameter_opens: "foreach_buckets.yaml",
    policies_as_text_and_as_maps_are_read_alike: "json_policies.yaml",
    events_of_sam_lead_to_the_function_and_on_from_it: "sam_events.yaml",
    a_function_behind_an_edge_is_sealed_from_end_to_end: "function_behind_edge.yaml",
    what_an_accelerator_passes_through_is_not_known: "accelerated.yaml",
    a_secret_that_is_attached_leads_to_its_database: "cdk_database.json",
    stores_are_asked_as_their_urls_say: "split_endpoints.yaml",
    events_of_terraform_lead_to_partners_and_streams: "terraform_events.json",
    a_state_tells_nothing_of_where_a_key_stands: "terraform_state.json",
    modules_made_for_each_have_hops_of_their_own: "terraform_modules.json",
    what_stands_apart_in_terraform_is_put_together: "terraform_apart.json",
}

fn check(text: &str) {
    let head = text.lines().take_while(|line| line.starts_with("# "));
    let wanted: Vec<&str> = head.map(|line| line.trim_start_matches("# ")).collect();
    let body = text.lines().skip(wanted.len()).map(|line| format!("{line}\n")).collect::<String>();
    let found = found(&graph(&body));
    let as_head = found.iter().fold(String::new(), |mut all, line| {
        let _ = writeln!(all, "# {line}");
        all
    });
    assert!(!found.is_empty() && found == wanted, "found:\n{as_head}");
}

fn graph(text: &str) -> Graph {
    let mut files = Files::default();
    let file = files.add("estate");
    let part = match terraform::recognise(text.as_bytes()) {
        Some(_) => terraform::read(text, file, PartId(0)).unwrap(),
        None => {
            let read = cloudformation::read(text, file, PartId(0), &Default::default()).unwrap();
            assert_eq!(read.problems, []);
            read.part
        }
    };
    Graph::new(files, vec![part])
}

/// What fails, then the hops.
fn found(graph: &Graph) -> Vec<String> {
    let all: Vec<_> = controls::all().iter().filter(|control| control.shown_by_code()).collect();
    let findings = audit(graph, &all);
    let failing = findings.iter().filter(|finding| finding.standing == Standing::Fail);
    let mut lines: Vec<String> = failing
        .map(|finding| {
            let name = graph.resource(finding.resource).map_or("?", |resource| &resource.name);
            let when = finding.when.as_ref().map(|when| format!(" when {when}")).unwrap_or_default();
            format!("fail {} {name}{when}", finding.control.id)
        })
        .collect();
    lines.sort();
    let flows = follow(graph);
    lines.extend(flows.hops.iter().map(|hop| {
        let (from, to) = (flows.names.name(hop.from), flows.names.name(hop.to));
        let when = hop.when.as_ref().map(|when| format!(" when {when}")).unwrap_or_default();
        format!("hop {from} → {to}: {}{when}", hop.verdict())
    }));
    lines
}
