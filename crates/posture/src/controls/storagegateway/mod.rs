//! Storage Gateway: clients to file shares.

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[control!("storagegateway-smb-encryption-enforced", listed)];
