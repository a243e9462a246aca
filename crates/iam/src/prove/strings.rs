//! Is there a text that these patterns take, and those don't? Decided, not guessed: patterns are finite automata,
//! and the shortest text that leads all of them where they should be is found breadth first.

use std::collections::{HashSet, VecDeque};

use super::budget::Budget;
use crate::pattern::{Folding, same};

/// A piece of a pattern, all variables resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// This character.
    Char(char),
    /// Any one character.
    One,
    /// Any characters, also none.
    Any,
    /// Any one character but a colon: one part of an ARN ends at it.
    OneInPart,
    /// Any characters but colons, also none.
    AnyInPart,
}

/// A pattern, and whether the text must be one that it takes.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) pieces: Vec<Piece>,
    /// Whether capitals don't count.
    pub(super) folded: bool,
    pub(super) taken: bool,
}

/// What came of the search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Such a text.
    Text(String),
    /// There is none.
    None,
    /// It took too long.
    TooMuch,
}

/// The most pieces of a pattern that is searched for; ARNs have fewer.
const LONGEST: usize = 255;

impl Wanted {
    pub(super) fn literal(text: &str, taken: bool) -> Self {
        Self { pieces: text.chars().map(Piece::Char).collect(), folded: false, taken }
    }

    /// Whether the text is as it must be.
    fn is_met(&self, text: &str) -> bool {
        takes(&self.pieces, text, self.folded) == self.taken
    }

    fn start(&self) -> Places {
        let mut places = Places::default();
        self.enter(&mut places, 0);
        places
    }

    /// A place is reached, and with it those behind pieces that take nothing, too.
    fn enter(&self, places: &mut Places, place: usize) {
        let behind = self.pieces.get(place..).into_iter().flatten();
        let skipped = behind.take_while(|piece| piece.takes_none()).count();
        (place..=place + skipped).for_each(|place| places.insert(place));
    }

    fn step(&self, from: Places, next: char) -> Places {
        let mut to = Places::default();
        for place in from.all() {
            match self.pieces.get(place) {
                Some(piece) if piece.takes(next, self.folded) => {
                    self.enter(&mut to, if piece.takes_none() { place } else { place + 1 });
                }
                _ => {}
            }
        }
        to
    }

    fn accepts(&self, places: Places) -> bool {
        places.has(self.pieces.len())
    }

    /// The only characters that lead on from here, where there are few.
    fn next(&self, places: Places) -> Option<Vec<char>> {
        let next = |place| match self.pieces.get(place) {
            Some(Piece::Char(character)) if !self.folded => Some(Some(*character)),
            None => Some(None),
            Some(_) => None,
        };
        let all: Option<Vec<Option<char>>> = places.all().map(next).collect();
        Some(all?.into_iter().flatten().collect())
    }
}

impl Piece {
    fn takes_none(self) -> bool {
        matches!(self, Self::Any | Self::AnyInPart)
    }

    fn takes(self, next: char, folded: bool) -> bool {
        match self {
            Self::Char(expected) => {
                same(expected, next, if folded { Folding::Folded } else { Folding::Exact })
            }
            Self::One | Self::Any => true,
            Self::OneInPart | Self::AnyInPart => next != ':',
        }
    }

    /// Whether it takes all that another piece takes.
    fn covers(self, other: Self) -> bool {
        match (self, other) {
            (Self::Any, _) | (Self::One, Self::Char(_) | Self::One | Self::OneInPart) => true,
            (Self::AnyInPart, Self::OneInPart | Self::AnyInPart) | (Self::OneInPart, Self::OneInPart) => true,
            (Self::AnyInPart | Self::OneInPart, Self::Char(character)) => character != ':',
            (Self::Char(own), Self::Char(character)) => own == character,
            _ => false,
        }
    }
}

/// Places in a pattern, as bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Places([u64; 4]);

impl Places {
    fn insert(&mut self, place: usize) {
        if let Some(word) = self.0.get_mut(place / 64) {
            *word |= 1 << (place % 64);
        }
    }

    fn has(self, place: usize) -> bool {
        self.0.get(place / 64).is_some_and(|word| word & (1 << (place % 64)) != 0)
    }

    fn all(self) -> impl Iterator<Item = usize> {
        self.0.into_iter().enumerate().flat_map(|(number, mut word)| {
            std::iter::from_fn(move || {
                let lowest = (word != 0).then(|| word.trailing_zeros() as usize)?;
                word &= word - 1;
                Some(number * 64 + lowest)
            })
        })
    }

