//! Findings in the AWS Security Finding Format, as Security Hub's `BatchImportFindings` takes them.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Control, Reported};

/// The longest title and description that Security Hub takes, in characters.
const TITLE: usize = 256;
const DESCRIPTION: usize = 1024;

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
pub fn finding(account: Account<'_>, controls: &[Control], reported: &Reported<'_>, at: Timestamp) -> Value {
    let status = if reported.finding.falls_short() { "FAILED" } else { "WARNING" };
    of_status(account, controls, reported, at, status)
}

/// That a control could not be judged, for the reason of this finding.
pub fn undecided(
    account: Account<'_>,
    controls: &[Control],
    reported: &Reported<'_>,
    at: Timestamp,
) -> Value {
    of_status(account, controls, reported, at, "NOT_AVAILABLE")
}

fn of_status(
    Account { id: account, region }: Account<'_>,
    controls: &[Control],
    Reported { finding, resource }: &Reported<'_>,
    at: Timestamp,
    status: &str,
) -> Value {
    let title = controls.iter().find(|control| control.id == finding.control).map(|control| control.title);
    let title = format!("{}: {}", finding.control, title.unwrap_or_default());
    let description = format!("{}: {}", resource.name, finding.reason);
    let resource_id = format!("hermetic:{}/{}", resource.kind, resource.id);
    let details: serde_json::Map<_, _> =
        resource.details.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    json!({
        "SchemaVersion": "2018-10-08",
        "Id": format!("{resource_id}/{}", finding.control),
        "ProductArn": format!("arn:aws:securityhub:{region}:{account}:product/{account}/default"),
        "ProductName": "Hermetic",
        "CompanyName": "Hermetic",
        "GeneratorId": format!("hermetic/{}", finding.control),
        "AwsAccountId": account,
        "Types": ["Software and Configuration Checks"],
        "CreatedAt": at,
        "UpdatedAt": at,
        "Severity": { "Label": finding.severity.as_str().to_ascii_uppercase() },
        "Title": cut(&title, TITLE),
        "Description": cut(&description, DESCRIPTION),
        "Remediation": { "Recommendation": { "Text": cut(&finding.remedy, 512) } },
        "Resources": [{
            "Type": "Other",
            "Id": resource_id,
            "Partition": "aws",
            "Region": region,
            "Details": { "Other": details },
        }],
        "Compliance": { "Status": status },
        "Workflow": { "Status": "NEW" },
        "RecordState": "ACTIVE",
    })
}

fn cut(text: &str, longest: usize) -> String {
    text.chars().take(longest).collect()
}

#[cfg(test)]
mod tests {
    use super::super::samples::{CONTROLS, finding, resource};
    use super::*;

    #[test]
    fn a_finding_has_all_that_security_hub_asks_for() {
        let account = Account { id: "123456789012", region: "eu-central-1" };
        let finding = finding();
        let reported = [Reported { finding: &finding, resource: resource() }];
        let at = "2026-11-24T02:20:11Z".parse().unwrap();
        let found = findings(account, &CONTROLS, reported, at);
        insta::assert_snapshot!(serde_json::to_string_pretty(&found).unwrap());
    }

    #[test]
    fn what_could_not_be_judged_neither_failed_nor_passed() {
        let account = Account { id: "123456789012", region: "eu-central-1" };
        let finding = finding();
        let reported = Reported { finding: &finding, resource: resource() };
        let told = undecided(account, &CONTROLS, &reported, Timestamp::UNIX_EPOCH);
        assert_eq!(told["Compliance"]["Status"], "NOT_AVAILABLE");
    }
}
