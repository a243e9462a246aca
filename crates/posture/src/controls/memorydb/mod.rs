//! MemoryDB: clients to clusters.

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[control!("memorydb-cluster-tls-enabled")];
