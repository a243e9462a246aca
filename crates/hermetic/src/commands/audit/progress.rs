//! How far an audit is, on a terminal alone: a line that is drawn over and over.

use std::io::{self, IsTerminal, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use crate::output::bar;

/// How often it is drawn; what takes less shows nothing.
const AGAIN: Duration = Duration::from_millis(200);

/// Does some work, and shows how far it is. The work tells of each part that is done.
pub fn shown<T>(what: &str, parts: usize, work: impl FnOnce(&(dyn Fn() + Sync)) -> T) -> T {
    let done = AtomicU64::new(0);
    let tell = || {
        done.fetch_add(1, Ordering::Relaxed);
    };
    if !io::stderr().is_terminal() {
        return work(&tell);
    }
    let expected = u64::try_from(parts).unwrap_or(u64::MAX);
    let (working, over) = channel();
    std::thread::scope(|scope| {
        scope.spawn(|| draw(what, expected, &done, over));
        let result = work(&tell);
        drop(working);
        result
    })
}

/// Draws until the work is over. A terminal that is gone is nothing to complain to.
fn draw(what: &str, expected: u64, done: &AtomicU64, over: Receiver<()>) {
    let start = Instant::now();
    let mut stderr = io::stderr();
    let mut drawn = false;
    while over.recv_timeout(AGAIN) == Err(RecvTimeoutError::Timeout) {
        let line = bar::line(done.load(Ordering::Relaxed), Some(expected), start.elapsed());
        let _ = write!(stderr, "\r\x1b[2K{line} {what}");
        let _ = stderr.flush();
        drawn = true;
    }
    if drawn {
        let _ = write!(stderr, "\r\x1b[2K");
        let _ = stderr.flush();
    }
}
