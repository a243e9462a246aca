//! EC2: networks, and the links between them.

mod endpoint_policy;

use super::Entry;

pub(super) const CONTROLS: &[Entry] =
    &[control!("vpc-endpoint-policy-secure-transport", endpoint_policy::judge)];
