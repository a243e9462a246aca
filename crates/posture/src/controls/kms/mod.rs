//! KMS: clients to keys.

use super::{Entry, secure_transport};

pub(super) const CONTROLS: &[Entry] = &[control!("kms-key-policy-secure-transport", secure_transport::judge)];
