//! OpenSearch Service: clients to domains, and nodes among themselves.

use super::Entry;

pub(super) const CONTROLS: &[Entry] =
    &[control!("opensearch-https-required"), control!("opensearch-node-to-node-encryption-check")];
