//! The templates, by each auditor in turn; and with bad files among them.

use std::path::Path;
use std::time::Duration;

use super::peers::{Found, Peer};
use super::{Plan, templates};
use crate::child;
use crate::failure::Failure;
use crate::figure::Median;

/// What was measured of one auditor.
#[derive(Debug)]
pub struct Auditor {
    /// Which.
    pub peer: Peer,
    /// Its name and version.
    pub name: String,
    /// The CPU time of it and of all that it started, in seconds.
    pub cpu: Median,
    /// How long it took, in seconds.
    pub wall: Median,
    /// The most memory that it held, in MiB; without what it started.
    pub memory: f64,
    /// How many failures it found.
    pub failures: usize,
    /// How many of these it still found beside bad files.
    pub beside_bad_files: usize,
}

/// What comes of the runs of one auditor.
#[derive(Debug, Default)]
struct Taken {
    wall: Vec<f64>,
    cpu: Vec<f64>,
    memory: f64,
    found: Found,
}

/// Any: what an auditor says by its exit status is told by its report.
const ANY: [i32; 7] = [0, 1, 2, 3, 5, 19, 255];

/// Runs all of them, in turn.
pub fn measure(plan: &Plan, stage: &Path) -> Result<Vec<Auditor>, Failure> {
    let folder = stage.join("templates");
    templates::write(&folder, plan.templates)?;
    let mut taken = Peer::ALL.map(|peer| (peer, Taken::default()));
    for run in 1..=plan.runs {
        for (peer, taken) in taken.iter_mut().filter(|(peer, _)| run <= peer.runs(plan.runs)) {
            let done = child::run(stage, peer.command(plan, &folder), &ANY)?;
            told(*peer, run, plan, done.cpu);
            taken.wall.push(done.wall.as_secs_f64());
            taken.cpu.push(done.cpu.as_secs_f64());
            taken.memory = taken.memory.max(done.memory);
            taken.found = peer.found(&done.output);
        }
    }
    templates::spoil(&folder)?;
    taken.into_iter().map(|(peer, taken)| taken.of(peer, plan, stage, &folder)).collect()
}

fn told(peer: Peer, run: usize, plan: &Plan, cpu: Duration) {
    let (name, seconds, runs) = (peer.name(), cpu.as_secs_f64(), peer.runs(plan.runs));
    eprintln!("run {run} of {runs}: {} templates, {name:<10} {seconds:>8.2} s of CPU time", plan.templates);
}

impl Taken {
    fn of(self, peer: Peer, plan: &Plan, stage: &Path, folder: &Path) -> Result<Auditor, Failure> {
        if self.found.is_empty() {
            return Err(Failure::Setup(format!(
                "{} found nothing in templates that have faults",
                peer.name()
            )));
        }
        let spoiled = peer.found(&child::run(stage, peer.command(plan, folder), &ANY)?.output);
        let median = |all| Median::of_rates(all).ok_or_else(|| Failure::Setup("no run".to_owned()));
        Ok(Auditor {
            peer,
            name: peer.version(plan),
            cpu: median(self.cpu)?,
            wall: median(self.wall)?,
            memory: self.memory,
            failures: self.found.len(),
            beside_bad_files: self.found.intersection(&spoiled).count(),
        })
    }
}
