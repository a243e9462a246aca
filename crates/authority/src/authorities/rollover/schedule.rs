//! When an authority goes over to its next generation, and by which step.
//!
//! As in SPIRE: the next key is made long before the end, and signs only shortly before it, so that between
//! both everybody comes to trust it.

use hermetic_store::Stage;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::authorities::State;

/// How long before its end the next generation is made, where half of its life is longer.
const PREPARED: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How long before its end the next generation signs, where a sixth of its life is longer.
const ACTIVATED: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How long the next generation is there before it signs, so that trust in it spreads; where time is short, half
/// of what is left.
const SPREADS: SignedDuration = SignedDuration::from_hours(24);

/// A step of a roll-over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Make the key and the certificate of the next generation.
    Prepare,
    /// Hand the next generation out.
    Publish,
    /// Let it sign, and the one before retire.
    Activate,
}

/// What a roll-over looks at in a generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) generation: u32,
    pub(crate) state: State,
    pub(crate) stage: Stage,
    /// When it was made.
    pub(crate) at: Timestamp,
    /// From when until when its certificate is valid; `None` while it is pending.
    pub(crate) life: Option<Life>,
}

/// From when until when a certificate is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Life {
    pub(crate) begin: Timestamp,
    pub(crate) end: Timestamp,
}

/// The step that comes next, for which generation, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) step: Step,
    pub(crate) generation: u32,
    pub(crate) at: Timestamp,
}

/// The next step of an authority with these generations under one with those; `None` where it waits for
/// somebody: for a certificate from elsewhere, or for a disabled authority to be enabled.
pub(crate) fn next(members: &[Member], above: &[Member]) -> Option<Due> {
    let signing = signing(members)?;
    let life = signing.life?;
    let Some(successor) = successor(members) else {
        let at = prepared_at(life, self::signing(above).and_then(|parent| parent.life));
        // The number of one that was deleted stays taken.
        let last = members.iter().map(|member| member.generation).max().unwrap_or_default();
        return Some(Due { step: Step::Prepare, generation: last.saturating_add(1), at });
    };
    let generation = successor.generation;
    match (successor.state, successor.stage) {
        (State::Active, Stage::Prepared) => Some(Due { step: Step::Publish, generation, at: successor.at }),
        (State::Active, Stage::Published) => {
            Some(Due { step: Step::Activate, generation, at: activated_at(life, successor) })
        }
        _ => None,
    }
}

/// The generation that signs, in whatever state it may be but deleted.
pub(crate) fn signing(members: &[Member]) -> Option<&Member> {
    let signs = |member: &&Member| member.stage == Stage::Signing && member.state != State::Deleted;
    // One that is disabled was taken out of use by somebody, who will say how to go on.
    members.iter().find(signs).filter(|member| matches!(member.state, State::Active | State::Expired))
}

/// The generation that will sign next.
pub(crate) fn successor(members: &[Member]) -> Option<&Member> {
    let is_coming = |member: &&Member| {
        matches!(member.stage, Stage::Prepared | Stage::Published)
            && !matches!(member.state, State::Deleted | State::Expired)
    };
    members.iter().filter(is_coming).max_by_key(|member| member.generation)
}

/// While the authority above goes over to its own next generation, the next one here waits, so as to be under
/// that; but not beyond the time at which it must sign.
fn prepared_at(life: Life, above: Option<Life>) -> Timestamp {
    let at = life.preparation();
    match above {
        Some(above) if above.preparation() <= at && at < above.activation() => {
            above.activation().min(life.activation()).max(at)
        }
        _ => at,
    }
}

/// One that comes late, such as after a downtime, must not sign before anybody believes it; but what has run
/// out signs nothing, so then it waits no more.
fn activated_at(life: Life, successor: &Member) -> Timestamp {
    // One that is signed elsewhere may wait long for its certificate.
    let since = successor.life.map_or(successor.at, |own| own.begin.max(successor.at));
    life.activation().max(life.spread(since)).min(life.end)
}

impl Step {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Prepare => "prepare",
            Self::Publish => "publish",
            Self::Activate => "activate",
        }
    }
}

impl Life {
    fn preparation(self) -> Timestamp {
        self.before_end(PREPARED, 2)
    }

    /// When trust in the next generation has spread that is there since this time.
    pub(super) fn spread(self, since: Timestamp) -> Timestamp {
        let left = self.end.duration_since(since).max(SignedDuration::ZERO);
        since.checked_add(SPREADS.min(left / 2)).unwrap_or(self.end)
    }

    fn activation(self) -> Timestamp {
        self.before_end(ACTIVATED, 6)
    }

