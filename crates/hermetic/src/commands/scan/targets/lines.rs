//! A list of targets, a line each.

use std::io::{self, BufRead, Read};
use std::sync::Arc;

use super::{Next, Targets, written};
use crate::commands::scan::target::Given;
use crate::exit::Failure;

/// The longest line that can be a target.
const LONGEST: u64 = 1024;

/// The lines of a list. What stands behind a `#` is a comment.
pub struct Lines<R> {
    name: String,
    input: R,
    given: Arc<Given>,
    line: u64,
    /// What the line at hand still has: a range has many.
    pending: Option<Targets>,
    ended: bool,
}

impl<R: BufRead> Lines<R> {
    /// The lines of `input`, which is called `name` where one of them is wrong.
    pub fn new(name: impl Into<String>, input: R, given: Arc<Given>) -> Self {
        Self { name: name.into(), input, given, line: 0, pending: None, ended: false }
    }

    /// The next line, without its end; `None` behind the last.
    fn read(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        if self.input.by_ref().take(LONGEST).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        if !line.ends_with(b"\n") && line.len() as u64 == LONGEST {
            // The rest of it is passed over, a piece at a time.
            let mut rest = Vec::new();
            while !rest.ends_with(b"\n") {
                rest.clear();
                if self.input.by_ref().take(64 * LONGEST).read_until(b'\n', &mut rest)? == 0 {
                    break;
                }
            }
        }
        self.line += 1;
        Ok(Some(line))
    }

    fn complaint(&self, failure: Failure) -> Failure {
        failure.at(format!("{}:{}", self.name, self.line))
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = Next;

    fn next(&mut self) -> Option<Next> {
        loop {
            if let Some(next) = self.pending.as_mut().and_then(Iterator::next) {
                return Some(next.map_err(|failure| self.complaint(failure)));
            }
            if self.ended {
                return None;
            }
            let line = match self.read() {
                Ok(Some(line)) => line,
                Ok(None) => {
                    self.ended = true;
                    return None;
                }
                Err(error) => {
                    self.ended = true;
                    let what = format!("the list of targets breaks off: {error}");
                    return Some(Err(self.complaint(Failure::wrong(what))));
                }
            };
            let text = String::from_utf8_lossy(&line);
            let text = text.split('#').next().unwrap_or_default().trim().trim_start_matches('\u{feff}');
            if text.is_empty() {
                continue;
            }
            match written(text, &self.given) {
                Ok(targets) => self.pending = Some(targets),
                Err(failure) => return Some(Err(self.complaint(failure))),
            }
        }
    }
}
