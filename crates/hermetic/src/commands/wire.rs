//! `hermetic tour wire`: sends a secret over the path of the running tour, and shows the wire.

use std::fmt::Write as _;
use std::path::Path;

use anstyle::AnsiColor;
use hermetic_tls::{Randomness, SystemClock, SystemRandomness};
use serde_json::json;

use crate::admin::client::Admin;
use crate::arguments::{self, Format};
use crate::data::Place;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::part::protocol::{Captured, Passage, PassageKind};
use crate::tour::dump;
use crate::tour::wire::{Outcome, Wire};

/// So many of the last passages of each hop are shown beside those that ask for TLS, and of each so many rows; of the control all.
const PASSAGES: usize = 3;
const ROWS: usize = 4;
const ROWS_OF_CONTROL: usize = 32;

/// Sends it, and shows what the relays captured.
pub async fn run(secret: Option<String>, format: Format, place: &arguments::Place) -> Result<Exit, Failure> {
    let place = Place::find(place, Path::new(""), &SystemClock)?;
    let secret = match secret {
        Some(secret) => secret,
        None => by_chance()?,
    };
    let wire: Wire = Admin::of(&place.data).post("/v1/tour/wire", &json!({ "secret": secret })).await?;
    match format {
        Format::Json => output::print_json(&wire)?,
        Format::Table => output::print(&text(&wire, &secret))?,
    }
    Ok(match wire.outcome {
        Outcome::NotFound => Exit::Fine,
        Outcome::Found => Exit::Findings,
        Outcome::Inconclusive => Exit::Unable,
    })
}

fn by_chance() -> Result<String, Failure> {
    let mut bytes = [0; 8];
    SystemRandomness::default().fill(&mut bytes).map_err(|error| Failure::unable(error.to_string()))?;
    Ok(bytes.iter().fold("secret-".to_owned(), |text, byte| text + &format!("{byte:02x}")))
}

fn text(wire: &Wire, secret: &str) -> String {
    let heading = output::heading();
    let mut text = format!("sent: {}\n", output::plain(secret));
    for hop in &wire.hops {
        let style = tone(hop.outcome);
        let outcome = hop.outcome.as_str();
        let _ = writeln!(text, "\n{heading}{}{heading:#}: {style}{outcome}{style:#}", hop.hop);
        text.push_str(&capture(&hop.captured, ROWS));
    }
    if let Some(reason) = &wire.no_database {
        let _ = writeln!(text, "\n{heading}no hop to a database{heading:#}: {}", output::plain(reason));
    }
    let _ = writeln!(text, "\n{heading}control, in cleartext{heading:#}");
    text.push_str(&capture(&wire.control, ROWS_OF_CONTROL));
    let style = tone(wire.outcome);
    let _ = writeln!(text, "\n{style}{}{style:#}: {}", wire.outcome.as_str(), output::plain(&wire.reason));
    text
}

fn capture(captured: &Captured, rows: usize) -> String {
    let from = captured.passages.len().saturating_sub(PASSAGES);
    let asks = |passage: &Passage| matches!(passage.kind, PassageKind::SslRequest | PassageKind::SslAnswer);
    let mut text = dump::summary(captured) + "\n";
    let mut skipped = false;
    for (at, passage) in captured.passages.iter().enumerate() {
        if at < from && !asks(passage) {
            skipped = true;
            continue;
        }
        if std::mem::take(&mut skipped) {
            text.push_str("…\n");
        }
        text.push_str(&dump::passage(passage, rows));
    }
    text
}

fn tone(outcome: Outcome) -> anstyle::Style {
    match outcome {
        Outcome::NotFound => AnsiColor::Green.on_default(),
        Outcome::Found => AnsiColor::Red.on_default().bold(),
        Outcome::Inconclusive => AnsiColor::Yellow.on_default(),
    }
}
