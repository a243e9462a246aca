//! Work on many things, done by as many threads as there are cores, with the results in the order of the things.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Fewer things than this are done at once: a thread would cost more than it spares.
const FEWEST: usize = 64;
/// How many pieces a thread takes in turn, so that none waits long for another.
const PIECES: usize = 8;

/// Does `work` on every thing. Each thread has a state of its own, made by `begin`.
pub(crate) fn each<T: Sync, S, R: Send>(
    things: &[T],
    begin: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, usize, &T) -> R + Sync,
) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    let piece = things.len().div_ceil(threads * PIECES).max(FEWEST);
    let of_piece = |state: &mut S, place: usize, things: &[T]| -> Vec<R> {
        things.iter().enumerate().map(|(index, thing)| work(state, place * piece + index, thing)).collect()
    };
    if threads == 1 || things.len() <= FEWEST {
        return of_piece(&mut begin(), 0, things);
    }
    let pieces: Vec<&[T]> = things.chunks(piece).collect();
    let next = AtomicUsize::new(0);
    let run = || {
        let (mut state, mut done) = (begin(), Vec::new());
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(things) = pieces.get(place) else { return done };
            done.push((place, of_piece(&mut state, place, things)));
        }
    };
    let mut done: Vec<(usize, Vec<R>)> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads.min(pieces.len())).map(|_| scope.spawn(run)).collect();
        let joined = running.into_iter().map(|thread| thread.join());
        joined.flat_map(|done| done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    done.sort_unstable_by_key(|(place, _)| *place);
    done.into_iter().flat_map(|(_, results)| results).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_things_however_many_they_are() {
        for count in [0, 1, FEWEST, FEWEST + 1, 1_000, 10_007] {
            let things: Vec<usize> = (0..count).collect();
            let done = each(&things, || (), |(), place, thing| (place, thing * 2));
            assert_eq!(done, things.iter().map(|thing| (*thing, thing * 2)).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_thread_keeps_its_state_from_one_thing_to_the_next() {
        let things = vec![(); 1_000];
        let seen = each(
            &things,
            || 0_usize,
            |seen, _, ()| {
                *seen += 1;
                *seen
            },
        );
        assert!(seen.iter().any(|seen| *seen > FEWEST), "{seen:?}");
    }
}
