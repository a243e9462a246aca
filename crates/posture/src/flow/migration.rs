//! Database Migration Service: from the source of a task to the task, and on to its target.

use hermetic_tls::ProtocolVersion;

use super::behind::party;
use super::hop::Hop;
use super::party::Party;
use super::store;
use super::way::{Floor, Verified, Way};
use crate::span::Span;
use crate::subject::{Seen, Subject};
use crate::value::{Node, Value};

/// Engines that are reached by AWS's own API.
const BY_API: [&str; 3] = ["s3", "dynamodb", "kinesis"];
/// Engines whose own settings say what is spoken.
const BY_SETTINGS: [&str; 7] =
    ["opensearch", "elasticsearch", "neptune", "redis", "kafka", "redshift", "redshift-serverless"];

/// The hops of a replication task.
pub fn hops(task: &Subject<'_>) -> Vec<Hop> {
    let this = Party::Resource(task.id);
    let mut hops = Vec::new();
    for (path, into) in [(path!("SourceEndpointArn"), true), (path!("TargetEndpointArn"), false)] {
        let value = task.value(path).known();
        let Some(endpoint) = value.and_then(|value| task.targets(value).into_iter().next()) else { continue };
        let store = store_of(&endpoint);
        let other = Party::Resource(store.map_or(endpoint.id, |store| store.id));
        let (way, at) = way(&endpoint, store.as_ref());
        let (from, to) = if into { (other, this) } else { (this, other) };
        hops.push(Hop::new(from, to, way, at));
    }
    hops
}

/// What an endpoint's mode asks for (DMS user guide, using SSL): `require` looks at no certificate, and `verify-ca` at
/// no name.
fn way(endpoint: &Subject<'_>, store: Option<&Subject<'_>>) -> (Way, Span) {
    let mode = endpoint.text(path!("SslMode"));
    let at = mode.at();
    let engine = endpoint.text(path!("EngineName")).known().unwrap_or_default();
    if BY_API.contains(&&*engine) {
        return (Way::by_aws("DMS uses AWS's API"), at);
    }
    let floor = || store.map_or_else(Floor::default, |store| store::terms(store).floor);
    let way = match mode {
        _ if BY_SETTINGS.contains(&&*engine) => by_settings(endpoint, &engine),
        Seen::Known(mode, _) => match &*mode {
            "none" => Way::clear("SslMode is none"),
            "require" => Way::tls(floor(), Verified::No, "SslMode is require, which verifies nobody"),
            "verify-ca" => Way::tls(floor(), Verified::No, "SslMode is verify-ca, which verifies no name"),
            "verify-full" => Way::tls(floor(), Verified::Yes, "SslMode is verify-full"),
            other => Way::unknown(format!("SslMode {other} is not known")),
        },
        Seen::Absent(_) => Way::clear("SslMode is not set, which is none"),
        Seen::Unknown(why, _) => Way::unknown(format!("SslMode is not known: {why}")),
    };
    (way, at)
}

fn by_settings(endpoint: &Subject<'_>, engine: &str) -> Way {
    let protocol = match engine {
        "kafka" => endpoint.text(path!("KafkaSettings.SecurityProtocol")),
        "redis" => endpoint.text(path!("RedisSettings.SslSecurityProtocol")),
        _ => return Way::unknown(format!("what DMS speaks to {engine} is not written")),
    };
    match protocol.known().as_deref() {
        Some("plaintext") => Way::clear("its security protocol is plaintext"),
        Some("ssl-encryption" | "ssl-authentication" | "sasl-ssl") => Way::tls(
            Floor::at_least(ProtocolVersion::TLS1_2),
            Verified::Unknown,
            "its security protocol is TLS, and nothing says that DMS verifies the far end",
        ),
        _ => Way::unknown("its security protocol is not known"),
    }
}

/// The store that an endpoint names, anywhere in its settings.
fn store_of<'g>(endpoint: &Subject<'g>) -> Option<Subject<'g>> {
    named(endpoint, &endpoint.resource.properties)
        .into_iter()
        .filter_map(|end| party(&end))
        .find(|end| store::is_store(&end.resource.kind))
}

fn named<'g>(subject: &Subject<'g>, value: &'g Value) -> Vec<Subject<'g>> {
    let value = subject.resolve(value);
    match &value.node {
        Node::Map(map) => map.entries.iter().flat_map(|(_, value)| named(subject, value)).collect(),
        Node::List(list) => list.iter().flat_map(|value| named(subject, value)).collect(),
        _ => subject.targets(value),
    }
}
