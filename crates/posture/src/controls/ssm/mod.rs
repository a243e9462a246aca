//! Systems Manager: sessions on instances.

mod session;

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[control!("ssm-session-manager-encryption", session::judge)];
