//! From when until when (RFC 5280 section 4.1.2.5).
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use jiff::{SignedDuration, Timestamp};
use x509_cert::time::Time;

use super::intended::Intended;
use super::{Lint, Problem};
use crate::profile::ProfileBreach;
use crate::validity::{BACKDATED, DAY};

/// From then on, years have four digits.
const GENERALIZED_FROM: u16 = 2050;

impl Lint<'_> {
    pub(super) fn bounds(&mut self, now: Timestamp) {
        let validity = self.certificate.validity;
        let is_misformed = |time: Time| {
            matches!(time, Time::GeneralTime(_)) && time.to_date_time().year() < GENERALIZED_FROM
        };
        self.add(is_misformed(validity.not_before) || is_misformed(validity.not_after), Problem::TimeForm);
        self.add(
            (validity.begin(), validity.end())
                != (self.intended.validity().begin(), self.intended.validity().end()),
            Problem::ValidityOther,
        );
        let (begin, end) = (validity.begin(), validity.end());
        self.add(begin >= end, Problem::EndsBeforeItBegins);
        if self.intended.is_over() {
            self.add(end >= now, Problem::NotOver);
            return;
        }
        self.add(begin > now, Problem::NotYet);
        self.add(begin < end && end <= now, Problem::Over);
        if let Some(issuer) = self.issuers.first() {
            self.add(begin < issuer.validity().begin(), Problem::BeginsBeforeIssuer);
            self.add(end > issuer.validity().end(), Problem::OutlivesIssuer);
        }
        self.lifetime(begin, end);
    }

    /// The profile's bounds; what ends with its issuer may be shorter.
    fn lifetime(&mut self, begin: Timestamp, end: Timestamp) {
        let Intended::Leaf(draft) = self.intended else { return };
        let bounds = draft.profile.lifetime();
        let lifetime = self.certificate.validity.lifetime();
        let ends_with_issuer = self.issuers.first().is_some_and(|issuer| issuer.validity().end() == end);
        let is_short = lifetime < bounds.least() && !ends_with_issuer;
        // A life of less than a day is counted from when it was made, so its minutes before come to it.
        let before = if bounds.most() < DAY { BACKDATED } else { SignedDuration::ZERO };
        let is_long = lifetime > bounds.most().saturating_add(before);
        let profile = draft.profile.name().to_owned();
        let breach = ProfileBreach::Lifetime(lifetime, bounds);
        self.add(begin < end && (is_short || is_long), Problem::Profile { profile, breach });
    }
}
