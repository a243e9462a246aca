//! AppSync: APIs to caches and data sources.

use super::Entry;

pub(super) const CONTROLS: &[Entry] =
    &[control!("appsync-cache-ct-encryption-in-transit"), control!("appsync-http-datasource-https")];
