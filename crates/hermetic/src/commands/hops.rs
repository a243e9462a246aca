//! `hermetic hops`: the hops of the running instance.

use std::io::{self, IsTerminal};
use std::path::Path;
use std::time::Duration;

use hermetic_hop::{PartyName, Report};
use hermetic_tls::SystemClock;

use crate::admin::client::Admin;
use crate::arguments::{Format, Hops};
use crate::data::Place;
use crate::exit::{Exit, Failure};
use crate::output;

/// How often `--watch` looks again.
const AGAIN: Duration = Duration::from_secs(1);

/// Clears the screen and what scrolled off it, and goes to its top.
const CLEAR: &str = "\x1b[H\x1b[2J\x1b[3J";

/// Prints what the instance has seen of its hops.
pub async fn run(arguments: &Hops) -> Result<Exit, Failure> {
    let place = Place::find(&arguments.place, Path::new(""), &SystemClock)?;
    let admin = Admin::of(&place.data);
    if arguments.watch {
        return watch(&admin, arguments).await;
    }
    let report = ask(&admin, arguments).await?;
    match arguments.format {
        Format::Table => output::print(&output::report::text(&report, output::width()))?,
        Format::Json => output::print_json(&report)?,
    }
    Ok(Exit::of(report.falls_short()))
}

/// Prints again and again, until the instance ends or somebody presses Ctrl-C. A terminal is drawn anew;
/// elsewhere each report follows the one before, JSON a line each.
async fn watch(admin: &Admin, arguments: &Hops) -> Result<Exit, Failure> {
    let terminal = io::stdout().is_terminal();
    let mut tick = tokio::time::interval(AGAIN);
    loop {
        tick.tick().await;
        let report = ask(admin, arguments).await?;
        let text = match arguments.format {
            Format::Json => {
                serde_json::to_string(&report).map_err(|error| Failure::unable(error.to_string()))? + "\n"
            }
            Format::Table => format!("{}\n", output::report::text(&report, output::width())),
        };
        let clear = if terminal && arguments.format == Format::Table { CLEAR } else { "" };
        output::print(&format!("{clear}{text}"))?;
    }
}

async fn ask(admin: &Admin, arguments: &Hops) -> Result<Report, Failure> {
    let report: Report = admin.get("/v1/hops").await?;
    match &arguments.flow {
        None => Ok(report),
        Some(name) => report.of_flow(name).ok_or_else(|| no_flow(name, &report)),
    }
}

fn no_flow(name: &PartyName, report: &Report) -> Failure {
    let flows: Vec<_> = report.flows.iter().map(|flow| format!("`{}`", flow.name)).collect();
    let remedy = match flows.as_slice() {
        [] => "the configuration has no `[[flow]]`; leave out --flow".to_owned(),
        names => format!("the flows are {}", names.join(", ")),
    };
    Failure::wrong(format!("there is no flow `{name}`")).remedy(remedy)
}
