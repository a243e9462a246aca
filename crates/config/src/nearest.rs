//! The word that somebody probably meant.

/// The known word that is most like this one; `None` where none is like it.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let tolerated = 1 + word.chars().count() / 4;
    known
        .into_iter()
        .map(|candidate| (distance(&word.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= tolerated)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's distance: insertions, deletions and replacements from one to the other.
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (1..=to.chars().count()).collect();
    for (done, a) in from.chars().enumerate() {
        let (mut diagonal, mut left) = (done, done + 1);
        for (cell, b) in row.iter_mut().zip(to.chars()) {
            let above = *cell;
            *cell = (diagonal + usize::from(a != b)).min(left + 1).min(above + 1);
            (diagonal, left) = (above, *cell);
        }
    }
    row.last().copied().unwrap_or_else(|| from.chars().count())
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn a_slip_of_the_finger_finds_its_word() {
        assert_eq!(nearest("polcy", ["name", "policy"]), Some("policy"));
        assert_eq!(nearest("nmae", ["name", "policy"]), Some("name"));
        assert_eq!(nearest("Bind", ["bind"]), Some("bind"));
    }

    #[test]
    fn a_word_that_is_like_none_finds_none() {
        assert_eq!(nearest("hop", ["data", "flow", "route"]), None);
        assert_eq!(nearest("x", []), None);
    }

    #[test]
    fn distances_are_those_of_the_textbook() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", ""), 3);
    }
}
