//! Metrics in the Prometheus (OpenMetrics) text format. They are made of the same report that
//! `hermetic hops` prints, at the moment of the scrape.

use std::fmt;
use std::sync::atomic::AtomicU64;

use hermetic_hop::{Counts, HopName, HopReport, View};
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::part::protocol::Seen;
use crate::tour::PartsError;
use crate::up::Instance;

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
struct Holder {
    party: String,
    role: &'static str,
    serial: String,
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
    let mut registry = Registry::with_prefix("hermetic");
    counts(&mut registry, &counted(&report.hops, &seen));
    verdicts(&mut registry, &report.hops);
    beside_hops(&mut registry, &seen);
    certificates(&mut registry, instance);
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
    counted(registry, "resumed", "Connections that resumed a session", |counts| counts.resumed);
    counted(registry, "handshakes_failed", "Connections that did not come to stand", |counts| counts.failed);
    counted(registry, "requests", "Requests", |counts| counts.requests);
    counted(registry, "bytes_received", "Body bytes from the far end", |counts| counts.bytes_received);
    counted(registry, "bytes_sent", "Body bytes to the far end", |counts| counts.bytes_sent);
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

fn verdicts(registry: &mut Registry, hops: &[HopReport]) {
    let verdicts = Family::<Judged, Gauge>::default();
    for hop in hops {
        let Hop { from, to } = labels(&hop.name());
        verdicts.get_or_create(&Judged { from, to, verdict: hop.verdict.as_str() }).set(1);
    }
    registry.register("hop_verdict", "1 for the verdict that each hop has", verdicts);
}

/// Redirects are no hops, so what they saw is not in the report.
fn beside_hops(registry: &mut Registry, seen: &Seen) {
    let exposed = Counted::<Hop>::default();
    for seen in seen.observations.iter().filter(|seen| seen.view == View::Server) {
        exposed.get_or_create(&labels(&seen.hop)).inc_by(seen.counts.credential_exposed);
    }
    registry.register("credential_exposed", "Requests that carried a secret in cleartext", exposed);
    let lost: Counter = Counter::default();
    lost.inc_by(seen.records_lost);
    registry.register("access_records_lost", "Access records that could not be written", lost);
}

fn certificates(registry: &mut Registry, instance: &Instance) {
    let expiries = Family::<Holder, Gauge>::default();
    let credentials = instance.credentials();
    for (role, handles) in [("listener", &credentials.listeners), ("identity", &credentials.identities)] {
        for (party, handle) in handles {
            let leaf = handle.load().leaf().clone();
            let label = Holder { party: party.to_string(), role, serial: leaf.serial.to_string() };
            expiries.get_or_create(&label).set(leaf.not_after.as_second());
        }
    }
    registry.register("certificate_not_after_seconds", "When a certificate in use expires", expiries);
}

fn labels(hop: &HopName) -> Hop {
    Hop { from: hop.from.to_string(), to: hop.to.to_string() }
}
