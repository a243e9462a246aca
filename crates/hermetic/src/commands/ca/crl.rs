//! `hermetic ca crl`: the revocation lists, as they were signed last.

use std::io::{IsTerminal, Write};
use std::path::Path;

use hermetic_authority::Authorities;
use hermetic_hop::relative;
use hermetic_store::{Generation, RevocationListRecord, Store};
use hermetic_tls::{Clock, SystemClock};
use hermetic_x509::crl::{RevocationList, revocation_list_pem};
use hermetic_x509::revocation_list_text;
use jiff::Timestamp;
use serde::Serialize;

use crate::arguments::{ListFormat, RevocationLists};
use crate::data::Place;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::table::{Cell, Column, Table};

/// A list, and whose it is.
struct Signed {
    authority: Generation,
    record: RevocationListRecord,
}

/// What `--format json` prints.
#[derive(Serialize)]
struct Report {
    schema: &'static str,
    crls: Vec<Listed>,
}

#[derive(Serialize)]
struct Listed {
    authority: String,
    generation: u32,
    shard: u32,
    number: u64,
    this_update: Timestamp,
    next_update: Timestamp,
    stale: bool,
    revoked: Vec<Revoked>,
}

#[derive(Serialize)]
struct Revoked {
    serial: String,
    at: Timestamp,
    reason: Option<&'static str>,
}

/// Prints them, whether an instance runs or not.
pub async fn run(arguments: &RevocationLists) -> Result<Exit, Failure> {
    let place = Place::find(&arguments.place, Path::new(""), &SystemClock)?;
    let store = Store::open_read_only(&place.store).await?;
    let (lists, now) = (lists(&store, arguments).await?, SystemClock.now());
    if lists.is_empty() {
        return Err(Failure::unable("no CRL has been signed").remedy(
            "write `publish` in [authority], or `url` where another node publishes, and run `hermetic up`, which signs them",
        ));
    }
    match arguments.format {
        ListFormat::Table => output::print(&table(&lists, now)?.render(output::width()))?,
        ListFormat::Text => output::print(&each(&lists, |der| revocation_list_text(der).map_err(damaged))?)?,
        ListFormat::Pem => output::print(&each(&lists, |der| Ok(revocation_list_pem(der)))?)?,
        ListFormat::Der => print_der(&lists)?,
        ListFormat::Json => {
            let crls = lists.iter().map(|list| Listed::of(list, now)).collect::<Result<_, _>>()?;
            output::print_json(&Report { schema: "hermetic.crls/1", crls })?;
        }
    }
    Ok(Exit::Fine)
}

async fn lists(store: &Store, arguments: &RevocationLists) -> Result<Vec<Signed>, Failure> {
    let authorities = Authorities::of(store).await?;
    let named = |name: &str| arguments.name.as_ref().is_none_or(|wanted| wanted.as_str() == name);
    let mut found = Vec::new();
    let mut is_there = false;
    for authority in authorities.all().iter().filter(|authority| named(authority.name().as_str())) {
        is_there = true;
        for record in store.revocation_lists(authority.id()).await? {
            if arguments.shard.is_none_or(|shard| record.shard == u32::from(shard)) {
                found.push(Signed { authority: authority.generation().clone(), record });
            }
        }
    }
    match &arguments.name {
        Some(name) if !is_there => Err(Failure::wrong(format!("no authority is called {name}"))
            .remedy("`hermetic ca list` shows those that there are")),
        _ => Ok(found),
    }
}

fn table(lists: &[Signed], now: Timestamp) -> Result<Table, Failure> {
    let mut table = Table::new([
        Column::keep("AUTHORITY"),
        Column::drop("GENERATION", 1),
        Column::keep("SHARD"),
        Column::drop("NUMBER", 2),
        Column::keep("REVOKED"),
        Column::drop("SIGNED", 3),
        Column::keep("STALE"),
    ]);
    for list in lists {
        let Listed { authority, generation, shard, number, this_update, next_update, revoked, .. } =
            Listed::of(list, now)?;
        table.row([
            Cell::from(authority),
            Cell::from(generation.to_string()),
            Cell::from(shard.to_string()),
            Cell::from(number.to_string()),
            Cell::from(revoked.len().to_string()),
            Cell::from(relative(this_update, now).to_string()),
            Cell::from(relative(next_update, now).to_string()),
        ]);
    }
    Ok(table)
}

/// All of them, one after the other.
fn each(lists: &[Signed], show: impl Fn(&[u8]) -> Result<String, Failure>) -> Result<String, Failure> {
    lists.iter().map(|list| show(&list.record.der)).collect()
}

/// Bytes of one list. They are none for a terminal.
fn print_der(lists: &[Signed]) -> Result<(), Failure> {
    let [list] = lists else {
        return Err(Failure::wrong(format!("these are {} CRLs, and DER is of one", lists.len()))
            .remedy("name an authority, and one of its CRLs by --shard; or take --format pem"));
    };
    let mut stdout = std::io::stdout().lock();
    if stdout.is_terminal() {
        return Err(Failure::wrong("DER is not for a terminal").remedy("write it to a file: `… > list.crl`"));
    }
    let written = stdout.write_all(&list.record.der).and_then(|()| stdout.flush());
    written.map_err(|error| Failure::unable(format!("standard output can't be written: {error}")))
}

impl Listed {
    fn of(Signed { authority, record }: &Signed, now: Timestamp) -> Result<Self, Failure> {
        let list = RevocationList::read(&record.der).map_err(damaged)?;
        let revoked = list.revoked().iter().map(|(serial, entry)| Revoked {
            serial: serial.to_string(),
            at: entry.at,
            reason: entry.reason.map(|reason| reason.name()),
        });
        Ok(Self {
            authority: authority.name.clone(),
            generation: authority.generation,
            shard: record.shard,
            number: record.number,
            this_update: record.this_update,
            next_update: record.next_update,
            stale: record.next_update <= now,
            revoked: revoked.collect(),
        })
    }
}

fn damaged(error: impl std::fmt::Display) -> Failure {
    Failure::unable(format!("a CRL in the store is damaged: {error}"))
}
