//! The flows as a configuration of hops that are not ours, so that a probe can look at what the code declares.

use std::fmt::Write as _;

use crate::flow::{Flow, Flows, Hop};
use crate::graph::Graph;
use crate::path::Path;
use crate::scenario::Scenario;
use crate::subject::{Seen, Subject};

const OPENING: &str = "\
# Hops and flows of infrastructure code, as `hermetic audit --emit-config` found them.
# `hermetic check --probe` looks at them from here: what is declared, against what is there.
# Where the code does not say where a far end is, its hop is a comment: write the endpoint, and take the # away.
";

/// The flows as `[[hop]]`s and `[[flow]]`s of a hermetic.toml.
pub fn configuration(graph: &Graph, flows: &Flows) -> String {
    let mut text = OPENING.to_owned();
    let known: Vec<bool> = flows.hops.iter().map(|hop| write_hop(&mut text, graph, flows, hop)).collect();
    for flow in &flows.flows {
        let all_known = flow.hops.iter().all(|place| known.get(*place) == Some(&true));
        write_flow(&mut text, flows, flow, if all_known { "" } else { "# " });
    }
    text
}

/// Writes a hop; whether it stands, or is a comment.
fn write_hop(text: &mut String, graph: &Graph, flows: &Flows, hop: &Hop) -> bool {
    let endpoint = hop.to.resource().and_then(|id| Endpoint::of(graph, id));
    let known = endpoint.as_ref().is_some_and(|endpoint| endpoint.host.is_some());
    let mark = if known { "" } else { "# " };
    let host =
        endpoint.as_ref().and_then(|endpoint| endpoint.host.clone()).unwrap_or_else(|| "HOST".to_owned());
    let scheme = endpoint.map_or("https", |endpoint| endpoint.scheme);
    let (from, to) = (flows.names.name(hop.from), flows.names.name(hop.to));
    // A string takes whatever is written to it.
    let _ = write!(
        text,
        "\n# {} ({})\n{mark}[[hop]]\n{mark}from = \"{from}\"\n{mark}to = \"{to}\"\n{mark}endpoint = \"{scheme}://{host}\"\n{mark}evidence = [\"probe\"]\n",
        hop.told(),
        hop.verdict()
    );
    known
}

fn write_flow(text: &mut String, flows: &Flows, flow: &Flow, mark: &str) {
    let path: Vec<String> =
        flow.path.iter().map(|party| format!("\"{}\"", flows.names.name(*party))).collect();
    let _ = write!(
        text,
        "\n{mark}[[flow]]\n{mark}name = \"{}\"\n{mark}path = [{}]\n",
        flow.name,
        path.join(", ")
    );
}

/// Where a resource is, as far as the code says.
struct Endpoint {
    scheme: &'static str,
    host: Option<String>,
}

impl Endpoint {
    fn of(graph: &Graph, id: crate::graph::ResourceId) -> Option<Self> {
        let scenario = Scenario::default();
        let subject = Subject { graph, scenario: &scenario, id, resource: graph.resource(id)? };
        let text = |path: &'static str| subject.text(&Path::of(path)).known().map(|text| text.to_string());
        let kind = &*subject.resource.kind;
        let host = match kind {
            "AWS::CloudFront::Distribution" => first_alias(&subject).or_else(|| text("DomainName")),
            "AWS::RDS::DBCluster" | "AWS::RDS::DBInstance" => {
                text("Endpoint.Address").or_else(|| text("Endpoint"))
            }
            _ => text("DNSName"),
        };
        Some(Self { scheme: scheme(kind, text("Engine").as_deref()), host: host.or_else(|| named(&subject)) })
    }
}

fn first_alias(distribution: &Subject<'_>) -> Option<String> {
    let aliases = distribution.all(&Path::of("DistributionConfig.Aliases[]"));
    aliases
        .into_iter()
        .filter_map(Seen::known)
        .find_map(|alias| crate::subject::text_of(alias).ok())
        .map(|text| text.to_string())
}

/// The name of a DNS record that leads here.
fn named(subject: &Subject<'_>) -> Option<String> {
    let records = subject.pointed_at_by("AWS::Route53::RecordSet", &Path::of("AliasTarget.DNSName"));
    let name = records.first()?.text(&Path::of("Name")).known()?;
    Some(name.trim_end_matches('.').to_owned())
}

fn scheme(kind: &str, engine: Option<&str>) -> &'static str {
    match kind {
        "AWS::RDS::DBCluster" | "AWS::RDS::DBInstance" | "AWS::RDS::DBProxy" => {
            if engine.is_some_and(|engine| engine.contains("mysql") || engine.contains("maria")) {
                "mysql"
            } else {
                "postgres"
            }
        }
        "AWS::Redshift::Cluster" => "postgres",
        "AWS::ElastiCache::ReplicationGroup"
        | "AWS::ElastiCache::CacheCluster"
        | "AWS::MemoryDB::Cluster" => "rediss",
        _ => "https",
    }
}
