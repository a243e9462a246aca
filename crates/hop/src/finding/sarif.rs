//! Findings as SARIF 2.1.0 (OASIS), which code scanners and their dashboards read.

use serde_json::{Value, json};

use super::{Control, Leave, Place, Reported, Resource, Severity, Status};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// A log of one run: all controls as its rules, and what they say of resources as its results.
pub fn log<'a>(
    version: &str,
    controls: &[Control],
    reported: impl IntoIterator<Item = Reported<'a>>,
) -> Value {
    let rule = |control: &Control| json!({ "id": control.id, "shortDescription": { "text": control.title } });
    let results: Vec<Value> = reported.into_iter().map(|reported| result(controls, &reported)).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "Hermetic",
                "version": version,
                "rules": controls.iter().map(rule).collect::<Vec<_>>(),
            } },
            "results": results,
        }],
    })
}

/// How bad it is what came in the way of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Something was not judged at all.
    Error,
    /// Something was judged, and not by all.
    Warning,
}

/// What is told of a run: what it could not judge, and how much of that is not among it (section 3.20).
pub fn invocation(mut notifications: Vec<Value>, more: u64) -> Value {
    if more > 0 {
        let text = format!("{more} more could not be judged, and are not told one by one");
        notifications.push(json!({ "level": "error", "message": { "text": text } }));
    }
    let is_whole = notifications.iter().all(|notification| notification["level"] != "error");
    json!({ "executionSuccessful": is_whole, "toolExecutionNotifications": notifications })
}

/// That a resource could not be judged, for the reason of this finding (section 3.58).
pub fn notification(level: Level, Reported { finding, resource, .. }: &Reported<'_>) -> Value {
    json!({
        "descriptor": { "id": finding.control },
        "level": match level {
            Level::Error => "error",
            Level::Warning => "warning",
        },
        "message": { "text": format!("{}: {}; {}", resource.name, finding.reason, finding.remedy) },
        "locations": [location(resource)],
    })
}

/// One result of such a log, whose rules are these controls.
pub fn result(controls: &[Control], reported: &Reported<'_>) -> Value {
    let Reported { finding, status, leave, resource, .. } = reported;
    let (kind, level) = kind(*status, finding.severity);
    let mut result = json!({
        "ruleId": finding.control,
        "ruleIndex": controls.iter().position(|control| control.id == finding.control),
        "kind": kind,
        "level": level,
        "message": { "text": message(reported) },
        "locations": [location(resource)],
        // By this a dashboard knows it again, whatever its words are by then.
        "partialFingerprints": {
            "hermeticFinding/v1": format!("{}/{}/{}", finding.control, resource.kind, resource.id),
        },
        "properties": { "severity": finding.severity },
    });
    if let (Some(leave), Some(members)) = (leave, result.as_object_mut()) {
        members.insert("suppressions".to_owned(), json!([suppression(leave)]));
    }
    result
}

/// The kind and level of a result. What does not fail has no level (SARIF 2.1.0 section 3.27.10), and what nobody can
/// tell is open (section 3.27.9). What is excepted fails, and is suppressed.
fn kind(status: Status, severity: Severity) -> (&'static str, &'static str) {
    match status {
        Status::Fail | Status::Excepted => ("fail", level_of(severity)),
        Status::Unknown => ("open", "none"),
        Status::Pass => ("pass", "none"),
        Status::NotApplicable => ("notApplicable", "none"),
    }
}

/// What holds needs no remedy.
fn message(Reported { finding, status, resource, .. }: &Reported<'_>) -> String {
    match status {
        Status::Pass | Status::NotApplicable => format!("{}: {}", resource.name, finding.reason),
        _ => format!("{}: {}; {}", resource.name, finding.reason, finding.remedy),
    }
}

/// An exception, beside the code or elsewhere.
fn suppression(Leave { exception, in_source }: &Leave<'_>) -> Value {
    json!({
        "kind": if *in_source { "inSource" } else { "external" },
        "status": "accepted",
        "justification": exception.reason,
        "properties": { "owner": exception.owner, "until": exception.until },
    })
}

