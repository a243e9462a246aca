//! Findings in the AWS Security Finding Format, as Security Hub's `BatchImportFindings` takes them.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Compliance, Control, Finding, Reported, Severity, Status};

mod resource_type;

pub use resource_type::resource_type;

/// The longest title and description that Security Hub takes, in characters.
const TITLE: usize = 256;
const DESCRIPTION: usize = 1024;
/// The most types and requirements that it takes.
const TYPES: usize = 50;
const REQUIREMENTS: usize = 32;

/// Below these stand the types of all findings.
const CHECKS: &str = "Software and Configuration Checks";

/// Whose Security Hub the findings are for.
#[derive(Clone, Copy, Debug)]
pub struct Account<'a> {
    /// The account's twelve digits.
    pub id: &'a str,
    /// The region.
    pub region: &'a str,
}

/// The findings, of which 100 go into one call.
pub fn findings<'a>(
    account: Account<'_>,
    controls: &[Control],
    reported: impl IntoIterator<Item = Reported<'a>>,
    at: Timestamp,
) -> Vec<Value> {
    reported.into_iter().map(|reported| finding(account, controls, &reported, at)).collect()
}

/// One of them.
pub fn finding(
    Account { id: account, region }: Account<'_>,
    controls: &[Control],
    reported: &Reported<'_>,
    at: Timestamp,
) -> Value {
    let Reported { finding, resource, compliance, status, .. } = reported;
    let title = controls.iter().find(|control| control.id == finding.control).map(|control| control.title);
    let title = format!("{}: {}", finding.control, title.unwrap_or_default());
    let description = format!("{}: {}", resource.name, finding.reason);
    let resource_id = format!("hermetic:{}/{}", resource.kind, resource.id);
    let details: serde_json::Map<_, _> =
        resource.details.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    let (severity, types) = (severity(finding, *status), types(*compliance));
    json!({
        "SchemaVersion": "2018-10-08",
        "Id": format!("{resource_id}/{}", finding.control),
        "ProductArn": format!("arn:aws:securityhub:{region}:{account}:product/{account}/default"),
        "ProductName": "Hermetic",
        "CompanyName": "Hermetic",
        "GeneratorId": format!("hermetic/{}", finding.control),
        "AwsAccountId": account,
        "Types": types,
        "CreatedAt": at,
        "UpdatedAt": at,
        "Severity": severity,
        "Title": cut(&title, TITLE),
        "Description": cut(&description, DESCRIPTION),
        "Remediation": { "Recommendation": { "Text": cut(&finding.remedy, 512) } },
        "Resources": [{
            "Type": resource_type(resource.kind),
            "Id": resource_id,
            "Partition": "aws",
            "Region": region,
            "Details": { "Other": details },
        }],
        "Compliance": compliance_of(reported),
        // Where findings are imported again, Security Hub takes these and leaves what a customer has changed.
        "FindingProviderFields": { "Severity": severity, "Types": types },
        "Workflow": { "Status": if *status == Status::Excepted { "SUPPRESSED" } else { "NEW" } },
        "RecordState": "ACTIVE",
    })
}

/// That a control could not be judged, for the reason of this finding: no result is available.
pub fn undecided(
    account: Account<'_>,
    controls: &[Control],
    reported: &Reported<'_>,
    at: Timestamp,
) -> Value {
    finding(account, controls, &Reported { status: Status::NotApplicable, ..reported.clone() }, at)
}

/// What holds, and what nobody can tell, is only to be known of.
fn severity(finding: &Finding, status: Status) -> Value {
    let severity = match status {
        Status::Fail | Status::Excepted => finding.severity,
        Status::Unknown | Status::Pass | Status::NotApplicable => Severity::Informational,
    };
    json!({ "Label": severity.as_str().to_ascii_uppercase(), "Original": finding.severity })
}

