//! `hermetic scan`: what an endpoint accepts on the wire, and what that is worth.

mod page;
mod report;
mod target;

use std::sync::Arc;

use hermetic_hop::Verdict;
use hermetic_probe::observe::Manners;
use hermetic_tls::{Clock, SystemClock, SystemRandomness};

use crate::arguments::{Format, Scan};
use crate::exit::{Exit, Failure};
use crate::output;
use report::Report;

/// Scans, and prints what was seen.
pub async fn run(arguments: &Scan) -> Result<Exit, Failure> {
    let target = target::of(arguments)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let manners =
        Manners { at_once: arguments.concurrency.into(), answer: arguments.timeout, ..Manners::default() };
    let randomness = SystemRandomness::default();
    let scanned = hermetic_probe::scan(&target, manners, Arc::clone(&clock), &randomness).await;
    let scanned = scanned.map_err(|reason| Failure::unable(reason).at(target.endpoint.to_string()))?;
    let report = Report::of(&target, &scanned, clock.now());
    match arguments.format {
        Format::Table => output::print(&page::text(&report, output::width()))?,
        Format::Json => output::print_json(&report)?,
    }
    Ok(match report.verdict() {
        Verdict::Unknown => Exit::Unable,
        verdict => Exit::of(verdict < Verdict::Local),
    })
}