fn location(resource: &Resource<'_>) -> Value {
    json!({
        "physicalLocation": place(resource),
        "logicalLocations": [{
            "name": resource.name,
            "fullyQualifiedName": format!("{}/{}", resource.kind, resource.id),
            "kind": "resource",
        }],
    })
}

/// Code scanning shows nothing without a file and a line; where no file declares the resource, one stands for it.
fn place(resource: &Resource<'_>) -> Value {
    match resource.place {
        Some(Place { file, line, column }) => json!({
            "artifactLocation": { "uri": reference(file.strip_prefix("./").unwrap_or(file)) },
            "region": { "startLine": line, "startColumn": column },
        }),
        None => json!({
            "artifactLocation": { "uri": uri(resource.kind, resource.id) },
            "region": { "startLine": 1 },
        }),
    }
}

fn uri(kind: &str, id: &str) -> String {
    format!("{kind}/{}", reference(id))
}

/// A relative reference (RFC 3986 section 4.2); what may not stand in a path is written in hex.
fn reference(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b':' | b'/' => {
                uri.push(char::from(byte));
            }
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

/// SARIF knows three.
fn level_of(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Informational => "note",
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{CONTROLS, exception, finding, resource};
    use super::*;

    fn told(status: Status, leave: Option<Leave<'_>>) -> Value {
        result(&CONTROLS, &Reported { status, leave, ..Reported::failing(&finding(), resource()) })
    }

    #[test]
    fn what_nobody_can_tell_is_open_and_what_holds_passes_and_neither_has_a_level() {
        for (status, kind) in
            [(Status::Unknown, "open"), (Status::Pass, "pass"), (Status::NotApplicable, "notApplicable")]
        {
            let result = told(status, None);
            assert_eq!((&result["kind"], &result["level"]), (&kind.into(), &"none".into()));
        }
        let failing = told(Status::Fail, None);
        assert_eq!((&failing["kind"], &failing["level"]), (&"fail".into(), &"error".into()));
    }

    #[test]
    fn what_is_excepted_is_suppressed_where_the_exception_stands() {
        let exception = exception();
        for (in_source, kind) in [(true, "inSource"), (false, "external")] {
            let result = told(Status::Excepted, Some(Leave { exception: &exception, in_source }));
            let suppression = &result["suppressions"][0];
            assert_eq!((&suppression["kind"], &result["kind"]), (&kind.into(), &"fail".into()));
            assert_eq!(suppression["justification"], "the vendor has no TLS yet");
        }
        assert!(told(Status::Fail, None).get("suppressions").is_none());
    }

    #[test]
    fn a_place_is_a_reference_whatever_the_resource_is_called() {
        assert_eq!(uri("endpoint", "https://[::1]:443"), "endpoint/https://%5B::1%5D:443");
        assert_eq!(uri("certificate", "a b?"), "certificate/a%20b%3F");
    }

    #[test]
    fn what_a_file_declares_is_shown_in_its_line() {
        let place = Some(Place { file: "./infra/my site.yaml", line: 12, column: 7 });
        let resource = Resource { place, ..resource() };
        let location = super::place(&resource);
        assert_eq!(location["artifactLocation"]["uri"], "infra/my%20site.yaml");
        assert_eq!(
            (&location["region"]["startLine"], &location["region"]["startColumn"]),
            (&12.into(), &7.into())
        );
    }

    #[test]
    fn a_run_that_could_not_judge_all_says_so() {
        let finding = finding();
        let of = |level, more| {
            invocation(vec![notification(level, &Reported::failing(&finding, resource()))], more)
        };
        assert_eq!(of(Level::Error, 0)["executionSuccessful"], false);
        assert_eq!(of(Level::Warning, 0)["executionSuccessful"], true);
        assert_eq!(of(Level::Warning, 3)["toolExecutionNotifications"].as_array().unwrap().len(), 2);
        assert_eq!(invocation(Vec::new(), 0)["executionSuccessful"], true);
    }

    #[test]
    fn a_log_has_a_rule_for_each_control_and_a_result_for_each_finding() {
        let log = log("0.1.0", &CONTROLS, [Reported::failing(&finding(), resource())]);
        insta::assert_snapshot!(serde_json::to_string_pretty(&log).unwrap());
    }
}
