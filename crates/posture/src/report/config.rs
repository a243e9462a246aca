//! The flows as a configuration of hops that are not ours, so that a probe can look at what the code declares.

use std::fmt::Write as _;

use hermetic_hop::Verdict;

use crate::flow::{Flow, Flows, Hop, Party};
use crate::graph::Graph;
use crate::path::Path;
use crate::scenario::Scenario;
use crate::subject::{Seen, Subject, text_of};

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

/// Writes a hop; whether it stands, or is a comment. A string takes whatever is written to it.
fn write_hop(text: &mut String, graph: &Graph, flows: &Flows, hop: &Hop) -> bool {
    let _ = write!(text, "\n# {} ({})\n", hop.told(), hop.verdict());
    let (from, to) = (flows.names.name(hop.from), flows.names.name(hop.to));
    if is_line(graph, hop.from) || is_line(graph, hop.to) {
        let _ = writeln!(
            text,
            "# {from} to {to} is a line between networks, where a probe finds nothing to ask."
        );
        return false;
    }
    let (endpoint, known) = endpoint(graph, hop);
    let mark = if known { "" } else { "# " };
    let _ = write!(
        text,
        "{mark}[[hop]]\n{mark}from = \"{from}\"\n{mark}to = \"{to}\"\n{mark}endpoint = \"{endpoint}\"\n{mark}evidence = [\"probe\"]\n",
    );
    known
}

/// Whether a party is a network or a line between networks, which answers nobody.
fn is_line(graph: &Graph, party: Party) -> bool {
    match party {
        Party::OnPremises => true,
        Party::Client | Party::Network | Party::Outside(_) | Party::Part(..) => false,
        Party::Resource(id) => graph.resource(id).is_some_and(|resource| {
            matches!(
                &*resource.kind,
                "AWS::EC2::VPC"
                    | "AWS::EC2::VPNConnection"
                    | "AWS::EC2::VPNGateway"
                    | "AWS::EC2::TransitGateway"
                    | "AWS::DirectConnect::Connection"
                    | "AWS::DirectConnect::Lag"
            )
        }),
    }
}

/// Where a probe finds a hop's far end, and whether that is known: by the hop's own setting, or by the far end's name.
fn endpoint(graph: &Graph, hop: &Hop) -> (String, bool) {
    if let Some(address) = &hop.address {
        return (address.to_string(), true);
    }
    let found = hop.to.resource().and_then(|id| Endpoint::of(graph, id));
    let scheme = found.as_ref().map_or("https", |found| found.scheme);
    let Some(host) = found.and_then(|found| found.host) else { return (format!("{scheme}://HOST"), false) };
    // A probe asks for TLS where cleartext is declared, and is answered in cleartext.
    let port = if scheme == "https" && hop.verdict() == Verdict::Clear { ":80" } else { "" };
    (format!("{scheme}://{host}{port}"), true)
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
        // A state has attributes that no template writes.
        let text = |path: &'static str| {
            let value = subject.value_in(&subject.resource.properties, &Path::of(path));
            value.and_then(text_of).known().map(|text| text.to_string())
        };
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
        .find_map(|alias| text_of(alias).ok())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloudformation;
    use crate::flow::follow;
    use crate::span::Files;
    use crate::value::PartId;

    fn written(template: &str) -> String {
        let mut files = Files::default();
        let file = files.add("shop.yaml");
        let read = cloudformation::read(template, file, PartId(0), &Default::default()).unwrap();
        let graph = Graph::new(files, vec![read.part]);
        configuration(&graph, &follow(&graph))
    }

    /// The endpoints that are written, also in comments.
    fn endpoints(template: &str) -> Vec<String> {
        let text = written(template);
        text.lines().filter(|line| line.contains("endpoint = ")).map(str::to_owned).collect()
    }

    #[test]
    fn a_far_end_that_the_code_names_by_an_address_is_looked_at_there() {
        let template = "\
Resources:
  Shop:
    Type: AWS::Lambda::Function
    Properties: { Environment: { Variables: { CACHE: 'redis://cache.internal.example.org:6379' } } }
";
        assert_eq!(endpoints(template), ["endpoint = \"redis://cache.internal.example.org:6379\""]);
    }

    #[test]
    fn cleartext_is_looked_at_on_the_port_where_it_is_declared() {
        let template = "\
Resources:
  Cdn:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        Aliases: [shop.example.com]
        DefaultCacheBehavior: { TargetOriginId: old, ViewerProtocolPolicy: allow-all }
        Origins:
          - Id: old
            DomainName: origin.example.com
            CustomOriginConfig: { OriginProtocolPolicy: http-only, HTTPPort: 8080 }
";
        assert_eq!(
            endpoints(template),
            ["endpoint = \"https://shop.example.com:80\"", "endpoint = \"https://origin.example.com:8080\""]
        );
    }

    #[test]
    fn a_line_between_networks_has_no_endpoint_to_ask() {
        let template = "\
Resources:
  Shop: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: 10.0.0.0/16 } }
  Far: { Type: 'AWS::EC2::VPCPeeringConnection', Properties: { VpcId: !Ref Shop, PeerVpcId: vpc-0f } }
";
        let text = written(template);
        assert!(text.contains("# Shop to vpc-0f is a line between networks"), "{text}");
        assert_eq!(endpoints(template), <[&str; 0]>::default());
    }
}
