//! Neptune: clients to clusters.

mod enforce_ssl;

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[control!("neptune-cluster-encrypted-in-transit", enforce_ssl::judge)];
