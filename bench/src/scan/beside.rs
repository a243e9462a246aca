//! One endpoint in full, by each scanner in turn.

use std::time::Duration;

use super::nginx::Nginx;
use super::peers::Peer;
use super::{Plan, questions};
use crate::child;
use crate::failure::Failure;
use crate::figure::Median;
use crate::stage::Stage;

/// What was measured of one scanner.
#[derive(Debug)]
pub struct Scanner {
    /// Which.
    pub peer: Peer,
    /// Its name and version.
    pub name: String,
    /// How long it took, in seconds.
    pub wall: Median,
    /// Its CPU time, the mean of all runs, in seconds.
    pub cpu: f64,
    /// How many connections the endpoint saw in the last run.
    pub connections: u64,
    /// The questions of the list that it answered.
    pub answered: Vec<&'static str>,
}

/// What comes of the runs of one scanner.
#[derive(Debug, Default)]
struct Taken {
    wall: Vec<f64>,
    cpu: Duration,
    connections: u64,
    told: String,
}

/// Runs all of them, in turn.
pub fn measure(plan: &Plan, stage: &Stage, nginx: &Nginx) -> Result<Vec<Scanner>, Failure> {
    let mut taken = Peer::ALL.map(|peer| (peer, Taken::default()));
    for run in 1..=plan.runs {
        for (peer, taken) in &mut taken {
            if run > peer.runs(plan.runs) {
                continue;
            }
            let before = nginx.connections()?;
            let done = child::run(stage.folder(), peer.command(plan, stage, nginx), &peer.fine())?;
            taken.connections = nginx.connections()?.saturating_sub(before);
            eprintln!(
                "run {run} of {}: one endpoint in full, {:<10} {:>8.3} s, {} connections",
                peer.runs(plan.runs),
                peer.name(),
                done.wall.as_secs_f64(),
                taken.connections
            );
            taken.wall.push(done.wall.as_secs_f64());
            taken.cpu += done.cpu;
            taken.told = peer.told(stage, done.output)?;
        }
    }
    taken.into_iter().map(|(peer, taken)| taken.of(peer, plan)).collect()
}

impl Taken {
    fn of(self, peer: Peer, plan: &Plan) -> Result<Scanner, Failure> {
        let cpu = self.cpu.as_secs_f64() / self.wall.len().max(1) as f64;
        let wall = Median::of_rates(self.wall).ok_or_else(|| Failure::Setup("no run".to_owned()))?;
        let answered = questions::answered(peer, &self.told);
        let name = peer.version(plan);
        Ok(Scanner { peer, name, wall, cpu, connections: self.connections, answered })
    }
}
