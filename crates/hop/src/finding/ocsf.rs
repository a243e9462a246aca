//! Findings as OCSF events, which Security Hub's newer findings, Security Lake and most SIEMs read: the class
//! Compliance Finding (2003) of OCSF 1.8.0.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Control, Place, Reported, Severity, Standard, Status};

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
    let Reported { finding, resource, .. } = reported;
    let title = controls.iter().find(|control| control.id == finding.control).map(|control| control.title);
    let (severity, severity_id) = severity(finding.severity);
    let (status, status_id) =
        if reported.status == Status::Excepted { ("Suppressed", 3) } else { ("New", 1) };
    let resource_id = format!("hermetic:{}/{}", resource.kind, resource.id);
    let details: serde_json::Map<_, _> =
        resource.details.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    let mut event = json!({
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
        "status_id": status_id,
        "status": status,
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
        "compliance": compliance(reported),
        "remediation": { "desc": finding.remedy },
        "resources": [{
            "uid": resource_id,
            "name": resource.name,
            "type": resource.kind,
            "data": details,
        }],
    });
    if let (Some(place), Some(members)) = (&resource.place, event.as_object_mut()) {
        members.insert("evidences".to_owned(), json!([evidence(place)]));
    }
    event
}

/// That a control could not be judged, for the reason of this finding.
pub fn undecided(version: &str, controls: &[Control], reported: &Reported<'_>, at: Timestamp) -> Value {
    finding(version, controls, &Reported { status: Status::Unknown, ..reported.clone() }, at)
}

/// How the control stands to the resource, and who asks for it. What nobody can tell is unknown; what is only as well
/// to know is a warning.
fn compliance(Reported { finding, status, leave, compliance, .. }: &Reported<'_>) -> Value {
    let (word, id) = match status {
        Status::Fail if !finding.falls_short() => ("Warning", 2),
        Status::Fail | Status::Excepted => ("Fail", 3),
        Status::Pass => ("Pass", 1),
        Status::Unknown | Status::NotApplicable => ("Unknown", 0),
    };
    let mut told = json!({ "control": finding.control, "status_id": id, "status": word });
    if let (Some(compliance), Some(members)) = (compliance, told.as_object_mut()) {
        let titles: Vec<&str> = compliance.standards.iter().map(|Standard { title, .. }| *title).collect();
        members.insert("standards".to_owned(), json!(titles));
        members.insert("requirements".to_owned(), json!(compliance.requirements));
    }
    if let (Some(leave), Some(members)) = (leave, told.as_object_mut()) {
        let exception = leave.exception;
        let accepted =
            format!("accepted until {} by {}: {}", exception.until, exception.owner, exception.reason);
        members.insert("status_details".to_owned(), json!([accepted]));
    }
    told
}

/// The place in the code that shows it.
fn evidence(Place { file, line, column }: &Place<'_>) -> Value {
    const REGULAR_FILE: u32 = 1;
    let name = file.rsplit('/').next().unwrap_or(file);
    json!({
        "file": { "name": name, "path": file, "type_id": REGULAR_FILE },
        "data": { "line": line, "column": column },
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
    use super::super::Leave;
    use super::super::samples::{CONTROLS, compliance, exception, finding, resource};
    use super::*;

    #[test]
    fn a_finding_is_an_event_of_its_class_with_what_to_do() {
        let finding = finding();
        let reported = [Reported::failing(&finding, resource())];
        let at = "2026-11-24T02:20:11Z".parse().unwrap();
        let found = findings("0.1.0", &CONTROLS, reported, at);
        insta::assert_snapshot!(serde_json::to_string_pretty(&found).unwrap());
    }

    #[test]
    fn each_status_has_its_own_word_and_who_asks_for_the_control_is_told() {
        let (finding, exception, compliance) = (finding(), exception(), compliance());
        let leave = Some(Leave { exception: &exception, in_source: false });
        let failing = Reported { compliance: Some(&compliance), ..Reported::failing(&finding, resource()) };
        for (reported, status, suppressed) in [
            (failing.clone(), "Fail", false),
            (Reported { status: Status::Unknown, ..failing.clone() }, "Unknown", false),
            (Reported { status: Status::Pass, ..failing.clone() }, "Pass", false),
            (Reported { status: Status::Excepted, leave, ..failing }, "Fail", true),
        ] {
            let event = super::finding("0.1.0", &CONTROLS, &reported, Timestamp::UNIX_EPOCH);
            assert_eq!(event["compliance"]["status"], status);
            assert_eq!(event["status"] == "Suppressed", suppressed, "{status}");
            assert_eq!(event["compliance"]["requirements"][1], "NIST.800-53.r5 SC-8");
            assert_eq!(event["compliance"]["standards"][0], "PCI DSS 4.0.1");
        }
    }

    #[test]
    fn what_a_file_declares_has_its_place_as_evidence() {
        let finding = finding();
        let place = Some(Place { file: "infra/shop.yaml", line: 12, column: 7 });
        let reported = Reported::failing(&finding, super::super::Resource { place, ..resource() });
        let event = super::finding("0.1.0", &CONTROLS, &reported, Timestamp::UNIX_EPOCH);
        let evidence = &event["evidences"][0];
        assert_eq!((&evidence["file"]["name"], &evidence["data"]["line"]), (&"shop.yaml".into(), &12.into()));
    }

    #[test]
    fn what_could_not_be_judged_has_an_unknown_status() {
        let finding = finding();
        let reported = Reported::failing(&finding, resource());
        let told = undecided("0.1.0", &CONTROLS, &reported, Timestamp::UNIX_EPOCH);
        assert_eq!(
            (&told["compliance"]["status_id"], &told["compliance"]["status"]),
            (&0.into(), &"Unknown".into())
        );
    }
}
