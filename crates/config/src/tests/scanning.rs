//! `[scan]`: how often what hops lead to is scanned.

use std::num::NonZeroUsize;
use std::time::Duration;

use super::{told_of, valid_with};
use crate::Scanning;

#[test]
fn everything_is_scanned_four_times_a_day_where_nothing_is_written() {
    let scanning = valid_with("").scanning;
    assert_eq!((scanning.interval, scanning.at_once.get()), (Some(Duration::from_secs(6 * 3600)), 2));
}

#[test]
fn the_interval_and_how_many_are_scanned_at_once_are_as_written_and_none_is_never() {
    let written = valid_with("[scan]\ninterval = \"1d\"\nat_once = 5\n").scanning;
    let at_once = NonZeroUsize::new(5).unwrap();
    assert_eq!(written, Scanning { interval: Some(Duration::from_secs(86_400)), at_once });
    assert_eq!(valid_with("[scan]\ninterval = \"0s\"\n").scanning.interval, None);
}

#[test]
fn a_schedule_that_can_not_be_meant_is_told() {
    for wrong in ["interval = \"60d\"", "interval = 5", "at_once = 0", "every = \"1h\""] {
        assert_eq!(told_of(&format!("[scan]\n{wrong}\n")).len(), 1, "{wrong}");
    }
}
