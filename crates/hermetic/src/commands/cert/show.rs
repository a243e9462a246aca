//! `hermetic cert show`: one certificate.

use hermetic_hop::relative;
use hermetic_store::{CertificateRecord, CertificateUse};
use hermetic_tls::{Clock, SystemClock};
use hermetic_x509::{CertificateDescription, EncodingError, certificate_text, describe};
use jiff::Timestamp;
use serde::Serialize;

use super::list::{self, Listed};
use super::{chain_pem, meant::meant};
use crate::arguments::{CertificateFormat, Show};
use crate::data;
use crate::exit::{Exit, Failure};
use crate::output;

/// What `--format json` prints.
#[derive(Serialize)]
struct Shown {
    schema: &'static str,
    #[serde(flatten)]
    listed: Listed,
    /// Which nodes use it, and as what.
    in_use: Vec<Use>,
    /// Whether its private key is in the store.
    has_key: bool,
    exportable: bool,
    exported_at: Option<Timestamp>,
    requester: String,
    /// What it says itself; `None` where it was never signed.
    certificate: Option<CertificateDescription>,
}

#[derive(Serialize)]
struct Use {
    node: String,
    subject: String,
    seen_at: Timestamp,
}

/// Prints the certificate that is meant.
pub async fn run(arguments: &Show) -> Result<Exit, Failure> {
    let store = data::Place::open_to_read(&arguments.place).await?;
    let certificate = meant(&store, &arguments.certificate).await?;
    match arguments.format {
        CertificateFormat::Json => {
            let uses = store.uses(certificate.id).await?;
            output::print_json(&shown(certificate, uses)?)?;
        }
        CertificateFormat::Pem => output::print(&chain_pem(&certificate))?,
        CertificateFormat::Text => {
            output::print(&certificate_text(signed(&certificate)?).map_err(|error| unread(&error))?)?;
        }
        CertificateFormat::Table => {
            let uses = store.uses(certificate.id).await?;
            output::print(&text(&certificate, &uses, SystemClock.now()))?;
        }
    }
    Ok(Exit::Fine)
}

fn shown(certificate: CertificateRecord, uses: Vec<CertificateUse>) -> Result<Shown, Failure> {
    let described = certificate.certificate.as_deref().map(describe).transpose();
    let of_use = |CertificateUse { node, subject, seen_at, .. }| Use { node, subject, seen_at };
    Ok(Shown {
        schema: "hermetic.certificate/1",
        certificate: described.map_err(|error| unread(&error))?,
        in_use: uses.into_iter().map(of_use).collect(),
        has_key: certificate.sealed_key.is_some(),
        exportable: certificate.exportable,
        exported_at: certificate.exported_at,
        requester: certificate.requester.clone(),
        listed: Listed::of(certificate),
    })
}

/// Its DER.
fn signed(certificate: &CertificateRecord) -> Result<&[u8], Failure> {
    let never =
        || Failure::wrong(format!("{} was never handed out, so there is no certificate", certificate.serial));
    certificate.certificate.as_deref().ok_or_else(never)
}

fn unread(error: &EncodingError) -> Failure {
    Failure::unable(format!("the certificate in the store can't be read: {error}"))
}

fn text(certificate: &CertificateRecord, uses: &[CertificateUse], now: Timestamp) -> String {
    let instant = |at: Timestamp| format!("{} ({})", at.strftime("%Y-%m-%d %H:%M:%S UTC"), relative(at, now));
    let fields = [
        ("serial", certificate.serial.clone()),
        ("for", certificate.subject.clone()),
        ("names", certificate.names.join("\n          ")),
        ("state", list::standing(certificate, now).to_owned()),
        ("profile", certificate.profile.clone()),
        ("key", key(certificate)),
        ("signed by", list::signer(certificate).to_owned()),
        ("from", instant(certificate.not_before)),
        ("until", instant(certificate.not_after)),
        ("in use", in_use(uses)),
    ];
    let lines = fields.map(|(label, value)| {
        let value: Vec<_> = value.lines().map(output::plain).collect();
        format!("{label:<9} {}\n", value.join("\n"))
    });
    format!("{}\n{}", lines.concat(), chain_pem(certificate))
}

/// The kind of its key, and where that is.
fn key(certificate: &CertificateRecord) -> String {
    let place = match (certificate.sealed_key.is_some(), certificate.exportable) {
        (false, _) => "elsewhere",
        (true, false) => "in the store",
        (true, true) => "in the store; it may leave",
    };
    format!("{}, {place}", certificate.key_algorithm)
}

fn in_use(uses: &[CertificateUse]) -> String {
    let use_of = |CertificateUse { node, subject, .. }: &CertificateUse| format!("as {subject} on {node}");
    match uses {
        [] => "by no process".to_owned(),
        uses => uses.iter().map(use_of).collect::<Vec<_>>().join("\n          "),
    }
}

#[cfg(test)]
mod tests {
    use super::super::list::tests::{now, record};
    use super::*;

    #[test]
    fn a_certificate_is_shown_with_all_its_names_and_its_chain() {
        let names = ["dns:localhost", "spiffe://hermetic.internal/edge"];
        insta::assert_snapshot!(text(
            &record("3f0a7c21b4de5590a1c2d3e4f5061728394a5b6c", "edge", &names, 23),
            &[],
            now()
        ));
    }
}
