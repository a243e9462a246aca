//! Direct Connect: the link itself.

mod line;

use super::Entry;

pub(super) use line::macsec;

pub(super) const CONTROLS: &[Entry] = &[control!("directconnect-macsec-enabled", line::judge)];
