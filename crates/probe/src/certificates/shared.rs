//! One key in several places.

use std::collections::BTreeMap;

use super::Certificates;

/// A key that several endpoints have: whoever takes it from one has all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedKey {
    /// SHA-256 of its SubjectPublicKeyInfo, in hexadecimal digits.
    pub key: String,
    /// The endpoints, as they were called.
    pub endpoints: Vec<String>,
}

/// The keys of leaves that are met at more than one endpoint, each with its name.
pub fn shared_keys<'a>(all: impl IntoIterator<Item = (&'a str, &'a Certificates)>) -> Vec<SharedKey> {
    let mut met: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (endpoint, certificates) in all {
        for leaf in certificates.offered.iter().filter_map(super::Offered::leaf) {
            let places = met.entry(leaf.description.key_fingerprint.clone()).or_default();
            if !places.iter().any(|place| place == endpoint) {
                places.push(endpoint.to_owned());
            }
        }
    }
    let shared = met.into_iter().filter(|(_, endpoints)| endpoints.len() > 1);
    shared.map(|(key, endpoints)| SharedKey { key, endpoints }).collect()
}
