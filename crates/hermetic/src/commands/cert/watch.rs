//! `hermetic cert watch`: the certificates of the store held against controls, or what happens to them.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use hermetic_authority::posture::{self, CONTROLS, Found, Measure, Posture};
use hermetic_config::HookEvent;
use hermetic_hop::asff::{self, Account};
use hermetic_hop::{Control, Finding, Reported, Resource, Severity, ocsf, relative, sarif};
use hermetic_store::{Store, StoreError};
use hermetic_tls::{Clock, SystemClock};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::arguments::{FindingsFormat, Format, Watch};
use crate::data::Place;
use crate::exit::{Exit, Failure};
use crate::hooks::Event;
use crate::output;
use crate::output::table::{Cell, Column, Table};

/// How many digits of a serial number tell certificates apart in a table.
const DIGITS: usize = 12;

/// How often a journal that is followed is looked at.
const AGAIN: Duration = Duration::from_millis(250);

/// How many entries are read at once.
const STRETCH: usize = 500;

/// What `--format json` prints.
#[derive(Serialize)]
struct Report<'a> {
    schema: &'static str,
    at: Timestamp,
    days_to_expiration: i64,
    controls: [Control; 4],
    judged: u64,
    findings: Vec<Shown<'a>>,
}

/// A finding in it.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    finding: &'a Finding,
    serial: &'a str,
    subject: &'a str,
    names: &'a [String],
    origin: hermetic_store::Origin,
    authority: Option<&'a str>,
    not_after: Timestamp,
    in_use: bool,
}

/// Judges them once, or follows what happens to them.
pub async fn run(arguments: &Watch) -> Result<Exit, Failure> {
    let place = Place::find(&arguments.place, Path::new(""), &SystemClock)?;
    let store = Store::open_read_only(&place.store).await?;
    if arguments.follow {
        let format = match arguments.format {
            FindingsFormat::Table => Format::Table,
            FindingsFormat::Json => Format::Json,
            FindingsFormat::Sarif | FindingsFormat::Asff | FindingsFormat::Ocsf => {
                return Err(Failure::wrong("what happens to certificates is no finding")
                    .remedy("leave out --follow, or take --format json"));
            }
        };
        return follow(&store, format).await;
    }
    let terms = &place.settings.terms;
    let configured = SignedDuration::try_from(terms.expiry_warning).unwrap_or(SignedDuration::MAX);
    let warning = arguments.days.map_or(configured, |days| SignedDuration::from_hours(24 * i64::from(days)));
    let now = SystemClock.now();
    let measure = Measure { warning, renew_at: terms.renew_at };
    let posture = posture::judge(&store, measure, now).await?;
    match arguments.format {
        FindingsFormat::Json => output::print_json(&report(&posture, measure, now))?,
        FindingsFormat::Table => output::print(&text(&posture, now, output::width()))?,
        FindingsFormat::Sarif => {
            let found = posture.found.iter().map(reported);
            output::print_json(&sarif::log(env!("CARGO_PKG_VERSION"), &CONTROLS, found))?;
        }
        FindingsFormat::Asff => {
            let account = Account {
                id: arguments.aws_account.as_deref().unwrap_or_default(),
                region: arguments.aws_region.as_deref().unwrap_or_default(),
            };
            let found = posture.found.iter().map(reported);
            output::print_json(&asff::findings(account, &CONTROLS, found, now))?;
        }
        FindingsFormat::Ocsf => {
            let found = posture.found.iter().map(reported);
            output::print_json(&ocsf::findings(env!("CARGO_PKG_VERSION"), &CONTROLS, found, now))?;
        }
    }
    let falls_short = posture.found.iter().any(|found| found.finding.falls_short());
    Ok(if falls_short { Exit::Findings } else { Exit::Fine })
}

fn report(posture: &Posture, measure: Measure, now: Timestamp) -> Report<'_> {
    Report {
        schema: "hermetic.findings/1",
        at: now,
        days_to_expiration: measure.warning.as_hours() / 24,
        controls: CONTROLS,
        judged: posture.judged,
        findings: posture.found.iter().map(shown).collect(),
    }
}

fn shown(found: &Found) -> Shown<'_> {
    let certificate = &found.certificate;
    Shown {
        finding: &found.finding,
        serial: &certificate.serial,
        subject: &certificate.subject,
        names: &certificate.names,
        origin: certificate.origin,
        authority: certificate.authority.as_ref().map(|by| by.generation.name.as_str()),
        not_after: certificate.not_after,
        in_use: found.in_use,
    }
}