    fn is_empty(self) -> bool {
        self.0 == [0; 4]
    }
}

/// Whether a pattern takes a text. Wildcards that stop at colons stand before all others, between colons: so the
/// last one is the only one worth going back to.
fn takes(pieces: &[Piece], text: &str, folded: bool) -> bool {
    let (mut left, mut at) = (pieces, text.chars());
    let mut last: Option<(Piece, &[Piece], std::str::Chars<'_>)> = None;
    loop {
        let fitted = match left.split_first() {
            None if at.as_str().is_empty() => return true,
            None => None,
            Some((piece, behind)) if piece.takes_none() => {
                last = Some((*piece, behind, at.clone()));
                left = behind;
                continue;
            }
            Some((piece, behind)) => {
                let mut rest = at.clone();
                rest.next().filter(|next| piece.takes(*next, folded)).map(|_| (behind, rest))
            }
        };
        match (fitted, &mut last) {
            (Some(fitted), _) => (left, at) = fitted,
            (None, Some((any, behind, from))) => match from.next() {
                Some(next) if any.takes(next, folded) => (left, at) = (*behind, from.clone()),
                _ => return false,
            },
            (None, None) => return false,
        }
    }
}

/// Whether a pattern surely takes all that a shape takes: where each of its pieces covers those of the shape.
pub(super) fn covers(pattern: &[Piece], shape: &[Piece]) -> bool {
    let (mut left, mut at) = (pattern, shape);
    let mut last: Option<(Piece, &[Piece], &[Piece])> = None;
    loop {
        let fitted = match (left.split_first(), at.split_first()) {
            (None, None) => return true,
            (Some((piece, behind)), _) if piece.takes_none() => {
                last = Some((*piece, behind, at));
                left = behind;
                continue;
            }
            (Some((piece, behind)), Some((other, rest))) if piece.covers(*other) => Some((behind, rest)),
            _ => None,
        };
        match (fitted, last) {
            (Some(fitted), _) => (left, at) = fitted,
            (None, Some((any, behind, from))) => match from.split_first() {
                Some((other, rest)) if any.covers(*other) => {
                    last = Some((any, behind, rest));
                    (left, at) = (behind, rest);
                }
                _ => return false,
            },
            (None, None) => return false,
        }
    }
}

/// Finds a text.
pub(super) fn find(wanted: &[Wanted], budget: &mut Budget) -> Found {
    let (taken, left): (Vec<&Wanted>, Vec<&Wanted>) = wanted.iter().partition(|it| it.taken);
    let mut shapes = taken.iter().filter(|shape| !shape.folded);
    if shapes.any(|shape| left.iter().any(|pattern| covers(&pattern.pieces, &shape.pieces))) {
        return Found::None;
    }
    if let Some(text) = guess(wanted) {
        return Found::Text(text);
    }
    // One literal among those that must take it leaves nothing to search.
    let is_literal =
        |it: &&&Wanted| !it.folded && it.pieces.iter().all(|piece| matches!(piece, Piece::Char(_)));
    if taken.iter().any(|it| is_literal(&it)) {
        return Found::None;
    }
    if wanted.iter().any(|it| it.pieces.len() > LONGEST) {
        budget.exhaust();
        return Found::TooMuch;
    }
    breadth_first(wanted, budget)
}

/// Most are found so: one that all patterns take or leave at once.
fn guess(wanted: &[Wanted]) -> Option<String> {
    let taken = wanted.iter().filter(|it| it.taken);
    let fillings = ["", "x", "other", "0"];
    let guesses = taken.flat_map(|it| fillings.iter().map(move |filling| instance(&it.pieces, filling)));
    let free = fillings.into_iter().skip(1).map(str::to_owned);
    let mut all = guesses.chain(free);
    all.find(|text| wanted.iter().all(|it| it.is_met(text)))
}

fn instance(pieces: &[Piece], filling: &str) -> String {
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Char(character) => text.push(*character),
            Piece::One | Piece::OneInPart => text.push('x'),
            Piece::Any | Piece::AnyInPart => text.push_str(filling),
        }
    }
    text
}

