//! `hermetic cert revoke`: a certificate that nobody is to believe any more.

use std::path::Path;

use hermetic_authority::{Authority, RevokedNow};
use hermetic_store::RevocationListRecord;
use hermetic_tls::SystemClock;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::admin::client::{Admin, AskError};
use crate::arguments::{Format, Revoke};
use crate::data::Place;
use crate::exit::{Exit, Failure};
use crate::output;

/// What a running instance is asked.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// The serial number, or its beginning.
    pub serial: String,
    /// Why, by its name in RFC 5280.
    pub reason: String,
}

/// What it answers, and what `--format json` prints.
#[derive(Debug, Deserialize, Serialize)]
pub struct RevocationReport {
    /// `hermetic.certificate-revocation/1`.
    pub schema: String,
    /// The serial number.
    pub serial: String,
    /// What it was used as.
    pub subject: String,
    /// Who had issued it.
    pub authority: Issuer,
    /// From when on it is revoked.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
    /// The CRL that tells of it; none where the configuration names no address to publish at.
    pub crl: Option<Listed>,
    /// Why that can't be signed for now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crl_failure: Option<String>,
}

/// An authority.
#[derive(Debug, Deserialize, Serialize)]
pub struct Issuer {
    /// Its name.
    pub name: String,
    /// Its generation.
    pub generation: u32,
}

/// A CRL.
#[derive(Debug, Deserialize, Serialize)]
pub struct Listed {
    /// Which of its authority's.
    pub shard: u32,
    /// Its number.
    pub number: u64,
    /// When it was signed.
    pub this_update: Timestamp,
    /// From when on it is stale.
    pub next_update: Timestamp,
}

/// Revokes it, by the running instance where there is one: that lets nobody in with it any more, at once.
pub async fn run(arguments: &Revoke) -> Result<Exit, Failure> {
    let place = Place::find(&arguments.place, Path::new(""), &SystemClock)?;
    let serial = arguments.serial.to_ascii_lowercase().replace(':', "");
    let order = Order { serial, reason: arguments.reason.name().to_owned() };
    let report: RevocationReport = match Admin::of(&place.data).post("/v1/certificates/revoke", &order).await
    {
        Err(AskError::NoInstance { .. }) => {
            RevocationReport::by(&super::beside(&place).await?, &order).await?
        }
        answered => answered?,
    };
    match arguments.format {
        Format::Json => output::print_json(&report)?,
        Format::Table => output::print(&report.text())?,
    }
    match report.crl_failure {
        None => Ok(Exit::Fine),
        Some(reason) => Err(Failure::unable(format!(
            "the certificate is revoked, and the CRL that tells of it can't be signed: {reason}"
        ))
        .remedy("a running instance signs it as soon as it can; nothing has to be revoked again")),
    }
}

impl RevocationReport {
    /// Revokes a certificate.
    pub async fn by(authority: &Authority, order: &Order) -> Result<Self, Failure> {
        let reason = order.reason.parse().map_err(|error| Failure::wrong(format!("{error}")))?;
        Ok(Self::of(authority.revoke(&order.serial, reason).await?))
    }

    fn of(revoked: RevokedNow) -> Self {
        let RevokedNow { serial, subject, authority, at, reason, list } = revoked;
        let (crl, crl_failure) = match list {
            Ok(list) => (list.map(Listed::of), None),
            Err(error) => (None, Some(error.to_string())),
        };
        Self {
            schema: "hermetic.certificate-revocation/1".to_owned(),
            serial,
            subject,
            authority: Issuer { name: authority.name, generation: authority.generation },
            at,
            reason: reason.name().to_owned(),
            crl,
            crl_failure,
        }
    }

    fn text(&self) -> String {
        let instant = |at: Timestamp| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
        let crl = match &self.crl {
            Some(Listed { shard, number, next_update, .. }) => {
                format!("shard {shard}, number {number}, good until {}", instant(*next_update))
            }
            None if self.crl_failure.is_some() => "not signed".to_owned(),
            None => "none; the configuration names no address to publish at".to_owned(),
        };
        let fields = [
            ("revoked", self.serial.clone()),
            ("for", self.subject.clone()),
            ("signed by", format!("{} {}", self.authority.name, self.authority.generation)),
            ("at", instant(self.at)),
            ("reason", self.reason.clone()),
            ("crl", crl),
        ];
        fields.map(|(label, value)| format!("{label:<9} {}\n", output::plain(&value))).concat()
    }
}

impl Listed {
    fn of(list: RevocationListRecord) -> Self {
        let RevocationListRecord { shard, number, this_update, next_update, .. } = list;
        Self { shard, number, this_update, next_update }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> RevocationReport {
        RevocationReport {
            schema: "hermetic.certificate-revocation/1".to_owned(),
            serial: "3f0a7c21b4de5590".to_owned(),
            subject: "identity edge".to_owned(),
            authority: Issuer { name: "intermediate".to_owned(), generation: 1 },
            at: "2026-11-24T02:20:11Z".parse().unwrap(),
            reason: "keyCompromise".to_owned(),
            crl: Some(Listed {
                shard: 3,
                number: 17,
                this_update: "2026-11-24T02:20:11Z".parse().unwrap(),
                next_update: "2026-12-01T02:20:11Z".parse().unwrap(),
            }),
            crl_failure: None,
        }
    }

    #[test]
    fn a_revocation_is_told_with_its_list() {
        insta::assert_snapshot!(report().text(), @r"
        revoked   3f0a7c21b4de5590
        for       identity edge
        signed by intermediate 1
        at        2026-11-24 02:20:11 UTC
        reason    keyCompromise
        crl       shard 3, number 17, good until 2026-12-01 02:20:11 UTC
        ");
    }

    #[test]
    fn where_nothing_is_published_that_is_told() {
        let told = RevocationReport { crl: None, ..report() }.text();
        assert!(told.contains("names no address to publish at"), "{told}");
    }
}
