//! Batch: jobs to file systems.

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[control!("batch-job-definition-efs-encryption")];
