//! The CPU time that a process and its children have used, and the memory.

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

/// The CPU time of all children of this process that have ended, and of theirs.
pub fn of_children() -> Result<Duration, Failure> {
    let pid = std::process::id();
    Ok(stat(pid).ok_or(Failure::CpuTime { pid })?.children * TICK)
}

/// The most memory that a process has held so far, in MiB; `None` once it has ended.
pub fn peak_memory(pid: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let kibibytes = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: f64 = kibibytes.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kibibytes / 1024.0)
}

/// What is used of `/proc/<pid>/stat` (proc_pid_stat(5)).
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    parent: u32,
    ticks: u32,
    children: u32,
}

impl Stat {
    /// The name, the second field, is in parentheses and may hold blanks and parentheses itself.
    fn read(text: &str) -> Option<Self> {
        let mut fields = text.rsplit_once(')')?.1.split_whitespace();
        let parent = fields.nth(1)?.parse().ok()?;
        let mut ticks = fields.skip(9).map_while(|field| field.parse::<u32>().ok());
        let mut two = || ticks.next()?.checked_add(ticks.next()?);
        Some(Self { parent, ticks: two()?, children: two()? })
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
        let text = "42 (a) b (c)) S 7 1 1 0 -1 4194304 100 0 0 0 250 50 7 3 20 0 1 0 100 1 1";
        assert_eq!(Stat::read(text), Some(Stat { parent: 7, ticks: 300, children: 10 }));
    }

    #[test]
    fn the_memory_of_this_process_is_told_and_that_of_none_is_not() {
        assert!(peak_memory(std::process::id()).unwrap() > 0.1);
        assert_eq!(peak_memory(u32::MAX), None);
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
