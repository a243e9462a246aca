//! `hermetic cert list`: the certificates that were issued.

use anstyle::{AnsiColor, Style};
use hermetic_hop::relative;
use hermetic_store::{CertificateRecord, CertificateState};
use hermetic_tls::{Clock, SystemClock};
use jiff::Timestamp;
use serde::Serialize;

use super::chain_pem;
use crate::arguments::{Format, Place};
use crate::data;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::table::{Cell, Column, Table};

/// How many digits of a serial number tell certificates apart in a list.
const DIGITS: usize = 12;

/// What `--format json` prints.
#[derive(Serialize)]
struct List {
    schema: &'static str,
    certificates: Vec<Listed>,
}

/// One certificate in it.
#[derive(Serialize)]
pub(super) struct Listed {
    serial: String,
    state: CertificateState,
    authority: String,
    subject: String,
    identities: Vec<String>,
    chain_pem: String,
    not_before: Timestamp,
    not_after: Timestamp,
    at: Timestamp,
}

impl Listed {
    pub(super) fn of(record: CertificateRecord) -> Self {
        Self {
            chain_pem: chain_pem(&record),
            authority: signer(&record).to_owned(),
            serial: record.serial,
            state: record.state,
            subject: record.subject,
            identities: record.names,
            not_before: record.not_before,
            not_after: record.not_after,
            at: record.at,
        }
    }
}

/// Prints them, the newest first.
pub async fn run(format: Format, place: &Place) -> Result<Exit, Failure> {
    let certificates = data::Place::open_to_read(place).await?.certificates().await?;
    match format {
        Format::Json => {
            let certificates = certificates.into_iter().map(Listed::of).collect();
            output::print_json(&List { schema: "hermetic.certificates/1", certificates })?;
        }
        Format::Table if certificates.is_empty() => output::print("no certificate was issued yet\n")?,
        Format::Table => output::print(&table(&certificates, SystemClock.now()).render(output::width()))?,
    }
    Ok(Exit::Fine)
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
            Cell::from(state(certificate.state)),
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

/// The words for a state.
pub(super) fn state(state: CertificateState) -> &'static str {
    match state {
        CertificateState::Intended => "about to be signed",
        CertificateState::Issued => "issued",
        CertificateState::PresumedIssued => "presumed issued",
        CertificateState::Revoked => "revoked",
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
