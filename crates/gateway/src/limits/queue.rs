//! A short fair queue: clients take turns, however many wait of each, and where it is full the client
//! with the most gives way. A flood from one address makes itself wait, and nobody else.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// Those who wait, by whose they are.
#[derive(Debug)]
pub(super) struct FairQueue<K, T> {
    lines: HashMap<K, VecDeque<T>>,
    /// Whose turn it is; each is here once while it has somebody waiting.
    turns: VecDeque<K>,
    length: usize,
    capacity: usize,
}

impl<K: Clone + Eq + Hash, T> FairQueue<K, T> {
    /// An empty one for so many.
    pub fn new(capacity: usize) -> Self {
        Self { lines: HashMap::new(), turns: VecDeque::new(), length: 0, capacity }
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Puts one at the end of its client's line. Where the queue is full, gives back who must leave: the
    /// last of the longest line, which may be the newcomer.
    pub fn push(&mut self, key: K, waiting: T) -> Option<T> {
        let own = self.lines.get(&key).map_or(0, VecDeque::len);
        let mut leaves = None;
        if self.length >= self.capacity {
            let longest = self.lines.iter().max_by_key(|(_, line)| line.len());
            match longest.map(|(key, line)| (key.clone(), line.len())) {
                Some((longest, length)) if length > own + 1 => leaves = self.last_of(&longest),
                _ => return Some(waiting),
            }
        }
        let line = self.lines.entry(key.clone()).or_default();
        if line.is_empty() {
            self.turns.push_back(key);
        }
        line.push_back(waiting);
        self.length += 1;
        leaves
    }

    /// Takes the first, in turn by client, that `take` accepts. It is asked about the first of each line
    /// alone, and gives one back that must go on waiting.
    pub fn pop<R>(&mut self, mut take: impl FnMut(&K, T) -> Result<R, T>) -> Option<R> {
        for _ in 0..self.turns.len() {
            let key = self.turns.pop_front()?;
            let Some(line) = self.lines.get_mut(&key) else { continue };
            let Some(first) = line.pop_front() else { continue };
            let taken = match take(&key, first) {
                Ok(taken) => {
                    self.length -= 1;
                    Some(taken)
                }
                Err(waiting) => {
                    line.push_front(waiting);
                    None
                }
            };
            if line.is_empty() {
                self.lines.remove(&key);
            } else {
                self.turns.push_back(key);
            }
            if taken.is_some() {
                return taken;
            }
        }
        None
    }

    /// Drops all for whom this is true.
    pub fn forget(&mut self, gone: impl Fn(&T) -> bool) {
        for line in self.lines.values_mut() {
            line.retain(|waiting| !gone(waiting));
        }
        self.lines.retain(|_, line| !line.is_empty());
        self.turns.retain(|key| self.lines.contains_key(key));
        self.length = self.lines.values().map(VecDeque::len).sum();
    }

    fn last_of(&mut self, key: &K) -> Option<T> {
        let line = self.lines.get_mut(key)?;
        let last = line.pop_back()?;
        self.length -= 1;
        Some(last)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn popped(queue: &mut FairQueue<u8, u32>) -> Option<(u8, u32)> {
        queue.pop(|key, waiting| Ok((*key, waiting)))
    }

    #[test]
    fn clients_take_turns_and_each_keeps_its_order() {
        let mut queue = FairQueue::new(10);
        for (key, waiting) in [(1, 10), (1, 11), (1, 12), (2, 20), (3, 30), (3, 31)] {
            assert_eq!(queue.push(key, waiting), None);
        }
        let order: Vec<_> = std::iter::from_fn(|| popped(&mut queue)).collect();
        assert_eq!(order, [(1, 10), (2, 20), (3, 30), (1, 11), (3, 31), (1, 12)]);
    }

    #[test]
    fn where_it_is_full_the_longest_line_gives_way() {
        let mut queue = FairQueue::new(3);
        for waiting in [10, 11, 12] {
            queue.push(1, waiting);
        }
        assert_eq!(queue.push(1, 13), Some(13), "a flood makes itself wait");
        assert_eq!(queue.push(2, 20), Some(12));
        assert_eq!(queue.push(2, 21), Some(21), "one more would only turn the tables");
        assert_eq!(popped(&mut queue), Some((1, 10)));
        assert_eq!(popped(&mut queue), Some((2, 20)));
    }

    #[test]
    fn who_can_not_be_taken_keeps_its_place_and_holds_nobody_up() {
        let mut queue = FairQueue::new(10);
        for (key, waiting) in [(1, 10), (2, 20), (1, 11)] {
            queue.push(key, waiting);
        }
        let taken = queue.pop(|key, waiting| if *key == 2 { Ok(waiting) } else { Err(waiting) });
        assert_eq!((taken, queue.len()), (Some(20), 2));
        assert_eq!(queue.pop(|_, waiting| Err::<u32, _>(waiting)), None);
        assert_eq!(popped(&mut queue), Some((1, 10)));
    }

    proptest! {
        /// Nobody is lost, the capacity holds, and no client waits for more than one of each other's.
        #[test]
        fn whoever_came_in_comes_out_or_was_sent_away(pushed in proptest::collection::vec(0_u8..5, 0..100)) {
            let mut queue = FairQueue::new(16);
            let mut away = Vec::new();
            for (number, key) in pushed.iter().enumerate() {
                away.extend(queue.push(*key, number));
                prop_assert!(queue.len() <= 16);
            }
            let mut out: Vec<usize> = std::iter::from_fn(|| queue.pop(|_, waiting| Ok(waiting))).collect();
            prop_assert_eq!(queue.len(), 0);
            out.append(&mut away);
            out.sort_unstable();
            prop_assert_eq!(out, (0..pushed.len()).collect::<Vec<_>>());
        }
    }
}
