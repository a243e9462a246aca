//! `[scan]`: how often a running instance scans what its hops lead to.

use super::shown;
use super::table::{Optional, table};
use super::value::Whole;
use crate::model::Scanning;
use crate::period::{DAY, Period};

table! {
    /// How often `hermetic up` scans all that `hermetic scan hermetic.toml` would: its listeners, the endpoints
    /// of its upstreams, and the far ends of hops that are not ours. A scan asks for everything that an
    /// endpoint accepts, by some sixty to eighty connections, three at once; many of them fail, and stand in the logs of
    /// both ends as such.
    Scan in "[scan]" {
        /// From one scan of everything to the next, a quarter sooner or later by chance. The first comes ten
        /// minutes after the start, or sooner where the interval is shorter. `0s`: never.
        #[schemars(extend("default" = shown(Scanning::default().interval.unwrap_or_default())))]
        interval: Optional<Period<0, { 30 * DAY }>>,
        /// How many endpoints are scanned at once.
        #[schemars(extend("default" = Scanning::default().at_once.get()))]
        at_once: Optional<Whole<64, 2>>,
    }
}
