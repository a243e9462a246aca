//! QuickSight: to the databases that it shows.

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[control!("quicksight-data-source-ssl")];
