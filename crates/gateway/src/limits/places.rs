//! The places that are held by what is not finished yet, of one worker: handshakes under way, and
//! connections that have not shown a ClientHello. Where all are taken, one leaves for a newcomer.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::ClientKey;

/// How long a place is kept against all: more than a few ways around the earth.
const KEPT: Duration = Duration::from_secs(1);

/// Whose a place is: a client's at a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Owner {
    pub listener: usize,
    pub client: ClientKey,
}

/// The places. Clones are the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places(Rc<RefCell<Taken>>);

/// One of them; given up when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    places: Places,
    number: u64,
    /// Says that it must be left.
    left: Rc<Notify>,
}

/// The places that are taken, the oldest first. Who must leave is found without a walk over them: at a
/// limit that is asked for each connection that is refused, and a refusal must cost less than what it saves.
#[derive(Debug, Default)]
struct Taken {
    next: u64,
    all: BTreeMap<u64, One>,
    at: HashMap<usize, AtListener>,
}

/// Those at one listener.
#[derive(Debug, Default)]
struct AtListener {
    all: BTreeSet<u64>,
    of: HashMap<ClientKey, BTreeSet<u64>>,
    /// The clients by how many they have.
    by_count: BTreeSet<(usize, ClientKey)>,
}

#[derive(Debug)]
struct One {
    owner: Owner,
    since: Instant,
    left: Rc<Notify>,
}

impl Places {
    /// Takes one.
    pub(super) fn take(&self, owner: Owner, now: Instant) -> Place {
        let left = Rc::new(Notify::new());
        let number = self.0.borrow_mut().insert(One { owner, since: now, left: left.clone() });
        Place { places: self.clone(), number, left }
    }

    /// Has one of the same listener be left for the newcomer: the oldest of the client that has the most,
    /// where that is more than the newcomer will have; or the oldest of all, where it had its time. `None`
    /// where nobody must leave.
    pub(super) fn leave_to(&self, newcomer: Owner, now: Instant) -> Option<()> {
        let mut taken = self.0.borrow_mut();
        let number = taken.must_leave(newcomer, now)?;
        taken.remove(number)?.left.notify_one();
        Some(())
    }

    /// The same where all listeners share what has run out: where nobody must leave at the newcomer's, the
    /// oldest of any, if it had its time.
    pub(super) fn leave_to_any(&self, newcomer: Owner, now: Instant) -> Option<()> {
        self.leave_to(newcomer, now).or_else(|| {
            let mut taken = self.0.borrow_mut();
            let number =
                taken.all.keys().next().copied().filter(|number| taken.had_its_time(*number, now))?;
            taken.remove(number)?.left.notify_one();
            Some(())
        })
    }
}

impl Place {
    /// Works for as long as the place is held; `None` where it had to be left to another.
    pub async fn hold<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.left.notified() => None,
            done = work => Some(done),
        }
    }

    /// Whether it was not left to another.
    pub(super) fn is_held(&self) -> bool {
        self.places.0.borrow().all.contains_key(&self.number)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.0.borrow_mut().remove(self.number);
    }
}

impl Taken {
    fn insert(&mut self, one: One) -> u64 {
        let number = self.next;
        self.next += 1;
        self.at.entry(one.owner.listener).or_default().insert(one.owner.client, number);
        self.all.insert(number, one);
        number
    }

    fn remove(&mut self, number: u64) -> Option<One> {
        let one = self.all.remove(&number)?;
        if let Some(at) = self.at.get_mut(&one.owner.listener) {
            at.remove(one.owner.client, number);
            if at.all.is_empty() {
                self.at.remove(&one.owner.listener);
            }
        }
        Some(one)
    }

    fn must_leave(&self, newcomer: Owner, now: Instant) -> Option<u64> {
        let at = self.at.get(&newcomer.listener)?;
        let own = at.of.get(&newcomer.client).map_or(0, BTreeSet::len);
        // One more would only turn the tables, and then nobody would ever finish.
        let most = at.by_count.last().filter(|(count, _)| *count > own + 1);
        let of_most = most.and_then(|(_, client)| at.of.get(client)?.first().copied());
        of_most.or_else(|| at.all.first().copied().filter(|number| self.had_its_time(*number, now)))
    }

    fn had_its_time(&self, number: u64, now: Instant) -> bool {
        self.all.get(&number).is_some_and(|one| now.saturating_duration_since(one.since) >= KEPT)
    }
}

impl AtListener {
    fn insert(&mut self, client: ClientKey, number: u64) {
        self.all.insert(number);
        let of = self.of.entry(client).or_default();
        self.by_count.remove(&(of.len(), client));
        of.insert(number);
        self.by_count.insert((of.len(), client));
    }

    fn remove(&mut self, client: ClientKey, number: u64) {
        self.all.remove(&number);
        let Some(of) = self.of.get_mut(&client) else { return };
        self.by_count.remove(&(of.len(), client));
        of.remove(&number);
        if of.is_empty() {
            self.of.remove(&client);
        } else {
            self.by_count.insert((of.len(), client));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(listener: usize, last: u8) -> Owner {
        Owner { listener, client: ClientKey::of(std::net::IpAddr::from([10, 0, 0, last])) }
    }

    async fn has_left(place: &Place) -> bool {
        place.hold(async {}).await.is_none()
    }

    #[tokio::test(start_paused = true)]
    async fn the_oldest_of_the_client_with_the_most_leaves() {
        let (places, now) = (Places::default(), Instant::now());
        let greedy: Vec<_> = (0..4).map(|_| places.take(owner(0, 1), now)).collect();
        let modest = places.take(owner(0, 2), now);
        places.leave_to(owner(0, 3), now).unwrap();
        assert!(has_left(&greedy[0]).await && !greedy[0].is_held());
        assert!(!has_left(&greedy[1]).await && !has_left(&modest).await);
        places.leave_to(owner(0, 2), now).unwrap();
        assert!(has_left(&greedy[1]).await);
        assert_eq!(places.leave_to(owner(0, 2), now), None, "two against one would turn the tables");
    }

    #[tokio::test(start_paused = true)]
    async fn who_had_its_time_leaves_for_anybody_at_the_same_listener() {
        let (places, now) = (Places::default(), Instant::now());
        let place = places.take(owner(0, 1), now);
        assert_eq!(places.leave_to(owner(0, 1), now), None);
        assert_eq!(places.leave_to(owner(1, 2), now + KEPT), None, "another listener's places are its own");
        places.leave_to(owner(0, 1), now + KEPT).unwrap();
        assert!(has_left(&place).await);
        drop(place);
        assert!(places.0.borrow().all.is_empty() && places.0.borrow().at.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_costs_the_same_however_many_clients_hold_places() {
        let (places, now) = (Places::default(), Instant::now());
        let of = |number: u32| ClientKey::of(std::net::IpAddr::from(number.to_be_bytes()));
        let held: Vec<_> =
            (0..20_000).map(|client| places.take(Owner { listener: 0, client: of(client) }, now)).collect();
        let start = std::time::Instant::now();
        for newcomer in 20_000..40_000 {
            assert_eq!(places.leave_to(Owner { listener: 0, client: of(newcomer) }, now), None);
        }
        // A walk over all of them each time takes a hundred times as long, and more.
        assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
        assert!(held.iter().all(Place::is_held));
    }
}