/// A finding as formats of others take it.
fn reported(found: &Found) -> Reported<'_> {
    let certificate = &found.certificate;
    let details = vec![
        ("names", certificate.names.join(", ")),
        ("not_after", certificate.not_after.to_string()),
        ("in_use", found.in_use.to_string()),
    ];
    let resource = Resource {
        kind: "certificate",
        id: &certificate.serial,
        name: &certificate.subject,
        details,
        place: None,
    };
    Reported::failing(&found.finding, resource)
}

fn text(posture: &Posture, now: Timestamp, width: Option<usize>) -> String {
    let short = posture.found.iter().filter(|found| found.finding.falls_short()).count() as u64;
    let [judged, short] =
        [(posture.judged, "certificate"), (short, "finding")].map(|(n, of)| output::several(n, of));
    let judged = format!("{judged} judged; {short}\n");
    if posture.found.is_empty() {
        return judged;
    }
    let columns = [
        Column::keep("SEVERITY"),
        Column::drop("CONTROL", 1),
        Column::keep("SERIAL"),
        Column::keep("FOR"),
        Column::keep("EXPIRES"),
        Column::drop("IN USE", 2),
        Column::cut("FOUND"),
    ];
    let mut table = Table::new(columns);
    for Found { certificate, in_use, finding } in &posture.found {
        table.row([
            Cell::styled(finding.severity.as_str().to_owned(), style(finding.severity)),
            Cell::from(finding.control),
            Cell::from(certificate.serial.chars().take(DIGITS).collect::<String>()),
            Cell::from(certificate.subject.as_str()),
            Cell::from(relative(certificate.not_after, now).to_string()),
            Cell::from(if *in_use { "yes" } else { "no" }),
            Cell::from(finding.reason.as_str()),
        ]);
    }
    let mut remedies: Vec<&str> = posture.found.iter().map(|found| found.finding.remedy.as_str()).collect();
    remedies.dedup();
    let remedies: String = remedies.iter().map(|remedy| format!("do: {}\n", output::plain(remedy))).collect();
    format!("{}\n{remedies}\n{judged}", table.render(width))
}

fn style(severity: Severity) -> Style {
    match severity {
        Severity::Critical | Severity::High => AnsiColor::Red.on_default(),
        Severity::Medium | Severity::Low => AnsiColor::Yellow.on_default(),
        Severity::Informational => Style::new(),
    }
}

/// Prints each event as it comes, one on a line, until nobody reads any more.
async fn follow(store: &Store, format: Format) -> Result<Exit, Failure> {
    let mut next = store.latest_entries(1, |_| true).await?.pop().map_or(1, |entry| entry.number + 1);
    loop {
        let entries = match store.journal(next, STRETCH).await {
            Ok(entries) => entries,
            // It may be back at the next look.
            Err(StoreError::Unavailable(_)) => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        let is_all = entries.len() < STRETCH;
        for entry in &entries {
            next = entry.number + 1;
            let Some(event) = Event::of(entry, &HookEvent::ALL, store).await? else { continue };
            if print(&event, format)?.is_break() {
                return Ok(Exit::Fine);
            }
        }
        if is_all {
            tokio::time::sleep(AGAIN).await;
        }
    }
}

fn print(event: &Event, format: Format) -> Result<ControlFlow<()>, Failure> {
    let line = match format {
        Format::Json => serde_json::to_string(event)
            .map_err(|error| Failure::unable(format!("the event can't be written as JSON: {error}")))?,
        Format::Table => event.line(),
    };
    output::print_while_read(&(line + "\n"))
}

#[cfg(test)]
mod tests {
    use super::super::list::tests::{now, record};
    use super::*;

    #[test]
    fn findings_are_shown_with_what_to_do() {
        let finding = |severity, reason: &str| Finding {
            control: posture::EXPIRATION.id,
            severity,
            reason: reason.to_owned(),
            remedy: "hermetic cert renew 3f0a7c21b4de5590".to_owned(),
        };
        let found = vec![
            Found {
                certificate: record("9b11223344556677", "listener edge", &["dns:localhost"], -2),
                in_use: true,
                finding: finding(Severity::Critical, "it expired at 2026-11-24T00:20:11Z"),
            },
            Found {
                certificate: record("3f0a7c21b4de5590", "db.internal", &["dns:db.internal"], 100),
                in_use: false,
                finding: finding(Severity::Medium, "it expires in 4 days, and was not replaced"),
            },
        ];
        let posture = Posture { judged: 7, found };
        insta::assert_snapshot!(anstream::adapter::strip_str(&text(&posture, now(), Some(120))));
        let one = Posture { judged: 1, found: posture.found.into_iter().take(1).collect() };
        let text = text(&one, now(), None);
        assert!(text.ends_with("1 certificate judged; 1 finding\n"), "{text}");
    }
}
