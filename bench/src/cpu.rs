//! The CPU time that a process and its children have used.

use std::fs;
use std::time::Duration;

use crate::failure::Failure;

/// Ticks of `/proc/<pid>/stat` in a second: `USER_HZ`, which is 100 on every Linux that Rust runs on.
const TICK: Duration = Duration::from_millis(10);

/// The CPU time of a process and of all that it started, in user and kernel mode.
pub fn time(pid: u32) -> Result<Duration, Failure> {
    let own = stat(pid).ok_or(Failure::CpuTime { pid })?;
    let children = children(pid).into_iter().filter_map(|child| time(child).ok());
    Ok(own.ticks * TICK + children.sum::<Duration>())
}

/// What is used of `/proc/<pid>/stat` (proc_pid_stat(5)).
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    parent: u32,
    ticks: u32,
}

impl Stat {
    /// The name, the second field, is in parentheses and may hold blanks and parentheses itself.
    fn read(text: &str) -> Option<Self> {
        let mut fields = text.rsplit_once(')')?.1.split_whitespace();
        let parent = fields.nth(1)?.parse().ok()?;
        let (user, kernel): (u32, u32) = (fields.nth(9)?.parse().ok()?, fields.next()?.parse().ok()?);
        Some(Self { parent, ticks: user.checked_add(kernel)? })
    }
}

fn stat(pid: u32) -> Option<Stat> {
    Stat::read(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

fn children(of: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid| stat(*pid).is_some_and(|stat| stat.parent == of)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_blanks_and_parentheses_does_not_move_the_fields() {
        let text = "42 (a) b (c)) S 7 1 1 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 1 0 100 1 1";
        assert_eq!(Stat::read(text), Some(Stat { parent: 7, ticks: 300 }));
    }

    #[test]
    fn the_time_of_this_process_grows_as_it_works() {
        let before = time(std::process::id()).unwrap();
        let grown = (0..u64::MAX).any(|n| {
            std::hint::black_box(n);
            n % 100_000 == 0 && time(std::process::id()).unwrap() > before
        });
        assert!(grown);
    }
}
