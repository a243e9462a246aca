//! Global Accelerator: health checks of endpoints.

mod health_check;

use super::Entry;

pub(super) const CONTROLS: &[Entry] =
    &[control!("globalaccelerator-endpoint-healthcheck-https", health_check::judge)];
