//! One key in several places: whoever takes it from one has all.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Certificates, Offered};

/// How many endpoints of a key are remembered by name. The others are counted: a list has one key for ten thousand
/// hosts as easily as for ten.
const MOST_NAMES: usize = 8;

/// How many keys are remembered, in some 250 bytes each. A list with more targets than that is still scanned in
/// memory that does not grow.
const MOST_KEYS: usize = 65_536;

/// The keys of leaves that were met so far, and where; the first of them where there are many.
#[derive(Clone, Debug, Default)]
pub struct KeysMet {
    places: BTreeMap<Box<str>, Places>,
    forgotten: u64,
}

/// A key that several endpoints have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SharedKey {
    /// SHA-256 of its SubjectPublicKeyInfo, in hexadecimal digits.
    pub key_fingerprint: String,
    /// The endpoints, as they were called; the first of them where there are many.
    pub endpoints: Vec<String>,
    /// How many more there are.
    pub more: u64,
}

#[derive(Clone, Debug, Default)]
struct Places {
    names: Vec<Box<str>>,
    more: u64,
}

impl KeysMet {
    /// Meets the keys of an endpoint. Gives those that were met elsewhere before, with where that was.
    pub fn meet(&mut self, endpoint: &str, certificates: &Certificates) -> Vec<SharedKey> {
        let leaves = certificates.offered.iter().filter_map(Offered::leaf);
        let mut keys: Vec<&String> = leaves.map(|leaf| &leaf.description.key_fingerprint).collect();
        keys.sort_unstable();
        keys.dedup();
        keys.into_iter().filter_map(|key| self.meet_key(endpoint, key)).collect()
    }

    fn meet_key(&mut self, endpoint: &str, key: &str) -> Option<SharedKey> {
        let is_full = self.places.len() >= MOST_KEYS;
        let Some(places) = self.places.get_mut(key) else {
            if is_full {
                self.forgotten += 1;
            } else {
                self.places.insert(key.into(), Places { names: vec![endpoint.into()], more: 0 });
            }
            return None;
        };
        let others = places.names.iter().filter(|name| &***name != endpoint);
        let before = SharedKey {
            key_fingerprint: key.to_owned(),
            endpoints: others.map(|name| name.to_string()).collect(),
            more: places.more,
        };
        if !places.names.iter().any(|name| &**name == endpoint) {
            match places.names.len() {
                ..MOST_NAMES => places.names.push(endpoint.into()),
                _ => places.more += 1,
            }
        }
        (!before.endpoints.is_empty()).then_some(before)
    }

    /// The keys that were met at more than one endpoint.
    pub fn shared(&self) -> Vec<SharedKey> {
        let shared = self.places.iter().filter(|(_, places)| places.names.len() > 1);
        shared
            .map(|(key, places)| SharedKey {
                key_fingerprint: key.to_string(),
                endpoints: places.names.iter().map(|name| name.to_string()).collect(),
                more: places.more,
            })
            .collect()
    }

    /// How often a key was met that was not remembered, as there were too many before it: whether others have it,
    /// too, nobody can tell.
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_told_where_its_key_was_met_before_and_many_are_counted() {
        let mut met = KeysMet::default();
        assert_eq!(met.meet_key("https://a:443", "k"), None);
        // Another address of it is the same endpoint.
        assert_eq!(met.meet_key("https://a:443", "k"), None);
        assert_eq!(met.meet_key("https://b:443", "other"), None);
        assert_eq!(met.meet_key("https://b:443", "k").unwrap().endpoints, ["https://a:443"]);
        for number in 0..100 {
            met.meet_key(&format!("https://{number}:443"), "k");
        }
        let shared = met.shared();
        assert_eq!(shared.len(), 1, "{shared:?}");
        assert_eq!((shared[0].endpoints.len(), shared[0].more), (MOST_NAMES, 94));
        assert_eq!(shared[0].endpoints[..2], ["https://a:443", "https://b:443"]);
    }

    /// The memory that this process holds, in MiB.
    fn held() -> usize {
        let told = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = told.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() / 1024
    }

    #[test]
    fn of_a_hundred_thousand_targets_with_two_keys_each_some_are_remembered_and_the_others_counted() {
        let (before, mut met) = (held(), KeysMet::default());
        for target in 0..100_000 {
            for key in 0..2 {
                let endpoint = format!("https://host-{target}.of-the-estate.example.com:443");
                assert_eq!(met.meet_key(&endpoint, &format!("{target:063x}{key}")), None);
            }
        }
        assert_eq!((met.places.len(), met.forgotten()), (MOST_KEYS, 200_000 - MOST_KEYS as u64));
        assert!(held() - before < 32, "{} MiB", held() - before);
        // The first are known as before.
        assert!(met.meet_key("https://other:443", &format!("{:063x}0", 0)).is_some());
    }
}
