//! `hermetic cert list`: the certificates of the store, page by page.

use std::ops::ControlFlow;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use hermetic_hop::relative;
use hermetic_store::{
    CertificateFilter, CertificateRecord, CertificateState, Cursor, NameFilter, Order, Origin, Revocation,
    Store,
};
use hermetic_tls::{Clock, Identity, SystemClock};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::chain_pem;
use crate::arguments::{Format, List, Standing};
use crate::data;
use crate::exit::{Exit, Failure};
use crate::output::table::{Cell, Column, Table};
use crate::output::{self, JsonList};

/// How many digits of a serial number tell certificates apart in a list.
const DIGITS: usize = 12;

/// How many are held at once. Each page of a table has its own headings, for its columns are as wide as it needs.
const PAGE: usize = 1000;

/// One certificate in what `--format json` prints.
#[derive(Serialize)]
pub(super) struct Listed {
    serial: String,
    state: CertificateState,
    origin: Origin,
    authority: String,
    profile: String,
    subject: String,
    identities: Vec<String>,
    key: String,
    chain_pem: String,
    not_before: Timestamp,
    not_after: Timestamp,
    at: Timestamp,
    revocation: Option<Revocation>,
}

impl Listed {
    pub(super) fn of(record: CertificateRecord) -> Self {
        Self {
            chain_pem: chain_pem(&record),
            authority: signer(&record).to_owned(),
            serial: record.serial,
            state: record.state,
            origin: record.origin,
            profile: record.profile,
            subject: record.subject,
            identities: record.names,
            key: record.key_algorithm,
            not_before: record.not_before,
            not_after: record.not_after,
            at: record.at,
            revocation: record.revocation,
        }
    }
}

/// Prints those that are asked for, the newest first; where their ends matter, what ends soonest.
pub async fn run(arguments: &List) -> Result<Exit, Failure> {
    let store = data::Place::open_to_read(&arguments.place).await?;
    let now = SystemClock.now();
    let pages = Pages {
        order: if arguments.expires_within.is_some() { Order::SoonestExpiry } else { Order::Newest },
        filter: filter(arguments, now),
        left: arguments.limit.map(|limit| limit as usize),
        after: arguments.after,
        store,
    };
    match arguments.format {
        Format::Json => print_json(pages).await?,
        Format::Table => print_tables(pages, now).await?,
    }
    Ok(Exit::Fine)
}

fn filter(arguments: &List, now: Timestamp) -> CertificateFilter {
    let name = |name: &Identity| NameFilter::Serving(name.to_string());
    let below = |domain: &Identity| NameFilter::Below(domain.to_string());
    let by_standing = match arguments.state {
        None => CertificateFilter::default(),
        Some(Standing::Issued) => {
            CertificateFilter { expires_after: Some(now), ..in_state(CertificateState::Issued) }
        }
        Some(Standing::Expired) => {
            CertificateFilter { expires_before: Some(now), ..in_state(CertificateState::Issued) }
        }
        Some(Standing::Revoked) => in_state(CertificateState::Revoked),
        Some(Standing::PresumedIssued) => in_state(CertificateState::PresumedIssued),
        Some(Standing::Intended) => in_state(CertificateState::Intended),
    };
    let CertificateFilter { expires_before, expires_after, .. } = by_standing;
    let within = arguments.expires_within.map(|within| ahead(now, within));
    CertificateFilter {
        name: arguments.name.as_ref().map(name).or_else(|| arguments.below.as_ref().map(below)),
        authority: arguments.issuer.clone(),
        subject: arguments.used_as.clone(),
        profile: arguments.profile.clone(),
        in_use: (arguments.in_use || arguments.unused).then_some(arguments.in_use),
        expires_before: expires_before.into_iter().chain(within).min(),
        expires_after: expires_after.or(within.map(|_| now)),
        ..by_standing
    }
}

fn in_state(state: CertificateState) -> CertificateFilter {
    CertificateFilter { state: Some(state), ..CertificateFilter::default() }
}

fn ahead(now: Timestamp, time: Duration) -> Timestamp {
    now.checked_add(time).unwrap_or(Timestamp::MAX)
}

/// What is asked for, of which one page is held.
struct Pages {
    store: Store,
    filter: CertificateFilter,
    order: Order,
    /// How many more may be printed; `None`: all.
    left: Option<usize>,
    after: Option<Cursor>,
}

impl Pages {
    /// The next page; `None` once all that may be printed was given. What stands in `after` then is where it
    /// goes on.
    async fn next(&mut self) -> Result<Option<Vec<CertificateRecord>>, Failure> {
        let most = self.left.map_or(PAGE, |left| left.min(PAGE));
        if most == 0 {
            return Ok(None);
        }
        let page = self.store.search(&self.filter, self.order, self.after, most).await?;
        self.after = page.next;
        self.left = match page.next {
            None => Some(0),
            Some(_) => self.left.map(|left| left.saturating_sub(page.certificates.len())),
        };
        Ok(Some(page.certificates))
    }
}

