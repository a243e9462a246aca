//! GameLift: players to game servers.

mod certificate;

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[control!("gamelift-fleet-tls-certificate", certificate::judge)];
