//! What answers behind an API: functions and services by AWS's API, URLs, and balancers behind a VPC link.

use std::sync::Arc;

use hermetic_tls::ProtocolVersion;

use super::super::behind::party;
use super::super::connection::begins;
use super::super::hop::Hop;
use super::super::named;
use super::super::party::Party;
use super::super::way::{Floor, Verified, Way};
use crate::graph::ResourceId;
use crate::subject::{Seen, Subject, bool_of, text_of};
use crate::value::{Node, Value};

/// The hops of one integration; none where nothing is behind it.
pub fn hops<'g>(api: &Subject<'g>, subject: &Subject<'g>, written: &'g Value) -> Vec<Hop> {
    let integration = Integration { subject: *subject, written };
    let kind = integration.text(["Type", "IntegrationType", "type"]).map(|kind| kind.to_ascii_uppercase());
    if kind.as_deref() == Some("MOCK") {
        return Vec::new();
    }
    let by_aws = kind.is_some_and(|kind| kind.starts_with("AWS"));
    let uri = integration.part(["Uri", "IntegrationUri", "uri"]);
    let way = match uri.and_then(begins) {
        _ if by_aws => Way::by_aws("the API calls it by AWS's API"),
        Some(start) if start.starts_with("https://") => integration.by_https(),
        Some(start) if start.starts_with("http://") => Way::clear("the integration's URL is http"),
        _ if integration.is_linked() => integration.by_link(uri),
        _ => Way::unknown("the integration's URL is not known"),
    };
    let at = uri.map_or(written.at, |uri| uri.at);
    let hop = |to| Hop::new(Party::Resource(api.id), to, way.clone(), at);
    let mut ends = uri.map(|uri| integration.ends(uri)).unwrap_or_default();
    if ends.is_empty() && by_aws {
        // A service of AWS is named by the URI, and its table or queue by the request.
        ends = integration.ends(written);
    }
    // The API itself may be named in a request's template.
    ends.retain(|end| *end != api.id);
    ends.truncate(if by_aws { ends.len() } else { 1 });
    if ends.is_empty()
        && let Some(named) = uri.and_then(|uri| by_host(subject, uri))
    {
        ends.push(named);
    }
    match ends.is_empty() {
        true => {
            let by_url = || uri.map_or_else(Party::nameless, |uri| Party::outside(subject, uri));
            vec![hop(integration.link().as_ref().and_then(linked).map_or_else(by_url, Party::Resource))]
        }
        false => ends.into_iter().map(|end| hop(Party::Resource(end))).collect(),
    }
}

/// An integration as it is written; templates and OpenAPI documents spell its parts with other capitals.
struct Integration<'g> {
    subject: Subject<'g>,
    written: &'g Value,
}

impl<'g> Integration<'g> {
    fn part(&self, names: [&str; 3]) -> Option<&'g Value> {
        let found = names.into_iter().find_map(|name| self.written.entry(name));
        found.map(|value| self.subject.resolve(value)).filter(|value| value.node != Node::Null)
    }

    fn text(&self, names: [&str; 3]) -> Option<Arc<str>> {
        self.part(names).and_then(|value| text_of(value).ok())
    }

    /// The VPC link that it goes through.
    fn link(&self) -> Option<Subject<'g>> {
        let id = self.part(["ConnectionId", "ConnectionId", "connectionId"])?;
        self.subject.targets(id).into_iter().next()
    }

    fn is_linked(&self) -> bool {
        let kind = self.text(["ConnectionType", "ConnectionType", "connectionType"]);
        kind.as_deref() == Some("VPC_LINK") || self.link().is_some()
    }

    /// The parties that a value names, anywhere in it.
    fn ends(&self, value: &'g Value) -> Vec<ResourceId> {
        let value = self.subject.resolve(value);
        let mut found = match &value.node {
            Node::Map(map) => map.entries.iter().flat_map(|(_, value)| self.ends(value)).collect(),
            Node::List(list) => list.iter().flat_map(|value| self.ends(value)).collect(),
            _ => {
                let targets = self.subject.targets(value);
                let end = |target: &Subject<'g>| discovered(target).or_else(|| party(target));
                targets.iter().filter_map(end).map(|end| end.id).collect::<Vec<_>>()
            }
        };
        found.sort_unstable();
        found.dedup();
        found
    }

    fn tls(&self) -> Option<&'g Value> {
        self.part(["TlsConfig", "TlsConfig", "tlsConfig"])
    }

    fn by_https(&self) -> Way {
        let skipped = self.tls().and_then(|tls| {
            tls.entry("InsecureSkipVerification").or_else(|| tls.entry("insecureSkipVerification"))
        });
        match skipped.map(|value| bool_of(self.subject.resolve(value))) {
            None | Some(Ok(false)) => {
                Way::by_aws("the integration's URL is https, and API Gateway verifies it")
            }
            Some(Ok(true)) => Way::tls(
                Floor::at_least(ProtocolVersion::TLS1_2),
                Verified::No,
                "the integration is told to skip verification",
            ),
            Some(Err(why)) => Way::tls(
                Floor::at_least(ProtocolVersion::TLS1_2),
                Verified::Unknown,
                format!("whether the integration is told to skip verification is not known: {why}"),
            ),
        }
    }

    /// Over a VPC link an HTTP API speaks HTTP unless it is told the server's name (API Gateway developer guide,
    /// private integrations).
    fn by_link(&self, uri: Option<&'g Value>) -> Way {
        let targets = uri.map(|uri| self.subject.targets(uri)).unwrap_or_default();
        let listener = targets.iter().find(|target| target.resource.kind.ends_with("::Listener"));
        let protocol = listener.and_then(|listener| listener.text(path!("Protocol")).known());
        match self.tls() {
            None => Way::clear("without TlsConfig the API speaks HTTP over its VPC link"),
            Some(tls) if matches!(tls.node, Node::Unknown(_)) => Way::unknown("TlsConfig is not known"),
            Some(_) if protocol.as_deref() == Some("HTTP") => {
                Way::unknown("TlsConfig asks for TLS, and the listener speaks HTTP: this can't work")
            }
            Some(_) => Way::by_aws("the API speaks TLS over its VPC link, and verifies the server's name"),
        }
    }
}

/// The party that the host of a URL leads to by a record in the code.
fn by_host(subject: &Subject<'_>, uri: &Value) -> Option<ResourceId> {
    let text = text_of(uri).ok()?;
    let (_, rest) = text.split_once("://")?;
    let host = rest.split(['/', ':', '?']).next()?;
    named::by_record(subject, host).map(|end| end.id)
}

/// The balancer behind a link of a REST API.
fn linked(link: &Subject<'_>) -> Option<ResourceId> {
    if &*link.resource.kind != "AWS::ApiGateway::VpcLink" {
        return None;
    }
    let targets = link.all(path!("TargetArns[]")).into_iter().filter_map(Seen::known);
    targets.flat_map(|target| link.targets(target)).map(|target| target.id).next()
}

/// The service of ECS that registers itself under a name of Cloud Map.
fn discovered<'g>(target: &Subject<'g>) -> Option<Subject<'g>> {
    if &*target.resource.kind != "AWS::ServiceDiscovery::Service" {
        return None;
    }
    target.pointed_at_by("AWS::ECS::Service", path!("ServiceRegistries[].RegistryArn")).into_iter().next()
}
