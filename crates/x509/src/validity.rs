//! From when until when a certificate is valid (RFC 5280 section 4.1.2.5).
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use der::Sequence;
use jiff::{SignedDuration, Timestamp};
use x509_cert::time::Time;

use crate::certificate::AuthorityCertificate;
use crate::error::EncodingError;
use crate::time::{instant, time};

/// How far validity begins before the certificate is made. Clocks of machines that keep time badly are
/// minutes apart, and a peer that is behind must not refuse a fresh certificate. More than minutes would
/// hide a clock that is really wrong.
pub(crate) const BACKDATED: SignedDuration = SignedDuration::from_mins(5);

/// The shortest life. Renewal begins with a third of it left, and needs time for a second attempt.
pub(crate) const SHORTEST: SignedDuration = SignedDuration::from_mins(1);

pub(crate) const DAY: SignedDuration = SignedDuration::from_hours(24);

const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// From when until when, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Sequence)]
pub struct Validity {
    /// The first instant.
    pub not_before: Time,
    /// The last instant.
    pub not_after: Time,
}

impl Validity {
    /// From one instant to another. What is compared with a certificate later must have been cut to whole
    /// seconds the same way.
    pub fn between(not_before: Timestamp, not_after: Timestamp) -> Result<Self, EncodingError> {
        Ok(Self { not_before: time(not_before)?, not_after: time(not_after)? })
    }

    /// The first instant.
    pub fn begin(&self) -> Timestamp {
        instant(self.not_before)
    }

    /// The last instant.
    pub fn end(&self) -> Timestamp {
        instant(self.not_after)
    }

    /// The validity of what is made now to live for `lifetime`, or until its issuer's end if that comes
    /// first. `issuer` is `None` for what signs itself.
    pub fn ahead(
        now: Timestamp,
        lifetime: SignedDuration,
        issuer: Option<&AuthorityCertificate>,
    ) -> Result<Self, ValidityError> {
        let bounds = issuer.map(|issuer| (issuer.validity().begin(), issuer.validity().end()));
        let (first, last) = bounds.unwrap_or((Timestamp::MIN, Timestamp::MAX));
        if now < first {
            return Err(ValidityError::IssuerNotYet { now, begin: first });
        }
        let not_before = now.checked_sub(BACKDATED).map_err(|_| ValidityError::Clock(now))?.max(first);
        // What is too long for a calendar ends with the issuer, as anything longer than it does.
        let not_after = end(lifetime, now, not_before).unwrap_or(Timestamp::MAX).min(last);
        if not_after.duration_since(now) < SHORTEST {
            let ends_first = not_after == last;
            return Err(if ends_first {
                ValidityError::IssuerEnds(last)
            } else {
                ValidityError::Short(lifetime)
            });
        }
        Self::between(not_before, not_after).map_err(|_| ValidityError::Clock(now))
    }

    /// How long it lives, both ends included.
    pub fn lifetime(&self) -> SignedDuration {
        self.end().duration_since(self.begin()).saturating_add(SECOND)
    }

    /// For how long it was asked, `made` being when it was made: what [`Validity::ahead`] makes the same of again.
    pub fn asked_for(&self, made: Timestamp) -> SignedDuration {
        match self.lifetime() {
            days if days >= DAY => days,
            _ => {
                // Whole seconds, as certificates count; and one more where a part had begun.
                let left = self.end().duration_since(made);
                SignedDuration::from_secs(left.as_secs() + i64::from(left.subsec_nanos() > 0))
            }
        }
    }

    /// The validity of what had lived for `lifetime` and ended `ago` before now: for tests of those who
    /// must refuse it.
    pub fn over(
        now: Timestamp,
        lifetime: SignedDuration,
        ago: SignedDuration,
    ) -> Result<Self, ValidityError> {
        if let Some(short) = [lifetime, ago].into_iter().find(|duration| *duration < SHORTEST) {
            return Err(ValidityError::Short(short));
        }
        let back = |from: Timestamp, by| from.checked_sub(by).map_err(|_| ValidityError::Clock(now));
        let not_after = back(now, ago)?;
        let first = if lifetime < DAY { lifetime } else { lifetime.saturating_sub(SECOND) };
        Self::between(back(not_after, first)?, not_after).map_err(|_| ValidityError::Clock(now))
    }
}

