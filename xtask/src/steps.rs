//! Steps that run one after the other, and the table that closes them.

use std::fmt::{self, Write};
use std::time::{Duration, Instant};

/// Why a step failed, in one line for the closing table. The details went out while it ran.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) String);

/// What a step has to say for the closing table: a note where it went well, or why it failed.
pub(crate) type Outcome = Result<String, Failure>;

/// The steps that ran so far.
#[derive(Default)]
pub(crate) struct Steps {
    done: Vec<Done>,
}

struct Done {
    name: String,
    outcome: Outcome,
    took: Duration,
}

impl Steps {
    /// Runs a step and keeps its outcome. A failure does not stop the steps after it, so that one
    /// run shows everything that is wrong.
    pub(crate) fn run(&mut self, name: &str, step: impl FnOnce() -> Outcome) {
        eprintln!("\n── {name} ──");
        let start = Instant::now();
        let outcome = step();
        match &outcome {
            Ok(note) if !note.is_empty() => eprintln!("{note}"),
            Ok(_) => {}
            Err(failure) => eprintln!("{name}: {failure}"),
        }
        self.done.push(Done { name: name.to_owned(), outcome, took: start.elapsed() });
    }

    /// Whether every step went well.
    pub(crate) fn all_passed(&self) -> bool {
        self.done.iter().all(|done| done.outcome.is_ok())
    }

    /// What ran, with what came of it and how long it took.
    pub(crate) fn table(&self) -> String {
        let width = self.done.iter().map(|done| done.name.chars().count()).max().unwrap_or(0);
        let mut table = String::from("\nWhat ran:\n");
        for done in &self.done {
            let (word, note) = match &done.outcome {
                Ok(note) => ("ok", note.as_str()),
                Err(Failure(reason)) => ("FAILED", reason.as_str()),
            };
            let line = format!("  {:width$}  {word:6}  {:>10}  {note}", done.name, spoken(done.took));
            let _ = writeln!(table, "{}", line.trim_end());
        }
        let failed = self.done.iter().filter(|done| done.outcome.is_err()).count();
        let total = spoken(self.done.iter().map(|done| done.took).sum());
        let _ = match failed {
            0 => writeln!(table, "all {} steps passed in {total}", self.done.len()),
            _ => writeln!(table, "FAILED: {failed} of {} steps, in {total}", self.done.len()),
        };
        table
    }
}

/// A duration as a person says it: `0.4 s`, `2 min 5 s`.
fn spoken(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", duration.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        _ => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_stops_none_of_the_later_ones_and_fails_the_whole() {
        let mut steps = Steps::default();
        steps.run("first", || Err(Failure("broken".to_owned())));
        steps.run("second", || Ok("12 tests".to_owned()));
        assert!(!steps.all_passed());
        let table = steps.table();
        assert!(table.contains("first   FAILED"), "{table}");
        assert!(table.contains("broken"), "{table}");
        assert!(table.contains("second  ok"), "{table}");
        assert!(table.contains("FAILED: 1 of 2 steps"), "{table}");
    }

    #[test]
    fn durations_read_as_people_say_them() {
        assert_eq!(spoken(Duration::from_millis(420)), "0.4 s");
        assert_eq!(spoken(Duration::from_secs(42)), "42 s");
        assert_eq!(spoken(Duration::from_secs(125)), "2 min 5 s");
    }
}
