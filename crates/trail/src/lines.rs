//! Bytes as they come, cut into lines.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

/// The longest line that is read, in bytes. Ours are a few hundred.
pub const LONGEST_LINE: usize = 64 * 1024;

/// Cuts bytes into lines. The start of a line waits here for its rest.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    waiting: Vec<u8>,
    /// The line that is coming is too long; its rest is passed over.
    too_long: bool,
}

/// What is handed out, in the order of the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    /// A line without its end.
    Whole(&'a [u8]),
    /// One that was longer than [`LONGEST_LINE`].
    TooLong,
    /// The start of one, whose rest will never come.
    Cut,
}

impl Lines {
    /// Takes the next bytes, and calls `each` with every line that they complete.
    pub(crate) fn push(&mut self, bytes: &[u8], mut each: impl FnMut(Line<'_>)) {
        let mut rest = bytes;
        while let Some((start, behind)) =
            memchr::memchr(b'\n', rest).and_then(|end| rest.split_at_checked(end))
        {
            self.complete(start, &mut each);
            rest = behind.get(1..).unwrap_or_default();
        }
        self.keep(rest);
    }

    /// Forgets the line that waits, since its rest will never come; says whether there was one.
    pub(crate) fn abandon(&mut self) -> bool {
        let waited = !self.waiting.is_empty() || self.too_long;
        *self = Self::default();
        waited
    }

    fn complete(&mut self, end: &[u8], each: &mut impl FnMut(Line<'_>)) {
        if self.waiting.is_empty() && !self.too_long && end.len() <= LONGEST_LINE {
            each(Line::Whole(end));
            return;
        }
        self.keep(end);
        each(if self.too_long { Line::TooLong } else { Line::Whole(&self.waiting) });
        self.waiting.clear();
        self.too_long = false;
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.waiting.len() + bytes.len() > LONGEST_LINE {
            self.too_long = true;
        }
        if self.too_long {
            self.waiting = Vec::new();
        } else {
            self.waiting.extend_from_slice(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines_of<'a>(segments: impl IntoIterator<Item = &'a [u8]>) -> Vec<Option<Vec<u8>>> {
        let mut lines = Lines::default();
        let mut seen = Vec::new();
        for segment in segments {
            lines.push(segment, |line| {
                seen.push(match line {
                    Line::Whole(line) => Some(line.to_vec()),
                    Line::TooLong | Line::Cut => None,
                });
            });
        }
        seen
    }

    #[test]
    fn a_line_that_is_too_long_is_one_loss_and_the_next_is_read() {
        let long = vec![b'a'; LONGEST_LINE + 1];
        assert_eq!(lines_of([&long[..], b"b\nc\n"]), [None, Some(b"c".to_vec())]);
        let whole = [&long[..], b"\nc\n"].concat();
        assert_eq!(lines_of([&whole[..]]), [None, Some(b"c".to_vec())]);
    }

    #[test]
    fn the_longest_line_is_still_read() {
        let longest = [vec![b'a'; LONGEST_LINE], b"\n".to_vec()].concat();
        assert_eq!(lines_of([&longest[..]]), [Some(vec![b'a'; LONGEST_LINE])]);
        assert_eq!(lines_of(longest.chunks(1000)), [Some(vec![b'a'; LONGEST_LINE])]);
    }

    #[test]
    fn only_a_line_that_was_begun_is_abandoned() {
        let mut lines = Lines::default();
        lines.push(b"a\n", |_| {});
        assert!(!lines.abandon());
        lines.push(b"b", |_| {});
        assert!(lines.abandon());
        assert!(!lines.abandon());
    }

    proptest! {
        #[test]
        fn lines_do_not_depend_on_how_their_bytes_come(
            text in proptest::collection::vec(prop_oneof![3 => any::<u8>(), 1 => Just(b'\n')], 0..500),
            size in 1..40_usize,
        ) {
            let mut expected: Vec<_> = text.split(|byte| *byte == b'\n').map(|line| Some(line.to_vec())).collect();
            expected.pop();
            prop_assert_eq!(lines_of(text.chunks(size)), expected);
        }
    }
}
