//! What a scan of declared endpoints shows.

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[control!("live-tls-handshake-verified", listed)];
