//! A program that is run to its end, and what that cost.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::cpu;
use crate::failure::Failure;

/// How often the memory is looked at. The kernel keeps the highest; only what comes behind the last look is missed.
const LOOK: Duration = Duration::from_millis(10);

/// What one run was.
#[derive(Debug)]
pub struct Run {
    /// How long it took.
    pub wall: Duration,
    /// The CPU time of it and of all that it started, in steps of 10 ms.
    pub cpu: Duration,
    /// The most memory that it held, in MiB; without what it started.
    pub memory: f64,
    /// What it printed.
    pub output: String,
}

/// Runs a command in a folder to its end. Only these exit statuses are no failure.
pub fn run(folder: &Path, mut command: Command, fine: &[i32]) -> Result<Run, Failure> {
    let (output, errors) = (folder.join("child.out"), folder.join("child.err"));
    let create = |path: &std::path::PathBuf| {
        File::create(path).map_err(|source| Failure::File { path: path.clone(), source })
    };
    let program = command.get_program().to_owned();
    command.current_dir(folder).stdin(Stdio::null());
    command.stdout(create(&output)?).stderr(create(&errors)?);
    let failed = |source: io::Error| Failure::Start { program: program.clone().into(), source };
    let (before, began) = (cpu::of_children()?, Instant::now());
    let mut child = command.spawn().map_err(failed)?;
    let (pid, ended) = (child.id(), AtomicBool::new(false));
    let (status, wall, memory) = std::thread::scope(|scope| {
        let looking = scope.spawn(|| highest(pid, &ended));
        let status = child.wait();
        let wall = began.elapsed();
        ended.store(true, Ordering::Relaxed);
        (status, wall, looking.join().unwrap_or_default())
    });
    let status = status.map_err(failed)?;
    let cpu = cpu::of_children()?.saturating_sub(before);
    let read = |path: &std::path::PathBuf| {
        fs::read(path).map_err(|source| Failure::File { path: path.clone(), source })
    };
    let output = String::from_utf8_lossy(&read(&output)?).into_owned();
    if !status.code().is_some_and(|code| fine.contains(&code)) {
        let said = String::from_utf8_lossy(&read(&errors)?).into_owned();
        let end = said.lines().rev().take(3).collect::<Vec<_>>().join(" / ");
        return Err(Failure::Setup(format!("{}: {status}: {end}", program.display())));
    }
    Ok(Run { wall, cpu, memory, output })
}

/// The most memory that a process held, in MiB, until it has ended.
fn highest(pid: u32, ended: &AtomicBool) -> f64 {
    let mut highest: f64 = 0.0;
    while !ended.load(Ordering::Relaxed) {
        highest = highest.max(cpu::peak_memory(pid).unwrap_or_default());
        std::thread::sleep(LOOK);
    }
    highest
}
