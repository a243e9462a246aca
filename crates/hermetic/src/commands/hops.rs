//! `hermetic hops`: the hops of the running instance.

use std::io::{self, IsTerminal};
use std::path::Path;
use std::time::Duration;

use hermetic_hop::{PartyName, Report};
use hermetic_tls::SystemClock;

use crate::admin::client::Admin;
use crate::arguments::{Hops, ReportFormat};
use crate::data::Place;
use crate::exit::{Exit, Failure};
use crate::output;

/// How often `--watch` looks again.
const AGAIN: Duration = Duration::from_secs(1);

/// Clears the screen and what scrolled off it, and goes to its top.
const CLEAR: &str = "\x1b[H\x1b[2J\x1b[3J";

/// Prints what the instance has seen of its hops.
pub async fn run(arguments: &Hops) -> Result<Exit, Failure> {
    let stream = if arguments.watch { Some(Stream::of(arguments.format)?) } else { None };
    let place = Place::find(&arguments.place, Path::new(""), &SystemClock)?;
    let admin = Admin::of(&place.data);
    if let Some(stream) = stream {
        return watch(&admin, arguments, stream).await;
    }
    let report = ask(&admin, arguments).await?;
    output::report::print(&report, arguments.format)?;
    Ok(Exit::of(report.falls_short()))
}

/// Prints again and again, until the instance ends, nobody reads any more, or Ctrl-C. A terminal is drawn anew;
/// elsewhere each report follows the one before, JSON a line each.
async fn watch(admin: &Admin, arguments: &Hops, stream: Stream) -> Result<Exit, Failure> {
    let terminal = io::stdout().is_terminal();
    let mut tick = tokio::time::interval(AGAIN);
    loop {
        tick.tick().await;
        let report = ask(admin, arguments).await?;
        let text = match stream {
            Stream::Json => {
                serde_json::to_string(&report).map_err(|error| Failure::unable(error.to_string()))? + "\n"
            }
            Stream::Table => format!("{}\n", output::report::text(&report, output::width())),
        };
        let clear = if terminal && stream == Stream::Table { CLEAR } else { "" };
        if output::print_while_read(&format!("{clear}{text}"))?.is_break() {
            return Ok(Exit::of(report.falls_short()));
        }
    }
}

/// What can follow itself on standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stream {
    Table,
    Json,
}

impl Stream {
    fn of(format: ReportFormat) -> Result<Self, Failure> {
        match format {
            ReportFormat::Table => Ok(Self::Table),
            ReportFormat::Json => Ok(Self::Json),
            ReportFormat::Svg | ReportFormat::Html | ReportFormat::Dot => {
                Err(Failure::wrong("a picture is drawn once, and can't be watched")
                    .remedy("leave out --watch, or use `--format table` or `--format json`"))
            }
        }
    }
}

async fn ask(admin: &Admin, arguments: &Hops) -> Result<Report, Failure> {
    let report: Report = admin.get("/v1/hops").await?;
    chosen(report, arguments.flow.as_ref())
}

/// The report on the flow that was asked for, or all of it.
fn chosen(report: Report, flow: Option<&PartyName>) -> Result<Report, Failure> {
    match flow {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        serde_json::from_str(include_str!("../output/samples/report.json")).unwrap()
    }

    #[test]
    fn a_flow_that_is_sealed_is_fine_although_another_one_falls_short() {
        assert!(chosen(report(), None).unwrap().falls_short());
        let tour = chosen(report(), Some(&"tour".parse().unwrap())).unwrap();
        assert!(!tour.falls_short());
        assert_eq!(tour.hops.len(), 3);
    }

    #[test]
    fn a_picture_can_not_be_watched() {
        assert!(Stream::of(ReportFormat::Svg).is_err());
        assert_eq!(Stream::of(ReportFormat::Json).unwrap(), Stream::Json);
    }

    #[test]
    fn a_flow_that_is_not_there_is_an_error_that_names_those_that_are() {
        let failure = chosen(report(), Some(&"shop".parse().unwrap())).unwrap_err();
        let text = format!("{failure:?}");
        assert!(text.contains("no flow `shop`") && text.contains("`tour`, `orders`"), "{text}");
    }
}