/// The last instant of what lives so long. Both ends count (RFC 5280 section 4.1.2.5), and so does each day that
/// has begun, so whoever asks for 47 days gets 47 and no second more: its minutes before now are among them. A
/// life of less than a day is counted from now on, for of that the minutes would be too much, and never makes a
/// day and a bit.
fn end(lifetime: SignedDuration, now: Timestamp, not_before: Timestamp) -> Option<Timestamp> {
    let whole = |lifetime: SignedDuration| not_before.checked_add(lifetime.saturating_sub(SECOND)).ok();
    if lifetime >= DAY {
        return whole(lifetime);
    }
    now.checked_add(lifetime).ok().into_iter().chain(whole(DAY)).min()
}

/// Why nothing can be valid so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ValidityError {
    /// The issuer is not valid yet.
    #[error("the clock says {now}, but the authority begins only at {begin}; set the clock")]
    IssuerNotYet {
        /// What the clock says.
        now: Timestamp,
        /// When the authority begins.
        begin: Timestamp,
    },
    /// The issuer is over, or nearly.
    #[error("the authority itself ends at {0}; make a new one")]
    IssuerEnds(Timestamp),
    /// There would be no time to renew it.
    #[error("{0:#} is too short; at least {SHORTEST:#}")]
    Short(SignedDuration),
    /// The calendar of certificates does not reach so far.
    #[error("the clock says {0}; set the clock")]
    Clock(Timestamp),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2031-02-03T04:05:06.7Z".parse().unwrap()
    }

    #[test]
    fn validity_begins_minutes_ago_in_whole_seconds() {
        let validity = Validity::ahead(now(), DAY, None).unwrap();
        assert_eq!(validity.begin().to_string(), "2031-02-03T04:00:06Z");
        assert_eq!(validity.end().to_string(), "2031-02-04T04:00:05Z");
        let brief = Validity::ahead(now(), SignedDuration::from_hours(1), None).unwrap();
        assert_eq!(brief.end().to_string(), "2031-02-03T05:05:06Z", "an hour from now on");
    }

    #[test]
    fn days_are_as_many_as_were_asked_for_and_no_second_more() {
        let lives = |lifetime| Validity::ahead(now(), lifetime, None).unwrap().lifetime();
        for days in [1, 47, 397] {
            assert_eq!(lives(DAY * days), DAY * days);
        }
        assert_eq!(lives(DAY - SignedDuration::from_secs(1)), DAY, "and not five minutes more");
    }

    #[test]
    fn a_life_that_is_asked_for_again_is_as_long() {
        for minutes in [1, 90, 24 * 60, 47 * 24 * 60] {
            let lifetime = SignedDuration::from_mins(minutes);
            let validity = Validity::ahead(now(), lifetime, None).unwrap();
            let again = validity.asked_for(now());
            assert_eq!(Validity::ahead(now(), again, None), Ok(validity));
        }
    }

    #[test]
    fn validity_stays_within_that_of_the_issuer() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let life = Validity::between(at("2031-02-03T04:03:00Z"), at("2031-02-03T12:00:00Z")).unwrap();
        let issuer = crate::testing::authority("CN=Brief", None, None, None, life).certificate;
        let ahead = |now| Validity::ahead(now, DAY, Some(&issuer));
        assert_eq!(ahead(now()), Ok(life));
        let early = at("2031-02-03T04:02:59Z");
        assert_eq!(ahead(early), Err(ValidityError::IssuerNotYet { now: early, begin: life.begin() }));
        assert_eq!(ahead(at("2031-02-03T11:59:01Z")), Err(ValidityError::IssuerEnds(life.end())));
        assert_eq!(ahead(at("2031-02-04T00:00:00Z")), Err(ValidityError::IssuerEnds(life.end())));
    }

    #[test]
    fn a_life_that_ended_lies_behind() {
        let validity = Validity::over(now(), DAY, DAY).unwrap();
        assert_eq!(validity.end().to_string(), "2031-02-02T04:05:06Z");
        assert_eq!(validity.begin().to_string(), "2031-02-01T04:05:07Z");
        assert_eq!(validity.lifetime(), DAY);
    }

    #[test]
    fn what_is_too_short_to_renew_is_refused() {
        let second = SignedDuration::from_secs(1);
        assert_eq!(Validity::ahead(now(), second, None), Err(ValidityError::Short(second)));
        assert_eq!(Validity::over(now(), DAY, second), Err(ValidityError::Short(second)));
    }

    #[test]
    fn a_clock_before_1970_is_refused() {
        let now: Timestamp = "1969-12-31T00:00:00Z".parse().unwrap();
        assert_eq!(Validity::ahead(now, DAY, None), Err(ValidityError::Clock(now)));
    }
}
