//! Network Firewall: what it opens to look inside.

mod inspection;

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[control!("network-firewall-tls-inspection", inspection::judge)];
