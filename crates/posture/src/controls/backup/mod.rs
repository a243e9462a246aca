//! Backup: clients to vaults.

use super::{Entry, secure_transport};

pub(super) const CONTROLS: &[Entry] =
    &[control!("backup-vault-policy-secure-transport", secure_transport::judge)];
