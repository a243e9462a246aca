//! How far something is: a bar, counts, a rate and the time left, in one line.

use std::fmt::Write as _;
use std::time::Duration;

/// How wide the bar is.
const BAR: usize = 24;

/// The line; without a bar and the time left where nobody knows how many there will be.
pub fn line(done: u64, expected: Option<u64>, elapsed: Duration) -> String {
    let mut line = String::new();
    if let Some(expected) = expected.filter(|expected| *expected >= done && *expected > 0) {
        let share = done as f64 / expected as f64;
        let filled = (share * BAR as f64) as usize;
        let _ = write!(
            line,
            "{}{} {:3.0}%  {done} of {expected}",
            "━".repeat(filled),
            "─".repeat(BAR.saturating_sub(filled)),
            share * 100.0
        );
    } else {
        let _ = write!(line, "{done} done");
    }
    let rate = done as f64 / elapsed.as_secs_f64().max(0.001);
    let _ = if rate < 10.0 { write!(line, ", {rate:.1}/s") } else { write!(line, ", {rate:.0}/s") };
    if let (Some(expected), true) = (expected, done > 0) {
        let left = Duration::from_secs_f64((expected.saturating_sub(done) as f64 / rate).min(1e9)).as_secs();
        let _ = match (left / 3600, left / 60 % 60, left % 60) {
            (0, 0, seconds) => write!(line, ", {seconds} s left"),
            (0, minutes, seconds) => write!(line, ", {minutes}:{seconds:02} left"),
            (hours, minutes, _) => write!(line, ", {hours} h {minutes} min left"),
        };
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_tells_how_many_how_fast_and_how_long_still() {
        let seconds = Duration::from_secs;
        let half = format!("{}{}  50%  50 of 100, 5.0/s, 10 s left", "━".repeat(12), "─".repeat(12));
        assert_eq!(line(50, Some(100), seconds(10)), half);
        assert_eq!(line(50, None, seconds(1)), "50 done, 50/s");
        assert!(line(50, Some(100_000), seconds(10)).contains("5 h 33 min left"));
        assert_eq!(line(0, None, seconds(0)), "0 done, 0.0/s");
    }
}
