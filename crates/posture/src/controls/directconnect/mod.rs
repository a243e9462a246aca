//! Direct Connect: the link itself.

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[control!("directconnect-macsec-enabled")];
