//! What a hook is told: an entry of the journal, and the certificate that it is about.

use hermetic_authority::Profiles;
use hermetic_config::HookEvent;
use hermetic_store::{CertificateRecord, JournalEntry, Store, StoreError};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::output;

/// The version of what is told.
const SCHEMA: &str = "hermetic.event/1";

/// Something that happened to a certificate.
#[derive(Clone, Debug, Serialize)]
pub struct Event {
    schema: &'static str,
    /// The number of its journal entry: who is told it twice knows it by that.
    pub number: u64,
    #[serde(serialize_with = "word")]
    pub event: HookEvent,
    at: Timestamp,
    /// What the certificate is used as.
    subject: String,
    /// The certificate; absent where there is none, or it is not in the store.
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<Certificate>,
    /// The serial number of the one in whose place it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    replaces: Option<String>,
    /// Why, of a failure or a revocation.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// How many attempts have failed in a row.
    #[serde(skip_serializing_if = "Option::is_none")]
    failures: Option<u64>,
    /// When it is tried again.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_attempt: Option<Timestamp>,
    /// How near its end it is: `warning`, `last twentieth`, `last fiftieth` or `expired`.
    #[serde(skip_serializing_if = "Option::is_none")]
    threshold: Option<String>,
    /// Whole days until its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    days_left: Option<i64>,
}

/// A certificate in it.
#[derive(Clone, Debug, Serialize)]
struct Certificate {
    serial: String,
    names: Vec<String>,
    profile: String,
    /// Who signed, where that was here.
    #[serde(skip_serializing_if = "Option::is_none")]
    authority: Option<String>,
    not_before: Timestamp,
    not_after: Timestamp,
}

/// What an entry of this kind may be; most are nothing that hooks are told of.
fn may_be(kind: &str) -> &'static [HookEvent] {
    match kind {
        "certificate.issued" | "certificate.imported" => &[HookEvent::Issue, HookEvent::Renewal],
        "renewal.failed" | "request.refused" => &[HookEvent::Failure],
        "certificate.near_expiry" => &[HookEvent::NearExpiry],
        "certificate.revoked" => &[HookEvent::Revocation],
        _ => &[],
    }
}

impl Event {
    /// The event that an entry is, where it is one of those that are wanted. The certificate is looked up only
    /// where it may be.
    pub async fn of(
        entry: &JournalEntry,
        wanted: &[HookEvent],
        store: &Store,
    ) -> Result<Option<Self>, StoreError> {
        let kinds = may_be(&entry.kind);
        let Some(first) = kinds.first().filter(|_| kinds.iter().any(|kind| wanted.contains(kind))) else {
            return Ok(None);
        };
        let record = match text(&entry.body, "serial") {
            Some(serial) => found(store.certificate(&serial).await)?,
            None => None,
        };
        if record.as_ref().is_some_and(is_of_the_house) {
            return Ok(None);
        }
        let replaced = match record.as_ref().and_then(|record| record.replaces) {
            Some(replaced) => store.certificate_by_id(replaced).await?,
            None => None,
        };
        let event = match (first, &replaced) {
            (HookEvent::Issue, Some(_)) => HookEvent::Renewal,
            (other, _) => *other,
        };
        Ok(wanted.contains(&event).then(|| Self::told(entry, event, record, replaced)))
    }

    fn told(
        entry: &JournalEntry,
        event: HookEvent,
        record: Option<CertificateRecord>,
        replaced: Option<CertificateRecord>,
    ) -> Self {
        let body = &entry.body;
        let subject = text(body, "subject").or_else(|| record.as_ref().map(|record| record.subject.clone()));
        let refused = (entry.kind == "request.refused").then(|| text(body, "result")).flatten();
        Self {
            schema: SCHEMA,
            number: entry.number,
            event,
            at: entry.at,
            subject: subject.unwrap_or_default(),
            certificate: record.map(Certificate::of),
            replaces: replaced.map(|replaced| replaced.serial),
            reason: text(body, "reason").or(refused),
            failures: body.get("failures").and_then(Value::as_u64),
            next_attempt: text(body, "next_attempt").and_then(|text| text.parse().ok()),
            threshold: text(body, "threshold"),
            days_left: body.get("days_left").and_then(Value::as_i64),
        }
    }
}

impl Event {
    /// It as a line for people.
    pub fn line(&self) -> String {
        let serial = self.certificate.as_ref().map(|certificate| certificate.serial.as_str());
        let words = [
            Some(self.at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()),
            Some(format!("{:<11}", self.event.as_str())),
            Some(self.subject.clone()),
            serial.map(str::to_owned),
            self.threshold.clone(),
            self.reason.clone(),
        ];
        words.into_iter().flatten().map(|word| output::plain(&word)).collect::<Vec<_>>().join("  ")
    }
}

impl Certificate {
    fn of(record: CertificateRecord) -> Self {
        let CertificateRecord { serial, names, profile, authority, not_before, not_after, .. } = record;
        let authority = authority.map(|issuer| issuer.generation.name);
        Self { serial, names, profile, authority, not_before, not_after }
    }
}

/// Certificates of authorities, and of those who answer OCSP for them, are the house's own matter.
fn is_of_the_house(record: &CertificateRecord) -> bool {
    [Profiles::OF_AUTHORITIES, hermetic_store::Intent::OCSP].contains(&record.profile.as_str())
}

/// One that is not told apart from others is told of without its particulars.
fn found(
    found: Result<Option<CertificateRecord>, StoreError>,
) -> Result<Option<CertificateRecord>, StoreError> {
    match found {
        Err(StoreError::Ambiguous(_)) => Ok(None),
        other => other,
    }
}

fn text(body: &Value, member: &str) -> Option<String> {
    body.get(member).and_then(Value::as_str).map(str::to_owned)
}

fn word<S: serde::Serializer>(event: &HookEvent, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(event.as_str())
}
