//! From when until when a certificate is valid.

use std::time::Duration;

use der::DateTime;
use jiff::{SignedDuration, Timestamp};
use x509_cert::time::{Time, Validity};

use crate::error::AuthorityError;

/// How far validity begins before the certificate is made. Clocks of machines that keep time badly are
/// minutes apart, and a peer that is behind must not refuse a fresh certificate. More than minutes would
/// hide a clock that is really wrong.
const BACKDATED: SignedDuration = SignedDuration::from_mins(5);

/// The shortest life. Renewal begins with a third of it left, and needs time for a second attempt.
const SHORTEST: SignedDuration = SignedDuration::from_mins(1);

/// Which stretch of time a leaf is for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Life {
    /// From now on, for the lifetime that was asked for.
    Ahead,
    /// It is over since so long ago.
    Over {
        /// How long ago it ended.
        ago: Duration,
    },
}

/// The validity of an authority that is made now.
pub(crate) fn of_authority(now: Timestamp, life: SignedDuration) -> Result<Validity, AuthorityError> {
    between(shifted(now, -BACKDATED)?, shifted(now, life)?)
}

/// The validity of a leaf that is made now: `lifetime`, or until its issuer's end.
pub(crate) fn of_leaf(
    now: Timestamp,
    lifetime: Duration,
    issuer: &hermetic_tls::Certificate,
) -> Result<Validity, AuthorityError> {
    if now < issuer.not_before {
        return Err(AuthorityError::Refused(format!(
            "the clock says {now}, but the authority begins only at {}; set the clock",
            issuer.not_before
        )));
    }
    // What is too long for a calendar ends with the issuer, as anything longer than it does.
    let wanted = SignedDuration::try_from(lifetime).ok().and_then(|life| shifted(now, life).ok());
    let not_after = wanted.unwrap_or(issuer.not_after).min(issuer.not_after);
    if not_after.duration_since(now) < SHORTEST {
        return Err(AuthorityError::Refused(if issuer.not_after == not_after {
            format!("the authority itself ends at {not_after}; make a new one")
        } else {
            format!("a lifetime of {lifetime:?} is too short; at least {SHORTEST:#}")
        }));
    }
    between(shifted(now, -BACKDATED)?.max(issuer.not_before), not_after)
}

/// The validity of a leaf that had `lifetime` and ended `ago` before now.
pub(crate) fn over(now: Timestamp, lifetime: Duration, ago: Duration) -> Result<Validity, AuthorityError> {
    let back = |from: Timestamp, by: Duration| match SignedDuration::try_from(by) {
        Ok(by) if by >= SHORTEST => shifted(from, -by),
        _ => Err(AuthorityError::Refused(format!("{by:?} is no time to look back on"))),
    };
    let not_after = back(now, ago)?;
    between(back(not_after, lifetime)?, not_after)
}

/// The instant of a certificate's time.
pub(crate) fn instant(time: Time) -> Result<Timestamp, AuthorityError> {
    i64::try_from(time.to_unix_duration().as_secs())
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .ok_or_else(|| AuthorityError::Certificate(format!("{time} is out of range")))
}

/// Whole seconds, as X.509 writes them (RFC 5280 section 4.1.2.5): what is compared with the
/// certificate later must have been cut the same way.
fn between(not_before: Timestamp, not_after: Timestamp) -> Result<Validity, AuthorityError> {
    let time = |at: Timestamp| {
        let seconds = u64::try_from(at.as_second()).ok().map(Duration::from_secs);
        let time = seconds.and_then(|seconds| DateTime::from_unix_duration(seconds).ok()).map(Time::from);
        time.ok_or_else(|| AuthorityError::Refused(format!("the clock says {at}; set the clock")))
    };
    Ok(Validity::new(time(not_before)?, time(not_after)?))
}

fn shifted(at: Timestamp, by: SignedDuration) -> Result<Timestamp, AuthorityError> {
    at.checked_add(by).map_err(|_| AuthorityError::Refused(format!("the clock says {at}; set the clock")))
}
