//! DynamoDB Accelerator: clients to clusters.

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[control!("dax-tls-endpoint-encryption")];
