//! Findings as SARIF 2.1.0 (OASIS), which code scanners and their dashboards read.

use serde_json::{Value, json};

use super::{Control, Place, Reported, Resource, Severity};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// A log of one run: all controls as its rules, and what did not pass as its results.
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
pub fn notification(level: Level, Reported { finding, resource }: &Reported<'_>) -> Value {
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
pub fn result(controls: &[Control], Reported { finding, resource }: &Reported<'_>) -> Value {
    json!({
        "ruleId": finding.control,
        "ruleIndex": controls.iter().position(|control| control.id == finding.control),
        "level": level_of(finding.severity),
        "message": { "text": format!("{}: {}; {}", resource.name, finding.reason, finding.remedy) },
        "locations": [location(resource)],
        // By this a dashboard knows it again, whatever its words are by then.
        "partialFingerprints": {
            "hermeticFinding/v1": format!("{}/{}/{}", finding.control, resource.kind, resource.id),
        },
        "properties": { "severity": finding.severity },
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
    use super::super::samples::{CONTROLS, finding, resource};
    use super::*;

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
            let reported = Reported { finding: &finding, resource: resource() };
            invocation(vec![notification(level, &reported)], more)
        };
        assert_eq!(of(Level::Error, 0)["executionSuccessful"], false);
        assert_eq!(of(Level::Warning, 0)["executionSuccessful"], true);
        assert_eq!(of(Level::Warning, 3)["toolExecutionNotifications"].as_array().unwrap().len(), 2);
        assert_eq!(invocation(Vec::new(), 0)["executionSuccessful"], true);
    }

    #[test]
    fn a_log_has_a_rule_for_each_control_and_a_result_for_each_finding() {
        let log = log("0.1.0", &CONTROLS, [Reported { finding: &finding(), resource: resource() }]);
        insta::assert_snapshot!(serde_json::to_string_pretty(&log).unwrap());
    }
}
