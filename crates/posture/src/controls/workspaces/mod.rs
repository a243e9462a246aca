//! WorkSpaces: people to their desktops.

mod endpoint;

use super::Entry;

pub(super) const CONTROLS: &[Entry] =
    &[control!("workspaces-directory-endpoint-encryption", endpoint::judge)];
