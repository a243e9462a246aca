//! One key in several places: whoever takes it from one has all.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Certificates, Offered};

/// How many endpoints of a key are remembered by name. The others are counted: a list has one key for ten thousand
/// hosts as easily as for ten.
const MOST_NAMES: usize = 8;

/// The keys of leaves that were met so far, and where.
#[derive(Clone, Debug, Default)]
pub struct KeysMet(BTreeMap<String, Places>);

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
    names: Vec<String>,
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
        let places = self.0.entry(key.to_owned()).or_default();
        let before = SharedKey {
            key_fingerprint: key.to_owned(),
            endpoints: places.names.iter().filter(|name| *name != endpoint).cloned().collect(),
            more: places.more,
        };
        if !places.names.iter().any(|name| name == endpoint) {
            match places.names.len() {
                ..MOST_NAMES => places.names.push(endpoint.to_owned()),
                _ => places.more += 1,
            }
        }
        (!before.endpoints.is_empty()).then_some(before)
    }

    /// The keys that were met at more than one endpoint.
    pub fn shared(&self) -> Vec<SharedKey> {
        let shared = self.0.iter().filter(|(_, places)| places.names.len() > 1);
        let told = |(key, places): (&String, &Places)| SharedKey {
            key_fingerprint: key.clone(),
            endpoints: places.names.clone(),
            more: places.more,
        };
        shared.map(told).collect()
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
}