    /// So long before the end, but at most this part of life.
    fn before_end(self, most: SignedDuration, part: i32) -> Timestamp {
        let life = self.end.duration_since(self.begin).max(SignedDuration::ZERO);
        self.end.checked_sub(most.min(life / part)).unwrap_or(self.begin)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DAY: i64 = 24 * 3600;

    fn day(day: i64) -> Timestamp {
        Timestamp::from_second(day * DAY).unwrap()
    }

    fn life(begin: i64, end: i64) -> Life {
        Life { begin: day(begin), end: day(end) }
    }

    fn member(generation: u32, stage: Stage, begin: i64, end: i64) -> Member {
        Member { generation, state: State::Active, stage, at: day(begin), life: Some(life(begin, end)) }
    }

    fn due(step: Step, generation: u32, at: i64) -> Option<Due> {
        Some(Due { step, generation, at: day(at) })
    }

    #[test]
    fn a_long_life_rolls_over_in_its_last_month() {
        let first = member(1, Stage::Signing, 0, 3650);
        assert_eq!(next(&[first], &[]), due(Step::Prepare, 2, 3620));
        let second = member(2, Stage::Prepared, 3620, 7270);
        assert_eq!(next(&[first, second], &[]), due(Step::Publish, 2, 3620));
        let second = Member { stage: Stage::Published, ..second };
        assert_eq!(next(&[first, second], &[]), due(Step::Activate, 2, 3643));
        let (first, second) =
            (Member { stage: Stage::Retired, ..first }, Member { stage: Stage::Signing, ..second });
        assert_eq!(next(&[first, second], &[]), due(Step::Prepare, 3, 7240));
    }

    #[test]
    fn a_short_life_rolls_over_at_its_half_and_its_last_sixth() {
        let first = member(1, Stage::Signing, 0, 12);
        assert_eq!(next(&[first], &[]), due(Step::Prepare, 2, 6));
        let second = member(2, Stage::Published, 6, 18);
        assert_eq!(next(&[first, second], &[]), due(Step::Activate, 2, 10));
    }

    #[test]
    fn one_that_comes_late_signs_only_after_a_day_or_half_of_what_is_left() {
        let first = member(1, Stage::Signing, 0, 3650);
        for (made, signs) in [(3640, 3643), (3645, 3646), (3649, 3649), (3650, 3650), (3660, 3650)] {
            let second = member(2, Stage::Published, made, made + 3650);
            let at = next(&[first, second], &[]).unwrap().at;
            let half_a_day = if made == 3649 { SignedDuration::from_hours(12) } else { SignedDuration::ZERO };
            assert_eq!(at, day(signs) + half_a_day, "made on day {made}");
        }
        let certified = Some(life(3645, 7000));
        let second = Member { life: certified, ..member(2, Stage::Published, 3620, 0) };
        assert_eq!(next(&[first, second], &[]), due(Step::Activate, 2, 3646), "it was certified late");
    }

    #[test]
    fn under_a_root_that_rolls_over_the_next_one_waits_for_the_new_root() {
        let root = member(1, Stage::Signing, 0, 3650);
        let last = member(1, Stage::Signing, 2000, 3650);
        assert_eq!(next(&[last], &[root]), due(Step::Prepare, 2, 3643));
        let earlier = member(1, Stage::Signing, 2000, 3640);
        assert_eq!(next(&[earlier], &[root]), due(Step::Prepare, 2, 3610), "the root is not at it yet");
        let short = member(1, Stage::Signing, 3618, 3630);
        assert_eq!(next(&[short], &[root]), due(Step::Prepare, 2, 3628), "it can't wait so long");
    }

    #[test]
    fn nothing_goes_on_by_itself_while_it_waits_for_somebody() {
        let first = member(1, Stage::Signing, 0, 100);
        let pending =
            Member { state: State::PendingCertificate, life: None, ..member(2, Stage::Prepared, 50, 0) };
        assert_eq!(next(&[first, pending], &[]), None);
        assert_eq!(next(&[Member { state: State::Disabled, ..first }], &[]), None);
        assert_eq!(next(&[Member { state: State::PendingCertificate, life: None, ..first }], &[]), None);
        assert_eq!(next(&[], &[]), None);
    }

    #[test]
    fn one_that_was_deleted_on_its_way_is_made_anew() {
        let (first, gone) = (member(1, Stage::Signing, 0, 100), member(2, Stage::Prepared, 70, 170));
        let gone = Member { state: State::Deleted, ..gone };
        let next = next(&[first, gone], &[]).unwrap();
        assert_eq!((next.step, next.generation), (Step::Prepare, 3));
    }

    proptest! {
        #[test]
        fn the_next_generation_is_always_there_before_it_must_sign_and_signs_before_the_end(
            begin in 0_i64..20_000, days in 1_i64..4000, above_begin in 0_i64..20_000, above_days in 1_i64..8000,
        ) {
            let (own, above) = (life(begin, begin + days), life(above_begin, above_begin + above_days));
            let prepared = prepared_at(own, Some(above));
            prop_assert!(own.preparation() <= prepared && prepared <= own.activation());
            prop_assert!(own.begin <= prepared && own.activation() < own.end);
            let successor = Member { at: prepared, life: None, ..member(2, Stage::Published, 0, 0) };
            prop_assert!(activated_at(own, &successor) < own.end);
        }

        #[test]
        fn the_next_generation_signs_once_trust_has_spread_or_the_one_before_has_run_out(
            begin in 0_i64..20_000, seconds in 1_i64..4000 * DAY, late in 0_i64..5000 * DAY,
        ) {
            let begin = day(begin);
            let own = Life { begin, end: begin + SignedDuration::from_secs(seconds) };
            let made = begin + SignedDuration::from_secs(late);
            let successor = Member { at: made, life: None, ..member(2, Stage::Published, 0, 0) };
            let activated = activated_at(own, &successor);
            prop_assert!(own.activation() <= activated && activated <= own.end);
            if made < own.end {
                let spreads = SPREADS.min(own.end.duration_since(made) / 2);
                prop_assert!(made + spreads <= activated && activated < own.end);
            }
        }
    }
}
