//! `hermetic scan`: what endpoints accept on the wire, and what that is worth.

mod page;
mod report;
mod sink;
mod tally;
mod target;

use std::sync::Arc;

use hermetic_probe::observe::Manners;
use hermetic_probe::way::{Limits, Way};
use hermetic_probe::{Depth, Scanned, Target};
use hermetic_tls::{Clock, SystemClock, SystemRandomness};

use crate::arguments::Scan;
use crate::exit::{Exit, Failure};
use report::Report;
use tally::Tally;

/// Scans, and prints what was seen.
pub async fn run(arguments: &Scan) -> Result<Exit, Failure> {
    let given = target::Given::of(arguments)?;
    let targets = arguments.targets.iter().map(|text| given.target(text));
    let targets: Vec<_> = targets.collect::<Result<_, _>>()?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let limits = Limits { per_host: arguments.per_host.into(), ..Limits::default() };
    let manners = Manners {
        way: Way::new(arguments.proxy.clone(), limits),
        answer: arguments.timeout,
        ..Manners::default()
    };
    let depth = if arguments.fast { Depth::Fast } else { Depth::Full };
    let mut sink = sink::of(arguments.format, targets.len() > 1)?;
    let mut tally = Tally::default();
    for target in &targets {
        let scanned = scanned(target, depth, &manners, &clock).await;
        let report = Report::of(target, depth, &scanned, clock.now());
        tally.count(report.verdict());
        if sink.take(&report)?.is_break() {
            return Ok(tally.exit());
        }
    }
    sink.end()?;
    Ok(tally.exit())
}

async fn scanned(target: &Target, depth: Depth, manners: &Manners, clock: &Arc<dyn Clock>) -> Scanned {
    let addresses = hermetic_probe::resolve(&manners.way, &target.endpoint.host, target.endpoint.port).await;
    match addresses {
        Ok(addresses) => {
            let randomness = SystemRandomness::default();
            hermetic_probe::scan(target, &addresses, depth, manners, Arc::clone(clock), &randomness).await
        }
        Err(reason) => Scanned::unreachable(clock.now(), reason),
    }
}
