//! App Mesh: from gateways and nodes to the nodes of the virtual services that they call.

use super::super::behind::behind;
use super::super::hop::Hop;
use super::super::party::Party;
use super::super::way::{Floor, Verified, Way};
use crate::path::Path;
use crate::subject::{Seen, Subject, bool_of, text_of};
use crate::value::Value;

const NODE: &str = "AWS::AppMesh::VirtualNode";

/// The hops of a virtual node or gateway.
pub fn hops(end: &Subject<'_>) -> Vec<Hop> {
    let from = Party::Resource(behind(end));
    let mut hops = Vec::new();
    for (holder, value) in called(end) {
        let wants = wants(end, &holder, value);
        let name = holder.value_in(value, path!("VirtualService.VirtualServiceName"));
        let service = meant(&holder, name, "AWS::AppMesh::VirtualService", path!("VirtualServiceName"));
        for node in service.iter().flat_map(nodes) {
            let to = Party::Resource(behind(&node));
            hops.push(Hop::new(from, to, way(&node, wants), value.at));
        }
    }
    hops.retain(|hop| hop.from != hop.to);
    hops
}

/// What an end calls: a node its backends, a gateway what its routes lead to.
fn called<'g>(end: &Subject<'g>) -> Vec<(Subject<'g>, &'g Value)> {
    if &*end.resource.kind == NODE {
        let backends = end.all(path!("Spec.Backends[]")).into_iter().filter_map(Seen::known);
        return backends.map(|backend| (*end, backend)).collect();
    }
    let routes = end.pointed_at_by("AWS::AppMesh::GatewayRoute", path!("VirtualGatewayName"));
    let targets = [
        path!("Spec.HttpRoute.Action.Target"),
        path!("Spec.Http2Route.Action.Target"),
        path!("Spec.GrpcRoute.Action.Target"),
    ];
    let of_route = |route: Subject<'g>| {
        let values = targets.iter().filter_map(move |path| route.value(path).known());
        values.map(move |value| (route, value))
    };
    routes.into_iter().flat_map(of_route).collect()
}

/// What a client wants of a backend: TLS, none, or it is not known.
fn wants<'g>(end: &Subject<'g>, holder: &Subject<'g>, backend: &'g Value) -> Option<bool> {
    let own = holder.value_in(backend, path!("VirtualService.ClientPolicy.TLS"));
    let policy = match own {
        Seen::Absent(_) => end.value(path!("Spec.BackendDefaults.ClientPolicy.TLS")),
        own => own,
    };
    match policy {
        Seen::Known(tls, _) => match end.value_in(tls, path!("Enforce")).and_then(bool_of) {
            Seen::Known(enforced, _) => Some(enforced),
            Seen::Absent(_) => Some(true),
            Seen::Unknown(..) => None,
        },
        Seen::Absent(_) => Some(false),
        Seen::Unknown(..) => None,
    }
}

/// Without a policy of its own a client takes whatever the listener offers, and verifies nobody (App Mesh user guide,
/// TLS).
fn way(node: &Subject<'_>, wants: Option<bool>) -> Way {
    let name = &node.resource.name;
    let modes = node.all(path!("Spec.Listeners[].TLS.Mode")).into_iter().map(|mode| mode.and_then(text_of));
    let mode = modes.into_iter().next();
    let tls = |verified, reason: String| Way::tls(Floor::default(), verified, reason);
    match (mode, wants) {
        (Some(Seen::Unknown(why, _)), _) => Way::unknown(format!("the TLS mode of {name}: {why}")),
        (_, None) => Way::unknown("what the client's policy asks for is not known"),
        (Some(Seen::Known(mode, _)), Some(wants)) => match (&*mode, wants) {
            ("STRICT", true) => {
                tls(Verified::Yes, format!("{name} takes TLS alone, and its client verifies it"))
            }
            ("STRICT", false) => {
                tls(Verified::No, format!("{name} takes TLS alone, and no policy of its client verifies it"))
            }
            ("PERMISSIVE", true) => {
                tls(Verified::Yes, format!("{name} takes cleartext too, but its client insists on TLS"))
            }
            ("PERMISSIVE", false) => Way::optional(
                Verified::No,
                format!("{name} takes cleartext too, and its client does not insist"),
            ),
            (_, true) => Way::unknown(format!("its client insists on TLS, which {name} does not have")),
            (_, false) => Way::clear(format!("TLS of {name} is {mode}")),
        },
        (Some(Seen::Absent(_)) | None, Some(true)) => {
            Way::unknown(format!("its client insists on TLS, which {name} does not have"))
        }
        (Some(Seen::Absent(_)) | None, Some(false)) => {
            Way::clear(format!("the listener of {name} has no TLS"))
        }
    }
}

/// The nodes that provide a virtual service, by themselves or by the routes of a router.
fn nodes<'g>(service: &Subject<'g>) -> Vec<Subject<'g>> {
    let direct = service.value(path!("Spec.Provider.VirtualNode.VirtualNodeName"));
    let mut nodes: Vec<Subject<'g>> =
        meant(service, direct, NODE, path!("VirtualNodeName")).into_iter().collect();
    let router = service.value(path!("Spec.Provider.VirtualRouter.VirtualRouterName"));
    let router = meant(service, router, "AWS::AppMesh::VirtualRouter", path!("VirtualRouterName"));
    let Some(router) = router else { return nodes };
    let targets = [
        path!("Spec.HttpRoute.Action.WeightedTargets[].VirtualNode"),
        path!("Spec.Http2Route.Action.WeightedTargets[].VirtualNode"),
        path!("Spec.GrpcRoute.Action.WeightedTargets[].VirtualNode"),
        path!("Spec.TcpRoute.Action.WeightedTargets[].VirtualNode"),
    ];
    let routes = router.graph.of_kind("AWS::AppMesh::Route").filter_map(|(id, _)| router.of(id));
    let own = routes.filter(|route| {
        let name = route.value(path!("VirtualRouterName"));
        meant(route, name, "AWS::AppMesh::VirtualRouter", path!("VirtualRouterName"))
            .is_some_and(|meant| meant.id == router.id)
    });
    for route in own {
        for node in targets.iter().flat_map(|path| route.all(path)) {
            nodes.extend(meant(&route, node, NODE, path!("VirtualNodeName")));
        }
    }
    nodes
}

/// The resource that a name means: by reference, or by the name that is written in both.
fn meant<'g>(subject: &Subject<'g>, value: Seen<&'g Value>, kind: &str, name: &Path) -> Option<Subject<'g>> {
    let value = value.known()?;
    let targets = subject.targets(value);
    if let Some(target) = targets.into_iter().find(|target| &*target.resource.kind == kind) {
        return Some(target);
    }
    let text = text_of(value).ok()?;
    let mut all = subject.graph.of_kind(kind).filter_map(|(id, _)| subject.of(id));
    all.find(|other| other.text(name).known().as_deref() == Some(&text))
}
