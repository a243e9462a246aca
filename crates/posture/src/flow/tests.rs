//! Whole templates, as people write them. Each begins with the hops that must be found in it, no more and no less, with
//! verdict and words.

mod scale;
mod terraform;

use super::*;
use crate::cloudformation;
use crate::span::Files;
use crate::value::PartId;

macro_rules! shows {
    ($($name:ident: $file:literal,)*) => {$(
        #[test]
        fn $name() {
            check(include_str!(concat!("tests/", $file, ".yaml")));
        }
    )*};
}

shows! {
    a_serverless_shop_is_followed_from_its_api_to_tables_and_dead_letters: "serverless",
    a_private_api_has_no_clients_on_the_internet: "private_api",
    each_origin_and_its_viewers_are_judged_by_the_behaviors_that_lead_to_it: "cdn",
    a_balancer_that_is_open_beside_its_edge_has_clients_of_its_own: "open_beside_edge",
    a_redirect_to_what_nobody_knows_is_unknown: "unknown_redirect",
    service_connect_seals_only_what_has_a_certificate: "service_connect",
    a_mesh_is_sealed_only_where_both_its_ends_want_it: "app_mesh",
    a_function_url_is_reached_by_https_through_an_edge_or_not: "function_url",
    a_balancer_calls_a_function_by_api_and_never_verifies_a_task: "balanced",
    what_passes_through_is_met_by_what_is_behind: "passed_through",
    brokers_that_take_cleartext_too_seal_nothing: "kafka",
    delivery_streams_are_followed_to_each_destination: "delivery",
    each_engine_has_its_own_floor_and_its_own_lack_of_tls: "engines",
    caches_are_clear_optional_or_tls_by_their_own_mode: "caches",
    a_switch_is_about_its_own_store_alone: "switches",
    mounts_are_clear_unless_they_ask_for_tls: "mounts",
    file_transfer_is_as_good_as_its_worst_protocol: "transfer",
    events_notifications_and_destinations_are_followed: "events",
    a_proxy_hides_no_database: "proxy",
    lines_between_networks_seal_nothing_that_they_only_may: "lines",
    an_accelerator_passes_tls_on_as_it_is: "accelerator",
    a_migration_is_sealed_only_where_it_verifies: "migration",
    addresses_of_others_in_clear_lead_outside: "outside",
    a_graph_of_data_sources_is_followed: "graphql",
    things_are_followed_to_what_their_rules_name: "things",
    links_to_private_balancers_speak_http_unless_told_a_name: "vpc_links",
    document_stores_and_brokers_say_what_they_take: "documents",
    a_network_of_services_is_followed_to_its_targets: "lattice",
    groups_of_instances_are_found_behind_old_balancers: "classic",
    what_is_there_in_production_alone_says_so: "conditions",
    a_bucket_that_is_a_website_is_read_in_clear: "website",
    base64_says_nothing_to_whom_it_is_not_decoded_for: "encoded",
    an_environment_of_beanstalk_is_followed_through_its_balancer: "beanstalk",
    what_is_looked_up_in_a_secret_leads_to_whom_the_secret_is_attached: "looked_up",
    a_host_of_others_alone_is_asked_as_its_switch_says: "outside_hosts",
    a_secondary_of_a_global_datastore_is_as_its_primary: "global_cache",
    names_in_dns_lead_to_what_the_code_declares: "records",
}

/// The hops in lines: `from → to: verdict, words`.
fn found(graph: &Graph) -> Vec<String> {
    let flows = follow(graph);
    let line = |hop: &Hop| {
        let (from, to) = (flows.names.name(hop.from), flows.names.name(hop.to));
        format!("{from} → {to}: {}, {}", hop.verdict(), hop.told())
    };
    flows.hops.iter().map(line).collect()
}

fn graph(template: &str) -> Graph {
    let mut files = Files::default();
    let file = files.add("template.yaml");
    let read = cloudformation::read(template, file, PartId(0), &Default::default()).unwrap();
    assert_eq!(read.problems, []);
    Graph::new(files, vec![read.part])
}

fn check(template: &str) {
    let lines = template.lines().take_while(|line| line.starts_with("# "));
    let wanted: Vec<&str> = lines.map(|line| line.trim_start_matches("# ")).collect();
    let found = found(&graph(template));
    assert!(
        !found.is_empty() && found == wanted,
        "found:\n{}",
        found.iter().map(|line| format!("# {line}\n")).collect::<String>()
    );
}
