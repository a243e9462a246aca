//! Metrics of revocation: how old the lists are, what is asked of whoever publishes them, and what is known of
//! what other processes revoke.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;

use hermetic_store::{Generation, RevocationListDates};
use hermetic_x509::publication::{Outcome, Subject};
use jiff::Timestamp;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::up::Instance;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct List {
    authority: String,
    generation: u32,
    shard: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Asked {
    what: &'static str,
    result: &'static str,
}

/// All of them. There is one of each for each list of each authority, and no more over time.
pub(super) fn register(registry: &mut Registry, instance: &Instance, lists: &[RevocationListDates]) {
    ages(registry, lists, instance.clock().now());
    requests(registry, &instance.published().now());
    let refused: Gauge = Gauge::default();
    refused.set(instance.credentials().revoked.count().try_into().unwrap_or(i64::MAX));
    let help = "Certificates that were revoked and have not run out, which are refused here";
    registry.register("certificates_revoked", help, refused);
    let known: Gauge = Gauge::default();
    known.set(instance.revocations_known());
    let help = "Until when all that was revoked on any node is known here";
    registry.register("revocations_known_seconds", help, known);
}

fn ages(registry: &mut Registry, lists: &[RevocationListDates], now: Timestamp) {
    let (ages, ends) = (Family::<List, Gauge>::default(), Family::<List, Gauge>::default());
    for RevocationListDates { authority, shard, this_update, next_update } in lists {
        let Generation { name, generation } = authority.clone();
        let label = List { authority: name, generation, shard: *shard };
        ages.get_or_create(&label).set(now.duration_since(*this_update).as_secs());
        ends.get_or_create(&label).set(next_update.as_second());
    }
    registry.register("crl_age_seconds", "How long ago a CRL of ours was signed", ages);
    registry.register("crl_next_update_seconds", "When a CRL of ours is stale", ends);
}

fn requests(registry: &mut Registry, tally: &BTreeMap<(Subject, Outcome), u64>) {
    let requests = Family::<Asked, Counter<u64, AtomicU64>>::default();
    for ((subject, outcome), count) in tally {
        let what = match subject {
            Subject::RevocationList => "crl",
            Subject::Status => "ocsp",
            Subject::Certificate => "certificate",
            Subject::Nothing => "nothing",
        };
        let result = match outcome {
            Outcome::Ahead => "ahead",
            Outcome::Fresh => "fresh",
            Outcome::Stale => "stale",
            Outcome::Unavailable => "unavailable",
            Outcome::Refused => "refused",
        };
        requests.get_or_create(&Asked { what, result }).inc_by(*count);
    }
    let help = "Requests for what the authority publishes, by what they got";
    registry.register("publishing_requests", help, requests);
}
