//! Code that runs: to which stores and fronts it connects, by what it is told, what it mounts and what it may do.

mod brokers;
mod exposed;
mod grants;
mod groups;
mod http_tasks;
mod mounts;
mod outside;
mod settings;
mod switch;
mod told;
mod way;

use super::connection::Wish;
use super::hop::Hop;
use super::party::Party;
use super::way::Way;
use super::{entrance, mesh, messaging, named};
use crate::span::Span;
use crate::subject::Subject;

/// A far end of this code, how we know, and what the code is told of the way there.
struct Far<'g> {
    end: Subject<'g>,
    /// What the code is told to do about TLS.
    wish: Option<Wish>,
    /// The way, where whoever found the far end knows it whole.
    known: Option<Way>,
    /// Whether what the code is told may say more than is known of it.
    untold: bool,
    how: &'static str,
    at: Span,
    /// The variables that name it.
    names: Vec<String>,
}

impl<'g> Far<'g> {
    fn new(end: Subject<'g>, how: &'static str, at: Span) -> Self {
        Self { end, wish: None, known: None, untold: false, how, at, names: Vec::new() }
    }
}

/// The hops of a function, service, task or instance.
pub fn hops(compute: &Subject<'_>) -> Vec<Hop> {
    if runs_as_a_service(compute) {
        return Vec::new();
    }
    let from = Party::Resource(compute.id);
    let told = told::read(compute);
    let mut found: Vec<Far<'_>> = mounts::far_ends(compute);
    found.extend(told.far);
    for far in grants::far_ends(compute).into_iter().chain(groups::far_ends(compute)) {
        if !found.iter().any(|known| known.end.id == far.end.id) {
            found.push(far);
        }
    }
    found.retain(|far| far.end.id != compute.id);
    switch::apply(&told.switches, &mut found);
    for far in found.iter_mut().filter(|far| far.untold) {
        far.wish = far.wish.or(Some(Wish::Untold));
    }
    let mut hops: Vec<Hop> = entered(compute).or_else(|| exposed::hop(compute)).into_iter().collect();
    hops.extend(found.iter().map(|far| {
        let way = far.known.clone().unwrap_or_else(|| way::to(compute, far));
        let reason = format!("{} ({} shows the way)", way.reason, far.how);
        Hop::new(from, Party::Resource(far.end.id), Way { reason, ..way }, far.at)
    }));
    if &*compute.resource.kind == "AWS::Lambda::Function" {
        hops.extend(messaging::dead_letters(compute));
    }
    hops.extend(http_tasks::hops(compute));
    hops.extend(told.outside.into_iter().map(|(outside, at)| Hop {
        address: outside.address,
        ..Hop::new(from, Party::Outside(outside.who), outside.way, at)
    }));
    hops
}

/// A task that a service runs is that service.
fn runs_as_a_service(compute: &Subject<'_>) -> bool {
    &*compute.resource.kind == "AWS::ECS::TaskDefinition"
        && !compute.pointed_at_by("AWS::ECS::Service", path!("TaskDefinition")).is_empty()
}

/// App Runner takes clients itself, unless it is told not to.
fn entered(compute: &Subject<'_>) -> Option<Hop> {
    if &*compute.resource.kind != "AWS::AppRunner::Service" {
        return None;
    }
    let public = compute.bool(path!("NetworkConfiguration.IngressConfiguration.IsPubliclyAccessible"));
    if public.known() == Some(false) {
        return None;
    }
    Some(Hop::entrance(compute, entrance::app_runner(), compute.resource.at))
}

/// What a host's name means to this code: a service within its network, or what a record of its own leads to.
fn called<'g>(compute: &Subject<'g>, host: &str) -> Option<(Subject<'g>, Option<Way>)> {
    mesh::called(compute, host).or_else(|| named::by_record(compute, host).map(|end| (end, None)))
}