/// Namespace, category and classifier of each: AWS's practices, and the regulations that ask for the control.
fn types(compliance: Option<&Compliance<'_>>) -> Vec<String> {
    let standards = compliance.into_iter().flat_map(|compliance| &compliance.standards);
    let regulations = standards
        .filter_map(|standard| standard.finding_type)
        .map(|name| format!("{CHECKS}/Industry and Regulatory Standards/{name}"));
    std::iter::once(format!("{CHECKS}/AWS Security Best Practices")).chain(regulations).take(TYPES).collect()
}

/// A warning says that something is missing to tell, or that it is only as well to know.
fn compliance_of(Reported { finding, status, compliance, .. }: &Reported<'_>) -> Value {
    let status = match status {
        Status::Fail if !finding.falls_short() => "WARNING",
        Status::Fail | Status::Excepted => "FAILED",
        Status::Unknown => "WARNING",
        Status::Pass => "PASSED",
        Status::NotApplicable => "NOT_AVAILABLE",
    };
    let mut told = serde_json::Map::from_iter([("Status".to_owned(), json!(status))]);
    let Some(Compliance { security_control, standards, requirements }) = compliance else {
        return Value::Object(told);
    };
    if !requirements.is_empty() {
        let requirements: Vec<&&str> = requirements.iter().take(REQUIREMENTS).collect();
        told.insert("RelatedRequirements".to_owned(), json!(requirements));
    }
    if let Some(id) = security_control {
        told.insert("SecurityControlId".to_owned(), json!(id));
    }
    let standards: Vec<Value> =
        standards.iter().filter_map(|standard| Some(json!({ "StandardsId": standard.id? }))).collect();
    if !standards.is_empty() {
        told.insert("AssociatedStandards".to_owned(), json!(standards));
    }
    Value::Object(told)
}

fn cut(text: &str, longest: usize) -> String {
    text.chars().take(longest).collect()
}

#[cfg(test)]
mod tests {
    use super::super::samples::{CONTROLS, compliance, finding, resource};
    use super::*;

    const ACCOUNT: Account<'_> = Account { id: "123456789012", region: "eu-central-1" };

    #[test]
    fn a_finding_has_all_that_security_hub_asks_for() {
        let (finding, compliance) = (finding(), compliance());
        let bucket = super::super::Resource { kind: "AWS::S3::Bucket", ..resource() };
        let reported = [Reported { compliance: Some(&compliance), ..Reported::failing(&finding, bucket) }];
        let at = "2026-11-24T02:20:11Z".parse().unwrap();
        let found = findings(ACCOUNT, &CONTROLS, reported, at);
        insta::assert_snapshot!(serde_json::to_string_pretty(&found).unwrap());
    }

    #[test]
    fn what_nobody_can_tell_is_a_warning_and_what_is_excepted_is_suppressed() {
        let finding = finding();
        for (status, told, workflow, severity) in [
            (Status::Fail, "FAILED", "NEW", "HIGH"),
            (Status::Unknown, "WARNING", "NEW", "INFORMATIONAL"),
            (Status::Pass, "PASSED", "NEW", "INFORMATIONAL"),
            (Status::Excepted, "FAILED", "SUPPRESSED", "HIGH"),
        ] {
            let reported = Reported { status, ..Reported::failing(&finding, resource()) };
            let finding = super::finding(ACCOUNT, &CONTROLS, &reported, Timestamp::UNIX_EPOCH);
            assert_eq!(finding["Compliance"]["Status"], told);
            assert_eq!(finding["Workflow"]["Status"], workflow);
            assert_eq!(finding["Severity"]["Label"], severity);
            assert_eq!(finding["FindingProviderFields"]["Severity"], finding["Severity"]);
        }
    }

    #[test]
    fn what_could_not_be_judged_neither_failed_nor_passed() {
        let finding = finding();
        let reported = Reported::failing(&finding, resource());
        let told = undecided(ACCOUNT, &CONTROLS, &reported, Timestamp::UNIX_EPOCH);
        assert_eq!(told["Compliance"]["Status"], "NOT_AVAILABLE");
    }
}
