//! How far a scan is, on a terminal alone: a line that is drawn over and over.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write as _};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::tally::Tally;
use crate::output::bar;

/// How often it is drawn.
const AGAIN: Duration = Duration::from_millis(200);

/// The line.
#[derive(Debug)]
pub struct Progress {
    start: Instant,
    tick: Interval,
    counting: Option<oneshot::Receiver<u64>>,
    expected: Option<u64>,
    drawn: bool,
}

impl Progress {
    /// Begins, where there is a terminal to draw on. `count` counts the targets, which may take a while.
    pub fn start(count: impl FnOnce() -> Option<u64> + Send + 'static) -> Option<Self> {
        io::stderr().is_terminal().then(|| {
            let (sender, counting) = oneshot::channel();
            let counted = move || count().and_then(|count| sender.send(count).ok());
            let is_counting = std::thread::Builder::new().spawn(counted).is_ok();
            let start = Instant::now();
            let mut tick = interval_at(start + AGAIN, AGAIN);
            tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
            Self { start, tick, counting: is_counting.then_some(counting), expected: None, drawn: false }
        })
    }

    /// Waits until it is time to draw.
    pub async fn tick(progress: &mut Option<Self>) {
        match progress {
            Some(progress) => drop(progress.tick.tick().await),
            None => std::future::pending().await,
        }
    }

    /// Draws it as it stands now.
    pub fn draw(&mut self, tally: &Tally) {
        if let Some(count) = self.counting.as_mut().and_then(|counting| counting.try_recv().ok()) {
            self.expected = Some(count);
        }
        let line = line(tally, self.expected, self.start.elapsed());
        self.put(&line);
        self.drawn = true;
    }

    /// Takes it away, so that something else can be written.
    pub fn clear(&mut self) {
        if std::mem::take(&mut self.drawn) {
            self.put("");
        }
    }

    /// A terminal that is gone is nothing to complain to.
    fn put(&self, line: &str) {
        let mut stderr = io::stderr().lock();
        let _ = write!(stderr, "\r\x1b[2K{line}");
        let _ = stderr.flush();
    }
}

/// Bar, counts, rate and time left, and how many fall short.
fn line(tally: &Tally, expected: Option<u64>, elapsed: Duration) -> String {
    let mut line = bar::line(tally.done(), expected, elapsed);
    if tally.short > 0 {
        let _ = write!(line, ", {} fall short", tally.short);
    }
    line
}

#[cfg(test)]
mod tests {
    use hermetic_hop::Verdict;
    use hermetic_probe::way::Opened;

    use super::super::tally::Fate;
    use super::*;

    #[test]
    fn it_tells_how_many_fall_short() {
        let mut tally = Tally::default();
        (0..40).for_each(|_| tally.count(Verdict::Sealed, Fate::Fine, Opened::default()));
        (0..10).for_each(|_| tally.count(Verdict::Weak, Fate::Short, Opened::default()));
        assert_eq!(line(&tally, None, Duration::from_secs(1)), "50 done, 50/s, 10 fall short");
        assert_eq!(line(&Tally::default(), None, Duration::ZERO), "0 done, 0.0/s");
    }
}
