//! Oracle Database@AWS: clients to autonomous clusters.

mod mutual_tls;

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[control!("odb-autonomous-vm-cluster-mtls", mutual_tls::judge)];
