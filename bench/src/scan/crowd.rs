//! Many endpoints: near and by a few questions, far away and in full, and such as are not there.

use std::fmt::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use super::nginx::Nginx;
use super::relay::Relay;
use super::{Plan, peers};
use crate::child;
use crate::failure::Failure;
use crate::figure::Median;
use crate::stage::Stage;

/// The delay of the far endpoints, each way.
pub const DELAY: Duration = Duration::from_millis(50);

/// Where nobody listens (RFC 863 is long forgotten).
const ABSENT: u16 = 9;

/// A scan of many endpoints.
#[derive(Debug)]
pub struct Crowd {
    /// How many.
    pub endpoints: u32,
    /// How long it took, in seconds.
    pub wall: Median,
    /// The scanner's own CPU time for each, in milliseconds.
    pub cpu: f64,
}

/// A scan of targets that are not there.
#[derive(Debug)]
pub struct Absent {
    /// How many.
    pub targets: u32,
    /// The most memory that it held, in MiB.
    pub memory: f64,
    /// How long it took.
    pub wall: Duration,
}

/// So many endpoints by a few questions each.
pub fn fast(plan: &Plan, stage: &Stage, nginx: &Nginx, count: u32) -> Result<Crowd, Failure> {
    let list = list(stage, count, nginx.port)?;
    crowd(plan, stage, &list, count, &["--fast"])
}

/// Endpoints in full, over a long line.
pub fn far(plan: &Plan, stage: &Stage, nginx: &Nginx) -> Result<Crowd, Failure> {
    let relay = Relay::start(SocketAddr::from(([127, 0, 0, 1], nginx.port)), DELAY)?;
    let list = list(stage, plan.far, relay.port)?;
    crowd(plan, stage, &list, plan.far, &peers::NO_DNS)
}

/// Targets of which each refuses the connection.
pub fn absent(plan: &Plan, stage: &Stage, count: u32) -> Result<Absent, Failure> {
    let list = list(stage, count, ABSENT)?;
    let mut command = peers::hermetic(plan, stage);
    command.args(peers::NO_DNS).args(["--format", "jsonl", "--targets"]).arg(list);
    let run = child::run(stage.folder(), command, &[3])?;
    told(&run.output, "\"verdict\":\"unknown\"", count)?;
    eprintln!("{count} targets that are not there: {:.0} MiB, {:.1} s", run.memory, run.wall.as_secs_f64());
    Ok(Absent { targets: count, memory: run.memory, wall: run.wall })
}

fn crowd(plan: &Plan, stage: &Stage, list: &PathBuf, count: u32, more: &[&str]) -> Result<Crowd, Failure> {
    let (mut wall, mut cpu) = (Vec::new(), Duration::ZERO);
    for run in 1..=plan.runs {
        let mut command = peers::hermetic(plan, stage);
        command.args(["--format", "jsonl", "--targets"]).arg(list).args(more);
        let done = child::run(stage.folder(), command, &[0, 1])?;
        told(&done.output, "\"evidence\":\"probed\"", count)?;
        let what = if more == ["--fast"] { "--fast" } else { "in full, far away" };
        eprintln!("run {run} of {}: {count} endpoints {what}: {:.3} s", plan.runs, done.wall.as_secs_f64());
        wall.push(done.wall.as_secs_f64());
        cpu += done.cpu;
    }
    let cpu = cpu.as_secs_f64() * 1_000.0 / f64::from(count) / wall.len().max(1) as f64;
    let wall = Median::of_rates(wall).ok_or_else(|| Failure::Setup("no run".to_owned()))?;
    Ok(Crowd { endpoints: count, wall, cpu })
}

/// A file with so many targets, each at an address of its own.
fn list(stage: &Stage, count: u32, port: u16) -> Result<PathBuf, Failure> {
    let first = u32::from(Ipv4Addr::new(127, 1, 0, 1));
    let mut text = String::new();
    for address in (first..).take(count as usize) {
        let _ = writeln!(text, "tls://{}:{port}", Ipv4Addr::from_bits(address));
    }
    stage.write("targets.txt", text)
}

/// A run that saw less than there was to see is no figure.
fn told(reports: &str, mark: &str, count: u32) -> Result<(), Failure> {
    let told = reports.lines().filter(|line| line.contains(mark)).count();
    if told == count as usize {
        return Ok(());
    }
    let other = reports.lines().find(|line| !line.contains(mark)).unwrap_or_default();
    let other: String = other.chars().take(300).collect();
    Err(Failure::Setup(format!("{told} reports of {count} targets have {mark}; another: {other}")))
}
