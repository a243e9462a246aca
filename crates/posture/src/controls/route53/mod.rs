//! Route 53: health checks of endpoints.

mod health_check;

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[control!("route53-health-check-https", health_check::judge)];
