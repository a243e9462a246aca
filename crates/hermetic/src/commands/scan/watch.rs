//! `hermetic scan --watch`: the same targets again and again, and what has changed since the last time.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use anstyle::AnsiColor;
use hermetic_hop::Verdict;
use hermetic_tls::Clock;
use jiff::Timestamp;
use serde::Serialize;
use tokio::time::Instant;

use super::bar::Bar;
use super::report::{Answer, Report};
use super::{pass, sink, targets};
use crate::arguments::{Scan, ScanFormat};
use crate::exit::{Exit, Failure};
use crate::output::{self, plain};

/// Scans again whenever `every` has gone by since the last scan began, until it is interrupted; then it ends as the
/// last scan did. The first scan is printed whole, of the others what has changed.
pub async fn watch(arguments: &Scan, every: Duration, clock: &Arc<dyn Clock>) -> Result<Exit, Failure> {
    if !matches!(arguments.format, ScanFormat::Table | ScanFormat::Jsonl) {
        return Err(Failure::wrong("a watch prints what changes, line by line")
            .remedy("take --format table or jsonl with --watch"));
    }
    if targets::is_read_once(arguments) {
        return Err(Failure::wrong("standard input and pipes can be read once, and not again and again")
            .remedy("put the targets into a file"));
    }
    let bar = Bar::of(arguments)?;
    let mut first = Some(sink::of(arguments, true, clock.now())?);
    let mut watched = Watched::default();
    let mut exit = Exit::Fine;
    loop {
        let begun = Instant::now();
        let take = |report: &Report| {
            let change = watched.compare(report);
            match &mut first {
                Some(sink) => sink.take(report),
                None => print(change, arguments.format),
            }
        };
        let pass = tokio::select! {
            pass = pass(arguments, &bar, clock, take) => pass?,
            interrupted = tokio::signal::ctrl_c() => return ended(interrupted, exit),
        };
        let is_broken = pass.is_broken;
        exit = pass.close(arguments).await?;
        if is_broken {
            return Ok(exit);
        }
        if let Some(sink) = first.take() {
            sink.end()?;
        }
        tokio::select! {
            () = tokio::time::sleep_until(begun + every) => {}
            interrupted = tokio::signal::ctrl_c() => return ended(interrupted, exit),
        }
    }
}

fn ended(interrupted: std::io::Result<()>, exit: Exit) -> Result<Exit, Failure> {
    let told = |error| Failure::unable(format!("interruptions can't be heard: {error}"));
    interrupted.map_err(told).map(|()| exit)
}

/// What was seen last of each target, at each of its addresses.
#[derive(Debug, Default)]
struct Watched(BTreeMap<(String, Option<String>), BTreeSet<String>>);

/// `hermetic.scan.change/1`: what has changed at a target.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Change {
    schema: &'static str,
    target: String,
    address: Option<String>,
    at: Timestamp,
    verdict: Verdict,
    reason: String,
    /// What is there now and was not.
    added: Vec<String>,
    /// What was there and is not any more.
    removed: Vec<String>,
}

impl Watched {
    /// What has changed since this target was seen last; `None` where nothing has, or it is seen first.
    fn compare(&mut self, report: &Report) -> Option<Change> {
        let mut now = facts(report);
        let place = (report.target.clone(), report.address.clone());
        let before = self.0.get(&place).cloned();
        if let Some(before) = before.as_ref().filter(|_| !is_whole(report)) {
            // What was not to be seen this time is not gone.
            now.extend(before.iter().filter(|fact| !fact.starts_with(VERDICT)).cloned());
        }
        let change = before.map(|before| Change {
            schema: "hermetic.scan.change/1",
            target: report.target.clone(),
            address: report.address.clone(),
            at: report.at(),
            verdict: report.verdict(),
            reason: report.reason.clone(),
            added: now.difference(&before).cloned().collect(),
            removed: before.difference(&now).cloned().collect(),
        });
        self.0.insert(place, now);
        change.filter(|change| !change.added.is_empty() || !change.removed.is_empty())
    }
}

const VERDICT: &str = "verdict ";

/// What is compared from one time to the next, a line each.
fn facts(report: &Report) -> BTreeSet<String> {
    let mut facts = BTreeSet::from([format!("{VERDICT}{}", report.verdict())]);
    let spoken = report.protocols.iter().filter(|protocol| protocol.support.support == Answer::Yes);
    facts.extend(spoken.map(|protocol| format!("speaks {}", protocol.version)));
    for list in &report.suites {
        facts.extend(list.accepted.iter().map(|suite| format!("{} accepts {suite}", list.version)));
    }
    for list in &report.groups {
        facts.extend(list.accepted.iter().map(|group| format!("{} accepts {group}", list.version)));
    }
    if let Some(certificate) = report.handshake.as_ref().and_then(|handshake| handshake.certificate.as_ref())
    {
        facts.insert(format!("certificate {}, until {}", certificate.fingerprint, certificate.not_after));
    }
    facts.extend(
        report.judged.findings.iter().flat_map(|shown| shown.keys()).map(|key| format!("finding {key}")),
    );
    facts
}

/// Whether all was seen that could be.
fn is_whole(report: &Report) -> bool {
    let broken = report
        .suites
        .iter()
        .map(|list| &list.broke_off)
        .chain(report.groups.iter().map(|list| &list.broke_off));
    report.verdict() != Verdict::Unknown && report.unobserved.is_none() && broken.flatten().next().is_none()
}

fn print(change: Option<Change>, format: ScanFormat) -> Result<ControlFlow<()>, Failure> {
    let Some(change) = change else { return Ok(ControlFlow::Continue(())) };
    let text = match format {
        ScanFormat::Jsonl => serde_json::to_string(&change)
            .map(|line| line + "\n")
            .map_err(|error| Failure::unable(format!("the change can't be written as JSON: {error}")))?,
        _ => text(&change),
    };
    output::print_while_read(&text)
}

fn text(change: &Change) -> String {
    let style = output::tone(change.verdict);
    let mut text = format!(
        "\n{} {}: {style}{}{style:#}, {}\n",
        change.at.strftime("%Y-%m-%d %H:%M:%S UTC"),
        change.target,
        change.verdict.to_string().to_uppercase(),
        plain(&change.reason)
    );
    for (sign, facts, colour) in
        [("+", &change.added, AnsiColor::Yellow), ("-", &change.removed, AnsiColor::Cyan)]
    {
        let style = colour.on_default();
        for fact in facts {
            let _ = writeln!(text, "  {style}{sign} {}{style:#}", plain(fact));
        }
    }
    text
}
