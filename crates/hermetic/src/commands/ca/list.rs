//! `hermetic ca list`: the certificate authorities.

use anstyle::{AnsiColor, Style};
use hermetic_authority::{Authorities, CertificateAuthority, State};
use hermetic_tls::{Clock, SystemClock};
use hermetic_x509::days_left;
use jiff::Timestamp;
use serde::Serialize;

use super::listed::{Listed, words};
use crate::arguments::{Format, Place};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::table::{Cell, Column, Table};

/// What `--format json` prints.
#[derive(Serialize)]
struct List {
    schema: &'static str,
    authorities: Vec<Listed>,
}

/// Prints all of them; whoever signed another comes before it.
pub async fn run(format: Format, place: &Place) -> Result<Exit, Failure> {
    let (authorities, now) = (super::authorities(place).await?, SystemClock.now());
    let all = authorities.all();
    match format {
        Format::Json => {
            let listed = all.iter().map(|authority| Listed::of(authority, &authorities, now));
            let schema = "hermetic.certificate-authorities/1";
            output::print_json(&List { schema, authorities: listed.collect() })?;
        }
        Format::Table if all.is_empty() => output::print(&format!("no authority yet: {}\n", super::FIRST))?,
        Format::Table => output::print(&table(&authorities, now).render(output::width()))?,
    }
    Ok(Exit::Fine)
}

fn table(authorities: &Authorities, now: Timestamp) -> Table {
    let columns = [
        Column::keep("AUTHORITY"),
        Column::drop("GENERATION", 3),
        Column::drop("KIND", 2),
        Column::keep("STATE"),
        Column::keep("STAGE"),
        Column::drop("KEY", 4),
        Column::drop("KEY IN", 1),
        Column::keep("EXPIRES"),
        Column::keep("DAYS LEFT"),
    ];
    let mut table = Table::new(columns);
    for authority in authorities.all() {
        let listed = Listed::of(authority, authorities, now);
        table.row([
            Cell::from(listed.name),
            Cell::from(listed.generation.to_string()),
            Cell::from(listed.kind.word()),
            state(authority.state(now)),
            Cell::from(listed.stage.word()),
            Cell::from(listed.key.algorithm),
            Cell::from(listed.key.place.words()),
            end(authority),
            left(authority, now),
        ]);
    }
    table
}

/// What issues nothing, and might be thought to, in colour.
fn state(state: State) -> Cell {
    let style = match state {
        State::Active | State::Deleted => Style::new(),
        State::PendingCertificate | State::Disabled => AnsiColor::Yellow.on_default(),
        State::Expired => AnsiColor::Red.on_default(),
    };
    Cell::styled(words(state), style)
}

fn end(authority: &CertificateAuthority) -> Cell {
    authority.not_after().map_or_else(Cell::unknown, |end| Cell::from(end.strftime("%Y-%m-%d").to_string()))
}

fn left(authority: &CertificateAuthority, now: Timestamp) -> Cell {
    authority.not_after().map_or_else(Cell::unknown, |end| Cell::from(days_left(end, now).to_string()))
}
