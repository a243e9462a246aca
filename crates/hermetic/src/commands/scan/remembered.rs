//! What an earlier scan said, read back from its JSON: to tell what is new from what was known.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use hermetic_hop::Verdict;
use hermetic_probe::findings::keys;
use serde::Deserialize;

use crate::exit::Failure;

/// What is remembered of one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    pub(super) verdict: Verdict,
    /// The keys of its findings.
    pub(super) findings: BTreeSet<String>,
}

/// What is remembered, by target. Of a name with several addresses, what any of them showed.
#[derive(Clone, Debug, Default)]
pub struct Baseline(BTreeMap<String, Remembered>);

/// A report, or a document of many, as far as it matters here.
#[derive(Deserialize)]
#[serde(untagged)]
enum Document {
    Many { scans: Vec<Report> },
    One(Report),
}

#[derive(Deserialize)]
struct Report {
    target: String,
    verdict: Verdict,
    findings: Vec<Finding>,
}

#[derive(Deserialize)]
struct Finding {
    control: String,
    #[serde(default)]
    subjects: Vec<String>,
}

impl Baseline {
    /// Reads what `--format json` or `--format jsonl` printed.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let place = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| {
            Failure::wrong(format!("the earlier scan can't be read: {error}")).at(place.clone())
        })?;
        Self::parse(&text).map_err(|error| {
            Failure::wrong(format!("this is no scan: {error}"))
                .at(place)
                .remedy("give what `hermetic scan --format json` or jsonl printed")
        })
    }

    fn parse(text: &str) -> Result<Self, serde_json::Error> {
        let mut baseline = Self::default();
        for document in serde_json::Deserializer::from_str(text).into_iter() {
            match document? {
                Document::One(report) => baseline.remember(report),
                Document::Many { scans } => scans.into_iter().for_each(|report| baseline.remember(report)),
            }
        }
        Ok(baseline)
    }

    fn remember(&mut self, report: Report) {
        let findings = report.findings.iter().flat_map(|it| keys(&it.control, &it.subjects));
        let fresh = Remembered { verdict: report.verdict, findings: BTreeSet::new() };
        let known = self.0.entry(report.target).or_insert(fresh);
        known.findings.extend(findings);
        known.verdict = known.verdict.min(report.verdict);
    }

    /// What is remembered of a target.
    pub fn of(&self, target: &str) -> Option<&Remembered> {
        self.0.get(target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = r#"{"schema": "hermetic.scan/1", "target": "https://a:443", "verdict": "weak",
        "findings": [{"control": "tls1.0", "severity": "medium", "subjects": []},
                     {"control": "suite-beyond-policy", "subjects": ["A", "B"]}]}"#;

    fn known(text: &str) -> Baseline {
        Baseline::parse(text).unwrap()
    }

    #[test]
    fn a_report_a_document_of_many_and_lines_of_them_are_read() {
        let expected = ["suite-beyond-policy: A", "suite-beyond-policy: B", "tls1.0"];
        let line = ONE.replace('\n', " ");
        for text in [
            ONE.to_owned(),
            format!("{{\"schema\": \"hermetic.scans/1\", \"scans\": [{ONE}], \"count\": 1}}"),
            format!("{line}\n{line}\n"),
        ] {
            let known = known(&text);
            let remembered = known.of("https://a:443").unwrap();
            assert_eq!(remembered.verdict, Verdict::Weak);
            assert_eq!(remembered.findings.iter().map(String::as_str).collect::<Vec<_>>(), expected);
        }
        assert!(known("").of("https://a:443").is_none());
    }

    #[test]
    fn several_addresses_of_a_name_are_remembered_as_one() {
        let other = ONE.replace("\"weak\"", "\"sealed\"").replace("tls1.0", "rc4");
        let remembered = known(&format!("{ONE}{other}")).of("https://a:443").unwrap().clone();
        assert_eq!((remembered.verdict, remembered.findings.len()), (Verdict::Weak, 4));
    }

    #[test]
    fn what_is_no_scan_is_refused() {
        for text in ["[]", "{\"schema\": \"hermetic.hops/1\"}", "nonsense"] {
            assert!(Baseline::parse(text).is_err(), "{text}");
        }
    }
}