async fn print_json(mut pages: Pages) -> Result<(), Failure> {
    let mut list = JsonList::begin("hermetic.certificates/1", "certificates")?;
    while let Some(page) = pages.next().await? {
        if list.page(page.into_iter().map(Listed::of))?.is_break() {
            return Ok(());
        }
    }
    list.end([("next", pages.after.map_or(Value::Null, |next| next.to_string().into()))])
}

async fn print_tables(mut pages: Pages, now: Timestamp) -> Result<(), Failure> {
    let mut is_first = true;
    while let Some(page) = pages.next().await? {
        let text = match page.as_slice() {
            [] if is_first => "there is no such certificate\n".to_owned(),
            page => table(page, now).render(output::width()),
        };
        is_first = false;
        if output::print_while_read(&text)? == ControlFlow::Break(()) {
            return Ok(());
        }
    }
    if let Some(next) = pages.after {
        anstream::eprintln!("there are more: --after {next}");
    }
    Ok(())
}

fn table(certificates: &[CertificateRecord], now: Timestamp) -> Table {
    let columns = [
        Column::keep("SERIAL"),
        Column::keep("FOR"),
        Column::cut("NAMES"),
        Column::keep("EXPIRES"),
        Column::drop("ISSUED", 1),
        Column::drop("STATE", 2),
    ];
    let mut table = Table::new(columns);
    for certificate in certificates {
        table.row([
            Cell::from(certificate.serial.chars().take(DIGITS).collect::<String>()),
            Cell::from(certificate.subject.as_str()),
            Cell::from(certificate.names.join(", ")),
            expiry(certificate.not_after, now),
            Cell::from(relative(certificate.at, now).to_string()),
            Cell::from(standing(certificate, now)),
        ]);
    }
    table
}

/// When it expires; past that in colour.
fn expiry(at: Timestamp, now: Timestamp) -> Cell {
    let when = relative(at, now).to_string();
    if at < now {
        Cell::styled(format!("expired {when}"), AnsiColor::Red.on_default())
    } else {
        Cell::styled(when, Style::new())
    }
}

/// How it stands, in words.
pub(super) fn standing(certificate: &CertificateRecord, now: Timestamp) -> &'static str {
    match (certificate.state, certificate.origin) {
        (CertificateState::Intended, _) => "about to be signed",
        (CertificateState::Issued, _) if certificate.not_after < now => "expired",
        (CertificateState::Issued, Origin::Issued) => "issued",
        (CertificateState::Issued, Origin::Imported) => "imported",
        (CertificateState::Issued, Origin::SelfSigned) => "self-signed, for tests",
        (CertificateState::PresumedIssued, _) => "presumed issued",
        (CertificateState::Revoked, _) => "revoked",
    }
}

/// The name of the authority that signed; empty where that is elsewhere.
pub(super) fn signer(certificate: &CertificateRecord) -> &str {
    certificate.authority.as_ref().map(|issuer| issuer.generation.name.as_str()).unwrap_or_default()
}

#[cfg(test)]
pub(super) mod tests {
    use hermetic_store::{AuthorityId, CertificateId, Generation, Issuer, Origin};

    use super::*;

    pub(in crate::commands::cert) fn now() -> Timestamp {
        "2026-11-24T02:20:11Z".parse().unwrap()
    }

    pub(in crate::commands::cert) fn record(
        serial: &str,
        subject: &str,
        names: &[&str],
        hours: i64,
    ) -> CertificateRecord {
        CertificateRecord {
            id: CertificateId(1),
            serial: serial.to_owned(),
            authority: Some(Issuer { id: AuthorityId(2), generation: Generation::first("intermediate") }),
            origin: Origin::Issued,
            state: CertificateState::Issued,
            revocation: None,
            profile: "both".to_owned(),
            subject: subject.to_owned(),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            key_algorithm: "P-256".to_owned(),
            key_fingerprint: None,
            shard: 0,
            exportable: false,
            exported_at: None,
            not_before: now() - jiff::SignedDuration::from_hours(1),
            not_after: now() + jiff::SignedDuration::from_hours(hours),
            at: now() - jiff::SignedDuration::from_hours(1),
            replaces: None,
            requester: String::new(),
            certificate: None,
            issuers_pem: "-----BEGIN CERTIFICATE-----\nMIIB…\n-----END CERTIFICATE-----\n".to_owned(),
            sealed_key: None,
        }
    }

    #[test]
    fn a_list_shows_for_whom_and_until_when() {
        let crashed =
            CertificateRecord { state: CertificateState::PresumedIssued, ..record("77aa", "app", &[], 23) };
        let list = [
            record(
                "3f0a7c21b4de5590a1c2d3e4f5061728394a5b6c",
                "edge",
                &["dns:localhost", "ip:127.0.0.1", "spiffe://hermetic.internal/edge"],
                23,
            ),
            crashed,
            record(
                "9b1122334455667788990011223344556677",
                "balancer",
                &["spiffe://hermetic.internal/balancer"],
                -50,
            ),
        ];
        let shown = |width| anstream::adapter::strip_str(&table(&list, now()).render(width)).to_string();
        insta::assert_snapshot!(format!("{}\n{}", shown(None), shown(Some(80))));
    }
}
