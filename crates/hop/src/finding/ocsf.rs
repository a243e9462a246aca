//! Findings as OCSF events, which Security Hub's newer findings, Security Lake and most SIEMs read: the class
//! Compliance Finding (2003) of OCSF 1.8.0.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Control, Reported, Severity};

/// The version of the schema.
const SCHEMA: &str = "1.8.0";

/// Compliance Finding, in the category Findings.
const CLASS: u32 = 2003;
const CATEGORY: u32 = 2;

/// The activity: each run tells of what is there now. Whoever keeps findings knows one again by its `uid`.
const CREATE: u32 = 1;

/// The findings, an event for each.
pub fn findings<'a>(
    version: &str,
    controls: &[Control],
    reported: impl IntoIterator<Item = Reported<'a>>,
    at: Timestamp,
) -> Vec<Value> {
    reported.into_iter().map(|reported| finding(version, controls, &reported, at)).collect()
}

/// One of them.
pub fn finding(version: &str, controls: &[Control], reported: &Reported<'_>, at: Timestamp) -> Value {
    let status = if reported.finding.falls_short() { ("Fail", 3) } else { ("Warning", 2) };
    of_status(version, controls, reported, at, status)
}

/// That a control could not be judged, for the reason of this finding.
pub fn undecided(version: &str, controls: &[Control], reported: &Reported<'_>, at: Timestamp) -> Value {
    of_status(version, controls, reported, at, ("Unknown", 0))
}

fn of_status(
    version: &str,
    controls: &[Control],
    Reported { finding, resource }: &Reported<'_>,
    at: Timestamp,
    (status, status_id): (&str, u32),
) -> Value {
    let title = controls.iter().find(|control| control.id == finding.control).map(|control| control.title);
    let (severity, severity_id) = severity(finding.severity);
    let resource_id = format!("hermetic:{}/{}", resource.kind, resource.id);
    let details: serde_json::Map<_, _> =
        resource.details.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    json!({
        "class_uid": CLASS,
        "class_name": "Compliance Finding",
        "category_uid": CATEGORY,
        "category_name": "Findings",
        "activity_id": CREATE,
        "activity_name": "Create",
        "type_uid": CLASS * 100 + CREATE,
        "type_name": "Compliance Finding: Create",
        "time": at.as_millisecond(),
        "severity_id": severity_id,
        "severity": severity,
        "status_id": 1,
        "status": "New",
        "message": format!("{}: {}", resource.name, finding.reason),
        "metadata": {
            "version": SCHEMA,
            "product": { "name": "Hermetic", "vendor_name": "Hermetic", "version": version },
        },
        "finding_info": {
            "uid": format!("{resource_id}/{}", finding.control),
            "title": title.unwrap_or(finding.control),
            "desc": finding.reason,
        },
        "compliance": { "control": finding.control, "status_id": status_id, "status": status },
        "remediation": { "desc": finding.remedy },
        "resources": [{
            "uid": resource_id,
            "name": resource.name,
            "type": resource.kind,
            "data": details,
        }],
    })
}

/// Its caption and number in OCSF.
fn severity(severity: Severity) -> (&'static str, u32) {
    match severity {
        Severity::Informational => ("Informational", 1),
        Severity::Low => ("Low", 2),
        Severity::Medium => ("Medium", 3),
        Severity::High => ("High", 4),
        Severity::Critical => ("Critical", 5),
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{CONTROLS, finding, resource};
    use super::*;

    #[test]
    fn a_finding_is_an_event_of_its_class_with_what_to_do() {
        let finding = finding();
        let reported = [Reported { finding: &finding, resource: resource() }];
        let at = "2026-11-24T02:20:11Z".parse().unwrap();
        let found = findings("0.1.0", &CONTROLS, reported, at);
        insta::assert_snapshot!(serde_json::to_string_pretty(&found).unwrap());
    }

    #[test]
    fn what_could_not_be_judged_has_an_unknown_status() {
        let finding = finding();
        let reported = Reported { finding: &finding, resource: resource() };
        let told = undecided("0.1.0", &CONTROLS, &reported, Timestamp::UNIX_EPOCH);
        assert_eq!(
            (&told["compliance"]["status_id"], &told["compliance"]["status"]),
            (&0.into(), &"Unknown".into())
        );
    }
}