fn breadth_first(wanted: &[Wanted], budget: &mut Budget) -> Found {
    let alphabet = alphabet(wanted);
    let start: Vec<Places> = wanted.iter().map(Wanted::start).collect();
    let mut seen = HashSet::from([start.clone()]);
    let mut waiting = VecDeque::from([(start, String::new())]);
    while let Some((places, text)) = waiting.pop_front() {
        if wanted.iter().zip(&places).all(|(it, places)| it.accepts(*places) == it.taken) {
            return Found::Text(text);
        }
        // Where a pattern that must take it goes on with a character, no other leads on.
        let mut taken = wanted.iter().zip(&places).filter(|(it, _)| it.taken);
        let only = taken.find_map(|(it, places)| it.next(*places));
        for next in only.as_ref().unwrap_or(&alphabet) {
            if !budget.spend(wanted.len()) {
                return Found::TooMuch;
            }
            let steps = wanted.iter().zip(&places).map(|(it, places)| it.step(*places, *next));
            let reached: Vec<Places> = steps.collect();
            let is_dead = wanted.iter().zip(&reached).any(|(it, places)| it.taken && places.is_empty());
            if !is_dead && seen.insert(reached.clone()) {
                waiting.push_back((reached, format!("{text}{next}")));
            }
        }
    }
    Found::None
}

/// The characters that make a difference, and one that stands for all others.
fn alphabet(wanted: &[Wanted]) -> Vec<char> {
    let mut named: Vec<char> = Vec::new();
    for it in wanted {
        for piece in &it.pieces {
            match piece {
                Piece::Char(character) => named.push(*character),
                Piece::OneInPart | Piece::AnyInPart => named.push(':'),
                Piece::One | Piece::Any => {}
            }
        }
    }
    named.sort_unstable();
    named.dedup();
    let folds = |a: &char, b: char| a.to_lowercase().eq(b.to_lowercase());
    let other = ('a'..='z').rev().chain('0'..='9').chain('\u{E0}'..='\u{17F}');
    let other = { other }.find(|other| !named.iter().any(|it| folds(it, *other)));
    // First, so that texts are made of it where nothing else is asked for.
    other.into_iter().chain(named).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Found, Piece, Wanted, find};
    use crate::prove::budget::Budget;

    fn wanted(pattern: &str, taken: bool) -> Wanted {
        let pieces = pattern.chars().map(|character| match character {
            '*' => Piece::Any,
            '?' => Piece::One,
            _ => Piece::Char(character),
        });
        Wanted { pieces: pieces.collect(), folded: false, taken }
    }

    fn search(all: &[(&str, bool)]) -> Found {
        let all: Vec<_> = all.iter().map(|(pattern, taken)| wanted(pattern, *taken)).collect();
        find(&all, &mut Budget::of(1_000_000))
    }

    #[test]
    fn a_text_between_patterns_is_found() {
        assert_eq!(search(&[("a*", true), ("*b", true), ("ab", false)]), Found::Text("azb".to_owned()));
        assert_eq!(search(&[("a?", true), ("ab", false), ("a*", true)]), Found::Text("ax".to_owned()));
    }

    #[test]
    fn patterns_that_cover_all_leave_nothing() {
        assert_eq!(search(&[("*", false)]), Found::None);
        assert_eq!(search(&[("?*", true), ("?", false), ("??*", false)]), Found::None);
        assert_eq!(search(&[("a", true), ("a*", false)]), Found::None);
    }

    #[test]
    fn a_search_without_end_gives_up() {
        let hard: Vec<_> = ["*a?????????????????", "*b??????????????????", "*c???????????????????"]
            .iter()
            .map(|pattern| wanted(pattern, true))
            .chain([wanted("*a*b*c*", false)])
            .collect();
        assert_eq!(find(&hard, &mut Budget::of(1000)), Found::TooMuch);
    }

    proptest! {
        /// All short texts are tried, too.
        #[test]
        fn what_it_says_is_so(patterns in proptest::collection::vec(("[ab*?]{0,4}", any::<bool>()), 1..4)) {
            let all: Vec<_> = patterns.iter().map(|(pattern, taken)| wanted(pattern, *taken)).collect();
            let met = |text: &str| all.iter().all(|it| it.is_met(text));
            match find(&all, &mut Budget::of(10_000_000)) {
                Found::Text(text) => prop_assert!(met(&text)),
                Found::None => {
                    let mut texts = vec![String::new()];
                    for _ in 0..6 {
                        prop_assert!(!texts.iter().any(|text| met(text)));
                        texts = texts.iter().flat_map(|text| ["a", "b", "z"].map(|next| format!("{text}{next}"))).collect();
                    }
                }
                Found::TooMuch => prop_assert!(false, "so little is too much"),
            }
        }
    }
}
