//! When a certificate is renewed, and when an attempt is made again.
//!
//! Life is counted from when a certificate was made, not from its backdated start: a life of a minute
//! would otherwise be over two thirds at its beginning.

use jiff::{SignedDuration, Timestamp};

use crate::settings::RenewAt;

/// How long to wait after the first failure, the second, and so on; the last for all further ones.
const BACK_OFF: [SignedDuration; 6] = [
    SignedDuration::from_mins(1),
    SignedDuration::from_mins(2),
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(10),
    SignedDuration::from_mins(30),
    SignedDuration::from_mins(60),
];

/// An attempt costs something, however near the end is.
const SHORTEST_WAIT: SignedDuration = SignedDuration::from_secs(5);

/// When little of life is left: however long the wait would be, an attempt is made at these parts of it before
/// its end (certmagic's last resorts).
const LAST_RESORTS: [i128; 2] = [20, 50];

/// When to renew: at this part of life, five per cent of all of it earlier or later as `chance` has it. Without
/// jitter whole fleets drift into lock-step (smallstep/certificates#350).
pub(crate) fn renewal(made: Timestamp, end: Timestamp, at: RenewAt, chance: u64) -> Timestamp {
    let life = life(made, end);
    let jitter = i128::from(chance) % (life / 10 + 1) - life / 20;
    after(made, at.of(life) + jitter)
}

/// When every certificate of this life should have been renewed, jitter and all.
pub(crate) fn overdue(made: Timestamp, end: Timestamp, at: RenewAt) -> Timestamp {
    let life = life(made, end);
    after(made, at.of(life) + life / 20)
}

/// How near to its end a life is: how many of the last resorts are past.
pub(crate) fn last_resorts_past(made: Timestamp, end: Timestamp, now: Timestamp) -> usize {
    last_resorts(made, end).filter(|at| *at <= now).count()
}

/// When to renew again after so many failures: as [`retry`] has it, and at each last resort.
pub(crate) fn retry_renewal(made: Timestamp, end: Timestamp, now: Timestamp, failures: u32) -> Timestamp {
    let soonest = after(now, SHORTEST_WAIT.as_millis());
    let retry = retry(now, end, failures);
    last_resorts(made, end).filter(|at| *at >= soonest).fold(retry, Timestamp::min)
}

/// When to try again after so many failures: sooner the nearer the end is, so that a certificate of an
/// hour gets its tries too (certbot/certbot#7291). Past the end, with the first wait.
pub(crate) fn retry(now: Timestamp, end: Timestamp, failures: u32) -> Timestamp {
    let index = usize::try_from(failures.saturating_sub(1)).unwrap_or(usize::MAX);
    let [first, .., last] = BACK_OFF;
    let patient = BACK_OFF.get(index).copied().unwrap_or(last);
    let left = end.duration_since(now);
    let wait = if left.is_positive() { patient.min(left / 8) } else { first };
    after(now, wait.max(SHORTEST_WAIT).as_millis())
}

/// Whether the time to renew is not yet there, jitter aside.
pub(crate) fn worth_keeping(made: Timestamp, end: Timestamp, at: RenewAt, now: Timestamp) -> bool {
    now < after(made, at.of(life(made, end)))
}

fn last_resorts(made: Timestamp, end: Timestamp) -> impl Iterator<Item = Timestamp> {
    let life = life(made, end);
    LAST_RESORTS.into_iter().map(move |part| after(made, life - life / part))
}

fn life(made: Timestamp, end: Timestamp) -> i128 {
    end.duration_since(made).as_millis().max(0)
}

fn after(at: Timestamp, milliseconds: i128) -> Timestamp {
    let wait = SignedDuration::from_millis(i64::try_from(milliseconds).unwrap_or(i64::MAX));
    at.checked_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_day_is_renewed_after_sixteen_hours_give_or_take_72_minutes() {
        let day = 24 * 3600 * 1000;
        let renewal = |chance| renewal(at(0), at(24 * 3600), RenewAt::default(), chance).as_second();
        assert_eq!(renewal(0), 16 * 3600 - 72 * 60);
        assert_eq!(renewal(day / 10), 16 * 3600 + 72 * 60);
        assert_eq!(renewal(day / 20), 16 * 3600);
    }

    #[test]
    fn waits_grow_while_there_is_time() {
        let end = at(30 * 24 * 3600);
        let waits: Vec<_> = (1..9).map(|failures| retry(at(0), end, failures).as_second() / 60).collect();
        assert_eq!(waits, [1, 2, 5, 10, 30, 60, 60, 60]);
    }

    fn renew_at(part: u16) -> RenewAt {
        RenewAt::new(part, 100).unwrap()
    }

    #[test]
    fn however_long_the_wait_an_attempt_is_made_when_a_twentieth_of_life_is_left() {
        let (made, end) = (at(0), at(100 * 3600));
        assert_eq!(retry_renewal(made, end, at(94 * 3600 + 1800), 9), at(95 * 3600));
        assert_eq!(last_resorts_past(made, end, at(95 * 3600)), 1);
        assert_eq!(last_resorts_past(made, end, at(98 * 3600)), 2);
    }

    proptest! {
        #[test]
        fn renewal_lies_within_five_per_cent_around_its_part_of_life(
            made in 0_i64..4_000_000_000, life in 60_i64..400_000_000, part in 10_u16..95, chance: u64,
        ) {
            let renewal = renewal(at(made), at(made + life), renew_at(part), chance);
            let (share, middle) = (renewal.duration_since(at(made)).as_secs_f64() / life as f64, f64::from(part) / 100.0);
            prop_assert!((middle - 0.0501..=middle + 0.0501).contains(&share), "{share}");
        }

        #[test]
        fn at_least_four_attempts_fit_into_what_is_left_at_renewal(life in 60_i64..400_000_000, chance: u64) {
            let end = at(life);
            let (mut now, mut failures) = (renewal(at(0), end, RenewAt::default(), chance), 0);
            while now < end {
                failures += 1;
                let next = retry_renewal(at(0), end, now, failures);
                prop_assert!(next > now);
                prop_assert!(next.duration_since(now) <= SignedDuration::from_hours(1));
                now = next;
            }
            prop_assert!(failures >= 4, "{failures}");
        }

        #[test]
        fn a_certificate_that_is_kept_is_not_due_but_for_jitter(
            life in 60_i64..400_000_000, share in 0_i64..1000, part in 10_u16..95, chance: u64,
        ) {
            let now = at(life * share / 1000);
            if worth_keeping(at(0), at(life), renew_at(part), now) {
                let late = now.duration_since(renewal(at(0), at(life), renew_at(part), chance)).as_secs();
                prop_assert!(late <= life / 20 + 1);
            }
        }
    }
}
