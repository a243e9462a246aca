//! The runs: each figure of each proxy, several times, interleaved, so that whatever else the
//! machine does meets all of them alike.

use std::time::Duration;

use crate::cpu;
use crate::failure::Failure;
use crate::figure::{Figure, Median, Sample};
use crate::load::{self, Client};
use crate::machine::Machine;
use crate::origin::Origin;
use crate::proxy::{Binaries, Proxy};
use crate::stage::Stage;

/// The core of the proxies.
pub const PROXY_CORE: usize = 0;

/// The core of the origin and of the load.
pub const LOAD_CORE: usize = 1;

/// How often and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Runs of each figure.
    pub runs: usize,
    /// The time of one run.
    pub time: Duration,
}

/// What was measured.
#[derive(Debug)]
pub struct Results {
    /// The proxies, each with its version.
    pub proxies: Vec<Measured>,
    /// As planned.
    pub plan: Plan,
}

/// What was measured of one proxy.
#[derive(Debug)]
pub struct Measured {
    /// Its name and version.
    pub name: String,
    /// What it was told that is not the same for all.
    pub settings: &'static str,
    /// The figures; one that it can't do is not there.
    pub figures: Vec<(Figure, Median)>,
}

/// Starts everything and takes every figure.
pub fn all(binaries: &Binaries, plan: Plan, machine: &Machine) -> Result<Results, Failure> {
    let stage = Stage::build(machine.cores)?;
    stage.stay_on(LOAD_CORE)?;
    let origin = Origin::start(&stage)?;
    let proxies = Proxy::start_all(binaries, &stage, origin.port)?;
    let client = Client::new(&stage.authority)?;
    let mut samples: Vec<Vec<(Figure, Vec<Sample>)>> = proxies
        .iter()
        .map(|proxy| proxy.kind.figures().map(|figure| (figure, Vec::new())).collect())
        .collect();
    for run in 1..=plan.runs {
        for figure in Figure::ALL {
            for (proxy, taken) in proxies.iter().zip(&mut samples) {
                let Some((_, taken)) = taken.iter_mut().find(|(of, _)| *of == figure) else { continue };
                let sample = take(proxy, figure, &client, plan.time)?;
                eprintln!(
                    "run {run} of {}: {:<32} {:<10} {:>10.0} a CPU-second",
                    plan.runs,
                    figure.title(),
                    proxy.kind.name(),
                    sample.rate()
                );
                taken.push(sample);
            }
        }
    }
    let proxies = proxies.iter().zip(samples).map(|(proxy, samples)| Measured {
        name: proxy.version.clone(),
        settings: proxy.kind.settings(),
        figures: samples
            .into_iter()
            .filter_map(|(figure, samples)| Some((figure, Median::of(&samples)?)))
            .collect(),
    });
    Ok(Results { proxies: proxies.collect(), plan })
}

/// One run, after a short one that nobody counts, which fills pools and caches.
fn take(proxy: &Proxy, figure: Figure, client: &Client, time: Duration) -> Result<Sample, Failure> {
    let failed = |reason| Failure::Load {
        name: proxy.kind.name().to_owned(),
        figure: figure.title().to_owned(),
        reason,
    };
    load::run(client, figure, proxy.port, time / 10).map_err(failed)?;
    let before = cpu::time(proxy.pid())?;
    let done = load::run(client, figure, proxy.port, time).map_err(failed)?;
    Ok(Sample { done, cpu: cpu::time(proxy.pid())?.saturating_sub(before) })
}
