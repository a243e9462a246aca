//! Elasticsearch domains of OpenSearch Service, under their old type.

use super::Entry;

pub(super) const CONTROLS: &[Entry] =
    &[control!("elasticsearch-https-required"), control!("elasticsearch-node-to-node-encryption-check")];
