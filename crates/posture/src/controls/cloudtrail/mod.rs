//! CloudTrail: what clients were seen to negotiate.

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[control!("cloudtrail-tls-version-observed", listed)];
