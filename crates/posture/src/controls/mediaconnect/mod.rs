//! MediaConnect: video on its way.

mod leg;

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[control!("mediaconnect-transport-encrypted", leg::judge)];
