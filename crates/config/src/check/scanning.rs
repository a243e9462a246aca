//! `[scan]`: how often what hops lead to is scanned.

use crate::model::Scanning;
use crate::period::Period;
use crate::written::Scan;
use crate::written::table::{At, Optional};
use crate::written::value::Whole;

/// The schedule, if it holds.
pub(super) fn scanning(written: &Optional<Scan>) -> Option<Scanning> {
    let usual = Scanning::default();
    let Scan { interval, at_once } = match written {
        Optional::Absent => return Some(usual),
        Optional::Wrong => return None,
        Optional::Written(At { value, .. }) => value,
    };
    let interval = interval.or(Period(usual.interval.unwrap_or_default()))?.0;
    Some(Scanning {
        interval: Some(interval).filter(|interval| !interval.is_zero()),
        at_once: at_once.or(Whole(usual.at_once))?.0,
    })
}
