//! Modes: what is weaker than `require` has an exception, and an exception weakens something.

use hermetic_hop::{Demand, Exception};

use super::Check;
use crate::written::table::{At, Optional};
use crate::written::{self, Cleartext, word};

impl Check<'_, '_> {
    /// What a listener or upstream demands. `protected` says what to do instead when its exception
    /// has ended.
    pub(super) fn demand(
        &mut self,
        mode: &Optional<word::Mode>,
        cleartext: &Optional<Cleartext>,
        protected: &str,
    ) -> Option<Demand> {
        let exception = match cleartext {
            Optional::Absent => None,
            Optional::Wrong => return None,
            Optional::Written(at) => Some((at.key, self.exception(&at.value, protected))),
        };
        let weakened: fn(Exception) -> Demand = match (mode.or(word::Mode::Require)?, &exception) {
            (word::Mode::Require, None) => return Some(Demand::Require),
            (word::Mode::Require, Some((key, _))) => {
                let message = "`cleartext` has no meaning without a `mode` that lets cleartext pass";
                let hint = "add `mode = \"prefer\"` or `mode = \"observe\"`, or take `cleartext` out";
                self.problems.tell(*key, message, hint);
                return None;
            }
            (word::Mode::Prefer, _) => Demand::Prefer,
            (word::Mode::Observe, _) => Demand::Observe,
        };
        match (exception, mode.written()) {
            (Some((_, exception)), _) => exception.map(weakened),
            (None, Some(At { at, .. })) => {
                let message = "this mode lets cleartext pass, which needs an exception";
                let hint =
                    "add `cleartext = { reason = …, owner = …, until = … }`, or write `mode = \"require\"`";
                self.problems.tell(*at, message, hint);
                None
            }
            (None, None) => None,
        }
    }

    pub(super) fn exception(&mut self, written: &written::Cleartext, protected: &str) -> Option<Exception> {
        let until = written.until.written()?;
        let exception = Exception {
            reason: written.reason.written()?.value.0.clone(),
            owner: written.owner.written()?.value.0.clone(),
            until: until.value,
        };
        self.holds(exception, until.at, protected)
    }

    /// The exception, where its last day is not over; else what to do `instead` is told.
    pub(super) fn holds(&mut self, exception: Exception, at: usize, instead: &str) -> Option<Exception> {
        let today = jiff::tz::TimeZone::UTC.to_datetime(self.now).date();
        if exception.holds_on(today) {
            return Some(exception);
        }
        let message = format!("this exception ended with {}; today is {today} (UTC)", exception.until);
        self.problems.tell(at, message, format!("{instead}, or ask {} for a new date", exception.owner));
        None
    }
}
