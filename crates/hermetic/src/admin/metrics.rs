//! Metrics in the Prometheus (OpenMetrics) text format. They are made of the same report that
//! `hermetic hops` prints, at the moment of the scrape.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::AtomicU64;

use hermetic_gateway::{GuardCount, Occupancy, PolicyCount, Refusals};
use hermetic_hop::{Counts, HopName, HopReport, Severity, View};
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::{renewal_metrics, revocation_metrics};
use crate::part::protocol::{ClientCrl, Seen};
use crate::tour::PartsError;
use crate::up::{Instance, Tally};

/// The format's media type.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

type Counted<L> = Family<L, Counter<u64, AtomicU64>>;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Hop {
    from: String,
    to: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Handshake {
    from: String,
    to: String,
    kind: &'static str,
    value: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Taken {
    listener: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Limit {
    listener: String,
    limit: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reason {
    from: String,
    to: String,
    reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Listed {
    listener: String,
    issuer: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    result: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Guarded {
    listener: String,
    rule: &'static str,
    action: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Severe {
    from: String,
    to: String,
    severity: &'static str,
}

/// Those that somebody should do something about.
const SEVERITIES: [Severity; 4] = [Severity::Low, Severity::Medium, Severity::High, Severity::Critical];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Decided {
    listener: String,
    service: String,
    decision: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Judged {
    from: String,
    to: String,
    verdict: &'static str,
}

/// All metrics of the instance as they are now.
pub async fn text(instance: &Instance) -> Result<String, PartsError> {
    let (report, seen) = (instance.report().await?, instance.seen().await?);
    let lists = instance.store().revocation_list_dates().await.unwrap_or_else(|error| {
        tracing::warn!(%error, "the age of CRLs can't be told");
        Vec::new()
    });
    let mut registry = Registry::with_prefix("hermetic");
    counts(&mut registry, &counted(&report.hops, &seen));
    verdicts(&mut registry, &report.hops);
    scans(&mut registry, &report.hops);
    beside_hops(&mut registry, &seen);
    limits(&mut registry, &seen);
    renewal_metrics::register(&mut registry, instance);
    revocation_metrics::register(&mut registry, instance, &lists);
    reloads(&mut registry, &instance.reloads().tally());
    let clock: Gauge = Gauge::default();
    clock.set(instance.clock().now().as_second());
    registry.register("clock_seconds", "The instance's own clock, to compare with yours", clock);
    let mut encoded = String::new();
    // Writing to a string does not fail.
    let _: Result<(), fmt::Error> = text::encode(&mut encoded, &registry);
    Ok(encoded)
}

/// What was counted of each hop: of those in the report, and of those that nobody declared, such as
/// a stranger's at a listener that admits listed parties only.
fn counted<'a>(hops: &'a [HopReport], seen: &'a Seen) -> Vec<(Hop, &'a Counts)> {
    let declared = hops.iter().filter_map(|hop| Some((labels(&hop.name()), hop.counts.as_ref()?)));
    let strangers = seen.observations.iter().filter(|seen| !hops.iter().any(|hop| hop.is(&seen.hop)));
    declared.chain(strangers.map(|seen| (labels(&seen.hop), &seen.counts))).collect()
}

fn counts(registry: &mut Registry, hops: &[(Hop, &Counts)]) {
    let counted = |registry: &mut Registry, name: &str, help: &str, count: fn(&Counts) -> u64| {
        let family = Counted::<Hop>::default();
        for (hop, counts) in hops {
            family.get_or_create(hop).inc_by(count(counts));
        }
        registry.register(name, help, family);
    };
    counted(registry, "connections", "Connections that came to stand", |counts| counts.connections);
    counted(registry, "cleartext_connections", "Connections in cleartext among them", |counts| {
        counts.cleartext
    });
    counted(registry, "resumed", "Connections that resumed a session", |counts| counts.resumed);
    counted(registry, "handshakes_failed", "Connections that did not come to stand", |counts| counts.failed);
    counted(registry, "requests", "Requests", |counts| counts.requests);
    counted(registry, "bytes_received", "Body bytes from the far end", |counts| counts.bytes_received);
    counted(registry, "bytes_sent", "Body bytes to the far end", |counts| counts.bytes_sent);
    counted(registry, "key_updates", "Key updates that we began", |counts| counts.key_updates);
    clients(registry, hops);
    let handshakes = Counted::<Handshake>::default();
    for (Hop { from, to }, counts) in hops {
        let kinds = [("version", &counts.versions), ("suite", &counts.suites), ("group", &counts.groups)];
        for (kind, tally) in kinds {
            for (value, count) in tally {
                let label = Handshake { from: from.clone(), to: to.clone(), kind, value: value.clone() };
                handshakes.get_or_create(&label).inc_by(*count);
            }
        }
    }
    registry.register("negotiated", "Connections by what was negotiated", handshakes);
}

/// What became of clients whose certificates were refused, or have come to their end since.
fn clients(registry: &mut Registry, hops: &[(Hop, &Counts)]) {
    let by_reason = |tally: fn(&Counts) -> &BTreeMap<String, u64>| {
        let family = Counted::<Reason>::default();
        for (Hop { from, to }, counts) in hops {
            for (reason, count) in tally(counts) {
                let label = Reason { from: from.clone(), to: to.clone(), reason: reason.clone() };
                family.get_or_create(&label).inc_by(*count);
            }
        }
        family
    };
    let refused = by_reason(|counts| &counts.refused_certificates);
    registry.register("client_certificates_refused", "Certificates of clients that were refused", refused);
    let ended = by_reason(|counts| &counts.ended);
    registry.register("connections_ended", "Live connections that were ended", ended);
}

fn verdicts(registry: &mut Registry, hops: &[HopReport]) {
    let verdicts = Family::<Judged, Gauge>::default();
    for hop in hops {
        let Hop { from, to } = labels(&hop.name());
        verdicts.get_or_create(&Judged { from, to, verdict: hop.verdict.as_str() }).set(1);
    }
    registry.register("hop_verdict", "1 for the verdict that each hop has", verdicts);
}

/// What scans found.
fn scans(registry: &mut Registry, hops: &[HopReport]) {
    let (findings, at) = (Family::<Severe, Gauge>::default(), Family::<Hop, Gauge>::default());
    for (hop, scan) in hops.iter().filter_map(|hop| Some((labels(&hop.name()), hop.scan.as_ref()?))) {
        // Those without any are told, too, so that an alert sees them go.
        for severity in SEVERITIES {
            let Hop { from, to } = hop.clone();
            let count = scan.findings.iter().filter(|finding| finding.severity == severity).count();
            let label = Severe { from, to, severity: severity.as_str() };
            findings.get_or_create(&label).set(i64::try_from(count).unwrap_or(i64::MAX));
        }
        at.get_or_create(&hop).set(scan.at.as_second());
    }
    registry.register("hop_scan_findings", "What the latest scan of each hop's far end found", findings);
    registry.register("hop_scanned_seconds", "When the far end of each hop was scanned last", at);
}

/// Redirects are no hops, so what they saw is not in the report; nor is what the guard did.
fn beside_hops(registry: &mut Registry, seen: &Seen) {
    let exposed = Counted::<Hop>::default();
    for seen in seen.observations.iter().filter(|seen| seen.view == View::Server) {
        exposed.get_or_create(&labels(&seen.hop)).inc_by(seen.counts.credential_exposed);
    }
    registry.register("credential_exposed", "Requests that carried a secret in cleartext", exposed);
    let guard = Counted::<Guarded>::default();
    for GuardCount { listener, rule, action, count } in &seen.guard {
        let (rule, action) = (rule.as_str(), action.as_str());
        guard.get_or_create(&Guarded { listener: listener.to_string(), rule, action }).inc_by(*count);
    }
    registry.register("guard", "What the rules of the guard did", guard);
    let decisions = Counted::<Decided>::default();
    for PolicyCount { listener, service, decision, count } in &seen.policies {
        let (listener, service, decision) = (listener.to_string(), service.clone(), decision.as_str());
        decisions.get_or_create(&Decided { listener, service, decision }).inc_by(*count);
    }
    registry.register("policy_decisions", "What policy documents decided of requests", decisions);
    client_crls(registry, &seen.client_crls);
    let lost: Counter = Counter::default();
    lost.inc_by(seen.records_lost);
    registry.register("access_records_lost", "Access records that could not be written", lost);
}

/// What each listener has taken on, and what reached a limit of it.
/// Of several of one issuer, the first that goes stale: from then on some of its clients are refused.
fn client_crls(registry: &mut Registry, seen: &[ClientCrl]) {
    let mut last_first: Vec<_> = seen.iter().collect();
    last_first.sort_by_key(|crl| Reverse(crl.next_update));
    let crls = Family::<Listed, Gauge>::default();
    for ClientCrl { listener, issuer, next_update } in last_first {
        let label = Listed { listener: listener.to_string(), issuer: issuer.clone() };
        crls.get_or_create(&label).set(next_update.as_second());
    }
    registry.register("client_crl_next_update_seconds", "When a CRL of clients is stale", crls);
}

fn limits(registry: &mut Registry, seen: &Seen) {
    let (connections, handshakes) = (Family::<Taken, Gauge>::default(), Family::<Taken, Gauge>::default());
    for Occupancy { listener, connections: open, handshakes: under_way } in &seen.occupancy {
        let label = Taken { listener: listener.to_string() };
        connections.get_or_create(&label).set(i64::try_from(*open).unwrap_or(i64::MAX));
        handshakes.get_or_create(&label).set(i64::try_from(*under_way).unwrap_or(i64::MAX));
    }
    registry.register("connections_open", "Connections of clients that are open", connections);
    registry.register("handshakes_under_way", "Handshakes with clients that are under way", handshakes);
    let refused = Counted::<Limit>::default();
    for Refusals { listener, limit, count } in &seen.refusals {
        let label = Limit { listener: listener.to_string(), limit: limit.clone() };
        refused.get_or_create(&label).inc_by(*count);
    }
    registry.register("refused", "What was refused or cut since it reached a limit of its listener", refused);
}

fn reloads(registry: &mut Registry, tally: &Tally) {
    let results = Counted::<Outcome>::default();
    for (result, count) in [("success", tally.succeeded), ("failure", tally.failed)] {
        results.get_or_create(&Outcome { result }).inc_by(count);
    }
    registry.register("reloads", "Reloads of the configuration since the start", results);
    let last: Gauge = Gauge::default();
    last.set(tally.last_success.as_second());
    registry.register("configuration_loaded_seconds", "When the configuration in use was loaded", last);
    let stale: Gauge = Gauge::default();
    stale.set(tally.stale.into());
    let help = "1 while the files say something else than what is served, because it is wrong";
    registry.register("configuration_stale", help, stale);
}

fn labels(hop: &HopName) -> Hop {
    Hop { from: hop.from.to_string(), to: hop.to.to_string() }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn of_an_issuers_crls_the_first_that_goes_stale_is_told() {
        let crl = |second| ClientCrl {
            listener: "edge".parse().unwrap(),
            issuer: "CN=clients".to_owned(),
            next_update: Timestamp::from_second(second).unwrap(),
        };
        let mut registry = Registry::default();
        client_crls(&mut registry, &[crl(2000), crl(1000), crl(3000)]);
        let mut text = String::new();
        text::encode(&mut text, &registry).unwrap();
        let told = "client_crl_next_update_seconds{listener=\"edge\",issuer=\"CN=clients\"} 1000";
        assert!(text.contains(told), "{text}");
    }
}
