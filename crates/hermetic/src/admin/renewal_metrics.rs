//! Metrics of certificates in use: how long they last, how their renewals went, and what became of hooks.

use std::sync::atomic::AtomicU64;

use hermetic_authority::{Maintained, RenewalTally};
use hermetic_hop::PartyName;
use hermetic_tls::CredentialHandle;
use jiff::Timestamp;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::hooks::HookTally;
use crate::up::Instance;

type Counted<L> = Family<L, Counter<u64, AtomicU64>>;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Holder {
    party: String,
    role: &'static str,
    serial: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Days {
    party: String,
    role: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    result: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Subject {
    subject: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Told {
    hook: String,
    result: &'static str,
}

/// All of them. There is one of each for each certificate in use and each hook, and no more over time.
pub(super) fn register(registry: &mut Registry, instance: &Instance) {
    let credentials = instance.credentials();
    let listeners =
        credentials.listeners.iter().map(|(party, handle)| (party.to_string(), "listener", handle));
    let identities =
        credentials.identities.iter().map(|(party, handle)| (party.to_string(), "identity", handle));
    let stored = credentials.stored.iter().map(|(which, handle)| (which.to_string(), "stored", handle));
    let in_use: Vec<_> = listeners.chain(identities).chain(stored).collect();
    expiry(registry, &in_use, instance.clock().now());
    renewals(registry, instance.authority().renewal_tally(), &instance.authority().maintained());
    hooks(registry, &instance.hooks().tallies());
}

fn expiry(registry: &mut Registry, in_use: &[(String, &'static str, &CredentialHandle)], now: Timestamp) {
    let ends = Family::<Holder, Gauge>::default();
    let days = Family::<Days, Gauge<f64, AtomicU64>>::default();
    for (party, role, handle) in in_use {
        let leaf = handle.load().leaf().clone();
        let label = Holder { party: party.clone(), role, serial: leaf.serial.to_string() };
        ends.get_or_create(&label).set(leaf.not_after.as_second());
        let left = leaf.not_after.duration_since(now).as_secs_f64() / (24.0 * 3600.0);
        days.get_or_create(&Days { party: party.clone(), role }).set(left);
    }
    registry.register("certificate_not_after_seconds", "When a certificate in use expires", ends);
    let help = "Days until a certificate in use expires; less than nothing once it has";
    registry.register("certificate_days_to_expiry", help, days);
}

fn renewals(registry: &mut Registry, tally: RenewalTally, maintained: &[Maintained]) {
    let results = Counted::<Outcome>::default();
    for (result, count) in [("issued", tally.renewed), ("taken", tally.taken), ("failed", tally.failed)] {
        results.get_or_create(&Outcome { result }).inc_by(count);
    }
    let help = "Renewals since the start: issued here, taken from another process on the store, failed";
    registry.register("renewals", help, results);
    let failures = Family::<Subject, Gauge>::default();
    for Maintained { subject, failures: count, .. } in maintained {
        failures.get_or_create(&Subject { subject: subject.clone() }).set((*count).into());
    }
    let help = "Renewals of a certificate that have failed in a row";
    registry.register("renewal_failures", help, failures);
    if let Some(at) = tally.last_failure {
        let last: Gauge = Gauge::default();
        last.set(at.as_second());
        registry.register("renewal_last_failure_seconds", "When a renewal failed last", last);
    }
}

fn hooks(registry: &mut Registry, tallies: &[(PartyName, HookTally)]) {
    let told = Counted::<Told>::default();
    for (hook, HookTally { done, failed }) in tallies {
        for (result, count) in [("done", *done), ("failed", *failed)] {
            told.get_or_create(&Told { hook: hook.to_string(), result }).inc_by(count);
        }
    }
    registry.register("hook_events", "Events that a hook was told, or could not be told", told);
}
