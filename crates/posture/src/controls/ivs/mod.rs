//! Interactive Video Service: streams on their way in.

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[control!("ivs-channel-secure-ingest")];
