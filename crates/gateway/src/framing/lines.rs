//! Lines in bytes that grow from call to call, each byte searched once.

use memchr::memchr;

use super::Violation;

/// Where the search stands, counted from the start of a head, chunk line or trailer section.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Lines {
    /// Where the current line begins.
    line: usize,
    /// Up to where there is no line feed in the current line.
    searched: usize,
}

impl Lines {
    /// The next whole line of `section`, its CRLF taken off; `None` where it is not whole yet.
    /// `limit` holds for the section up to the line's end.
    pub(super) fn next<'a>(
        &mut self,
        section: &'a [u8],
        (limit, too_long): (usize, Violation),
    ) -> Result<Option<&'a [u8]>, Violation> {
        let Some(at) = memchr(b'\n', section.get(self.searched..).unwrap_or_default()) else {
            self.searched = section.len();
            return if section.len() > limit { Err(too_long) } else { Ok(None) };
        };
        let line_feed = self.searched + at;
        if line_feed >= limit {
            return Err(too_long);
        }
        let line = section.get(self.line..line_feed).unwrap_or_default();
        self.line = line_feed + 1;
        self.searched = self.line;
        line.strip_suffix(b"\r").map(Some).ok_or(Violation::BareLineFeed)
    }

    /// How many bytes the lines so far take.
    pub(super) fn taken(&self) -> usize {
        self.line
    }
}
