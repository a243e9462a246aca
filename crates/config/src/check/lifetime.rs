//! The lifetimes of a profile: in order, and within what its kind allows.

use std::time::Duration;

use hermetic_x509::{LifetimeBounds, Profile};
use jiff::SignedDuration;

use super::Check;
use crate::period::{self, DAY};
use crate::written::profile::{self, Lifetime};
use crate::written::table::Optional;

/// One of the bounds: where it is written, if it is, and what it is.
struct Bound {
    name: &'static str,
    at: Option<usize>,
    length: SignedDuration,
}

impl Check<'_, '_> {
    /// Lifetimes in order. One that is not written is the parent's, or as near to it as the others allow.
    pub(super) fn lifetime(
        &mut self,
        written: &profile::LifetimeBounds,
        parent: &Profile,
    ) -> Option<LifetimeBounds> {
        let inherited = parent.lifetime();
        let shortest = written.least.if_any()?.map_or(SignedDuration::ZERO, |least| signed(least.0));
        let most = Bound::new("most", &written.most, inherited.most())?;
        let usual = Bound::new("usual", &written.usual, inherited.usual().max(shortest).min(most.length))?;
        let least = Bound::new("least", &written.least, inherited.least().min(usual.length))?;
        for (shorter, longer) in [(&least, &most), (&least, &usual), (&usual, &most)] {
            if shorter.length > longer.length {
                let message = format!("{shorter} is longer than {longer}");
                let hint = "write `least`, `usual` and `most` so that none is longer than the next";
                self.problems.tell(shorter.at.max(longer.at)?, message, hint);
                return None;
            }
        }
        let kind = parent.kind();
        let limit = Profile::built_in(kind).lifetime().most();
        if most.length > limit {
            let message =
                format!("{most} is longer than a profile like `{kind}` may have ({})", shown(limit));
            self.problems.tell(most.at?, message, format!("write at most \"{}\"", shown(limit)));
            return None;
        }
        LifetimeBounds::new(least.length, usual.length, most.length).ok()
    }
}

impl Bound {
    fn new(name: &'static str, written: &Optional<Lifetime>, otherwise: SignedDuration) -> Option<Self> {
        match written {
            Optional::Absent => Some(Self { name, at: None, length: otherwise }),
            Optional::Wrong => None,
            Optional::Written(at) => Some(Self { name, at: Some(at.at), length: signed(at.value.0) }),
        }
    }
}

impl std::fmt::Display for Bound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` ({})", self.name, shown(self.length))
    }
}

pub(super) fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}

/// As people count the lives of certificates: in days, where they are whole.
fn shown(length: SignedDuration) -> String {
    let seconds = length.as_secs().unsigned_abs();
    if seconds.is_multiple_of(DAY) { format!("{}d", seconds / DAY) } else { period::write(seconds) }
}
