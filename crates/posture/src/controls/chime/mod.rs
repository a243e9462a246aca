//! Chime: calls of voice connectors.

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[control!("chime-voice-connector-encryption")];
