//! RTB Fabric: bid requests.

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[control!("rtbfabric-gateway-https")];
