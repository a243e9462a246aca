//! FSx: clients to file systems.

mod deployment;

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[control!("fsx-lustre-in-transit-encryption", deployment::judge)];
