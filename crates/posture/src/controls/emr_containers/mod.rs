//! EMR on EKS: drivers and executors among themselves.

mod certificates;

use super::Entry;

pub(super) const CONTROLS: &[Entry] =
    &[control!("emr-containers-security-configuration-transit", certificates::judge)];
