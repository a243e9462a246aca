//! CloudSearch: clients to search domains.

mod endpoint;

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[
    control!("cloudsearch-domain-enforce-https", endpoint::https),
    control!("cloudsearch-domain-tls-policy"),
];
