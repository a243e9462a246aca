//! MSK Connect: connectors to clusters.

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[control!("msk-connect-connector-encrypted-in-transit")];
