//! Services that call each other by names within their network: Service Connect, Cloud Map, and App Mesh.

pub mod app;

use std::sync::Arc;

use hermetic_tls::ProtocolVersion;

use super::way::{Floor, Verified, Way};
use crate::path::Path;
use crate::subject::{Seen, Subject, bool_of, text_of};
use crate::value::Value;

/// The service of ECS that a host's name means to this code, with the way where agents beside both ends seal it.
pub fn called<'g>(compute: &Subject<'g>, host: &str) -> Option<(Subject<'g>, Option<Way>)> {
    let services = compute.graph.of_kind("AWS::ECS::Service").filter_map(|(id, _)| compute.of(id));
    for service in services.filter(|service| service.exists() != Some(false)) {
        if is_connected(compute)
            && let Some(way) = by_alias(&service, host)
        {
            return Some((service, way));
        }
        if is_registered(&service, host) {
            return Some((service, None));
        }
    }
    None
}

/// Whether code has an agent of Service Connect, without which its names mean nothing.
fn is_connected(compute: &Subject<'_>) -> bool {
    if &*compute.resource.kind != "AWS::ECS::Service" {
        return false;
    }
    let configuration = compute.value(path!("ServiceConnectConfiguration")).known();
    let enabled = configuration.and_then(|written| compute.value_in(written, path!("Enabled")).known());
    configuration.is_some() && enabled.is_none_or(|enabled| bool_of(enabled) != Ok(false))
}

/// By the names that a service gives itself in Service Connect; where it has a certificate its agents speak TLS 1.3
/// (ECS developer guide, encrypt Service Connect traffic).
fn by_alias(service: &Subject<'_>, host: &str) -> Option<Option<Way>> {
    let offered = service.all(path!("ServiceConnectConfiguration.Services[]"));
    let named = offered.into_iter().filter_map(Seen::known).find(|it| is_alias(service, it, host))?;
    let tls = service.value_in(named, path!("Tls"));
    Some(match tls {
        Seen::Known(..) => Some(Way::tls(
            Floor::at_least(ProtocolVersion::TLS1_3),
            Verified::Yes,
            "the agents of Service Connect speak TLS 1.3, and verify each other by a private authority",
        )),
        Seen::Absent(_) => None,
        Seen::Unknown(why, _) => Some(Way::unknown(format!("Tls of Service Connect is not known: {why}"))),
    })
}

/// A client's alias, or the discovery name with its namespace where none is written.
fn is_alias<'g>(service: &Subject<'g>, offered: &'g Value, host: &str) -> bool {
    let text = |seen: Seen<&Value>| seen.and_then(text_of).known();
    let mut aliases = service.below(offered, path!("ClientAliases[].DnsName")).into_iter().filter_map(text);
    if aliases.any(|alias| alias.eq_ignore_ascii_case(host)) {
        return true;
    }
    let discovery = text(service.value_in(offered, path!("DiscoveryName")))
        .or_else(|| text(service.value_in(offered, path!("PortName"))));
    let namespace = namespace(service, path!("ServiceConnectConfiguration.Namespace"));
    is_within(host, discovery, namespace)
}

/// By the name under which a service registers itself in Cloud Map.
fn is_registered(service: &Subject<'_>, host: &str) -> bool {
    let registries =
        service.all(path!("ServiceRegistries[].RegistryArn")).into_iter().filter_map(Seen::known);
    let mut discovered = registries.flat_map(|value| service.targets(value));
    discovered.any(|discovery| {
        let namespace = namespace(&discovery, path!("DnsConfig.NamespaceId"))
            .or_else(|| namespace(&discovery, path!("NamespaceId")));
        is_within(host, discovery.text(path!("Name")).known(), namespace)
    })
}

fn is_within(host: &str, name: Option<Arc<str>>, namespace: Option<Arc<str>>) -> bool {
    let whole = name.zip(namespace).map(|(name, namespace)| format!("{name}.{namespace}"));
    whole.is_some_and(|whole| whole.eq_ignore_ascii_case(host))
}

/// The name of a namespace, written or of one that is declared.
fn namespace(subject: &Subject<'_>, path: &Path) -> Option<Arc<str>> {
    let value = subject.value(path).known()?;
    match subject.targets(value).into_iter().next() {
        Some(declared) => declared.text(path!("Name")).known(),
        None => text_of(value).ok(),
    }
}
