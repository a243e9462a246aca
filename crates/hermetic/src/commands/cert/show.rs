//! `hermetic cert show`: one certificate.

use hermetic_hop::relative;
use hermetic_store::CertificateRecord;
use hermetic_tls::{Clock, SystemClock};
use jiff::Timestamp;

use super::{chain_pem, list};
use crate::arguments::{CertificateFormat, Place};
use crate::data;
use crate::exit::{Exit, Failure};
use crate::output;

/// Prints the certificate whose serial number begins like this.
pub async fn run(serial: &str, format: CertificateFormat, place: &Place) -> Result<Exit, Failure> {
    let found = data::Place::open_to_read(place)
        .await?
        .certificate(&serial.to_ascii_lowercase().replace(':', ""))
        .await?;
    let certificate = found.ok_or_else(|| {
        Failure::wrong(format!("no certificate's serial number begins with {serial}"))
            .remedy("`hermetic cert list` shows all serial numbers")
    })?;
    match format {
        CertificateFormat::Json => output::print_json(&list::Listed::of(certificate))?,
        CertificateFormat::Pem => output::print(&chain_pem(&certificate))?,
        CertificateFormat::Table => output::print(&text(&certificate, SystemClock.now()))?,
    }
    Ok(Exit::Fine)
}

fn text(certificate: &CertificateRecord, now: Timestamp) -> String {
    let instant = |at: Timestamp| format!("{} ({})", at.strftime("%Y-%m-%d %H:%M:%S UTC"), relative(at, now));
    let fields = [
        ("serial", certificate.serial.clone()),
        ("for", certificate.subject.clone()),
        ("names", certificate.names.join("\n          ")),
        ("state", list::state(certificate.state).to_owned()),
        ("signed by", list::signer(certificate).to_owned()),
        ("from", instant(certificate.not_before)),
        ("until", instant(certificate.not_after)),
    ];
    let lines = fields.map(|(label, value)| {
        let value: Vec<_> = value.lines().map(output::plain).collect();
        format!("{label:<9} {}\n", value.join("\n"))
    });
    format!("{}\n{}", lines.concat(), chain_pem(certificate))
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
            now()
        ));
    }
}
