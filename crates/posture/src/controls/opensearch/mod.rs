//! OpenSearch Service: clients to domains, and nodes among themselves.

mod access;

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[
    control!("opensearch-access-policy-secure-transport", access::judge),
    control!("opensearch-https-required"),
    control!("opensearch-node-to-node-encryption-check"),
];
