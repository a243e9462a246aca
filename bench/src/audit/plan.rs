//! A large plan of Terraform, by our auditor alone.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{Plan, estate};
use crate::child;
use crate::failure::Failure;
use crate::figure::Median;

/// What was measured of it.
#[derive(Debug)]
pub struct Large {
    /// How many resources it has.
    pub resources: usize,
    /// Its size, in MiB.
    pub size: f64,
    /// How long it took, in seconds.
    pub wall: Median,
    /// The CPU time, in seconds.
    pub cpu: Median,
    /// The most memory that was held, in MiB.
    pub memory: f64,
}

/// Audits it again and again.
pub fn measure(plan: &Plan, stage: &Path) -> Result<Large, Failure> {
    let (text, resources) = estate::plan(plan.resources)?;
    let path = stage.join("plan.json");
    let size = text.len() as f64 / f64::from(1_u32 << 20);
    fs::write(&path, text).map_err(|source| Failure::File { path, source })?;
    let (mut wall, mut cpu, mut memory) = (Vec::new(), Vec::new(), 0.0_f64);
    for run in 1..=plan.runs {
        let mut command = Command::new(&plan.hermetic);
        command.args(["audit", "plan.json", "--format", "json"]);
        let done = child::run(stage, command, &[0, 1, 3])?;
        eprintln!(
            "run {run} of {}: a plan of {resources} resources, {:.3} s",
            plan.runs,
            done.wall.as_secs_f64()
        );
        wall.push(done.wall.as_secs_f64());
        cpu.push(done.cpu.as_secs_f64());
        memory = memory.max(done.memory);
    }
    let median = |all| Median::of_rates(all).ok_or_else(|| Failure::Setup("no run".to_owned()));
    Ok(Large { resources, size, wall: median(wall)?, cpu: median(cpu)?, memory })
}
