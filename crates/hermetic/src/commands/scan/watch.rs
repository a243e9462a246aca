//! `hermetic scan --watch`: the same targets again and again, and what has changed since the last time.

mod facts;
#[cfg(test)]
mod tests;
mod watched;

use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use anstyle::AnsiColor;
use hermetic_tls::Clock;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::Instant;

use super::bar::Bar;
use super::report::Report;
use super::tally::Fate;
use super::targets::{self, Named};
use super::{pass, sink};
use crate::arguments::{Addresses, Scan, ScanFormat};
use crate::exit::{Exit, Failure};
use crate::output::{self, plain};
use watched::{Change, Watched};

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
    // Before anything is asked, so that an interruption ends the watch in order from the first connection on.
    let mut interruptions = signal(SignalKind::interrupt())
        .map_err(|error| Failure::unable(format!("interruptions can't be heard: {error}")))?;
    let bar = Bar::of(arguments)?;
    let mut first = Some(sink::of(arguments, true, clock.now())?);
    let mut watched = Watched::new(arguments.ip == Addresses::All);
    // Interrupted before any scan was over, it can't tell.
    let mut exit = Exit::Unable;
    loop {
        let begun = Instant::now();
        match targets::of(arguments).await {
            Ok(targets) => {
                let take = |named: &Named, report: &Report, fate: Fate| {
                    let change = watched.compare(named, report);
                    match &mut first {
                        Some(sink) => sink.take(report, fate),
                        None => print(change, arguments.format),
                    }
                };
                let pass = tokio::select! {
                    pass = pass(arguments, targets, &bar, clock, take) => pass?,
                    _ = interruptions.recv() => return Ok(exit),
                };
                let mut is_broken = pass.is_broken;
                if !is_broken {
                    if let Some(sink) = first.take() {
                        sink.end(&pass.keys)?;
                    }
                    for change in watched.complete(clock.now()) {
                        is_broken |= print(Some(change), arguments.format)?.is_break();
                    }
                }
                // An instance that does not take what was seen may take the next.
                exit = pass.close(arguments).await.unwrap_or_else(|failure| failure.tell());
                if is_broken {
                    return Ok(exit);
                }
            }
            Err(failure) if first.is_some() => return Err(failure),
            // A list that is being rewritten is whole in a moment.
            Err(failure) => {
                failure.tell();
            }
        }
        tokio::select! {
            () = tokio::time::sleep_until(begun + every) => {}
            _ = interruptions.recv() => return Ok(exit),
        }
    }
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
        "\n{} {}{}: {style}{}{style:#}, {}\n",
        change.at.strftime("%Y-%m-%d %H:%M:%S UTC"),
        change.target,
        place(change),
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

/// The hop and the address that it is about, where that is not the target as such.
fn place(change: &Change) -> String {
    let hop = change.hop.as_ref().map(|hop| format!(" ({hop})")).unwrap_or_default();
    let address = change.address.as_ref().map(|address| format!(" at {address}")).unwrap_or_default();
    hop + &address
}
