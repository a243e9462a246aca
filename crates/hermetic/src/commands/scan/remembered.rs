//! What an earlier scan said, read back from its JSON: to tell what is new from what was known.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use hermetic_hop::Verdict;
use hermetic_probe::findings::keys;
use serde::Deserialize;

use crate::exit::Failure;

/// What is remembered of one target, by address: `None` where none took a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remembered(BTreeMap<Option<String>, Known>);

/// How it stood then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its verdict; the worst of several.
    pub(super) verdict: Verdict,
    /// The keys of its findings.
    pub(super) findings: BTreeSet<String>,
}

/// What is remembered, by target.
#[derive(Clone, Debug, Default)]
pub struct Baseline(BTreeMap<String, Remembered>);

/// A report, or a document of many, as far as it matters here.
#[derive(Deserialize)]
#[serde(untagged)]
enum Document {
    Many { scans: Vec<Report> },
    One(Report),
}

/// What each document says that it is.
#[derive(Deserialize)]
struct Head {
    schema: String,
}

#[derive(Deserialize)]
struct Report {
    target: String,
    #[serde(default)]
    address: Option<String>,
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
        Self::parse(&text).map_err(|what| {
            Failure::wrong(what).at(place).remedy("give what `hermetic scan --format json` or jsonl printed")
        })
    }

    /// An error is a sentence that says what this is in place of a scan.
    fn parse(text: &str) -> Result<Self, String> {
        let told = |error: serde_json::Error| format!("this is no scan: {error}");
        for head in serde_json::Deserializer::from_str(text).into_iter() {
            let Head { schema } = head.map_err(told)?;
            match schema.as_str() {
                "hermetic.scan/1" | "hermetic.scans/1" => {}
                "hermetic.scan.change/1" => {
                    return Err("this has changes that a watch told, and is no scan".to_owned());
                }
                other => return Err(format!("this is `{other}`, and no scan")),
            }
        }
        let mut baseline = Self::default();
        for document in serde_json::Deserializer::from_str(text).into_iter() {
            match document.map_err(told)? {
                Document::One(report) => baseline.remember(report),
                Document::Many { scans } => scans.into_iter().for_each(|report| baseline.remember(report)),
            }
        }
        if baseline.0.is_empty() {
            return Err("there is no report in the earlier scan".to_owned());
        }
        Ok(baseline)
    }

    fn remember(&mut self, report: Report) {
        let Report { target, address, verdict, findings } = report;
        let findings = findings.iter().flat_map(|it| keys(&it.control, &it.subjects)).collect();
        let now = Known { verdict, findings };
        let Remembered(by_address) = self.0.entry(target).or_default();
        let both = match by_address.remove(&address) {
            Some(before) => before.and(&now),
            None => now,
        };
        by_address.insert(address, both);
    }

    /// What is remembered of a target.
    pub fn of(&self, target: &str) -> Option<&Remembered> {
        self.0.get(target)
    }
}

impl Remembered {
    /// How this address stood.
    pub fn exactly_at(&self, address: Option<&str>) -> Option<&Known> {
        self.0.iter().find(|(known, _)| known.as_deref() == address).map(|(_, known)| known)
    }

    /// How this address stood. Where one address alone is remembered it is that which was looked at then, whichever
    /// a name leads to today; of several others nobody can tell which it was.
    pub fn at(&self, address: Option<&str>) -> Option<&Known> {
        let only = || self.0.values().next().filter(|_| self.0.len() == 1);
        self.exactly_at(address).or_else(only)
    }

    /// How it stood at any of its addresses, taken together.
    pub fn anywhere(&self) -> Option<Known> {
        self.0.values().cloned().reduce(|one, other| one.and(&other))
    }
}

impl Known {
    fn and(mut self, other: &Self) -> Self {
        self.findings.extend(other.findings.iter().cloned());
        Self { verdict: self.verdict.min(other.verdict), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = r#"{"schema": "hermetic.scan/1", "target": "https://a:443", "address": "10.0.0.1:443",
        "verdict": "weak", "findings": [{"control": "tls1.0", "severity": "medium", "subjects": []},
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
            let remembered = known.of("https://a:443").unwrap().anywhere().unwrap();
            assert_eq!(remembered.verdict, Verdict::Weak);
            assert_eq!(remembered.findings.iter().map(String::as_str).collect::<Vec<_>>(), expected);
            assert!(known.of("https://b:443").is_none());
        }
    }

    #[test]
    fn what_any_address_of_a_name_had_is_known_and_gone_is_what_this_one_had() {
        let other =
            ONE.replace("\"weak\"", "\"sealed\"").replace("tls1.0", "rc4").replace("0.0.1:", "0.0.2:");
        let remembered = known(&format!("{ONE}{other}")).of("https://a:443").unwrap().clone();
        let anywhere = remembered.anywhere().unwrap();
        assert_eq!((anywhere.verdict, anywhere.findings.len()), (Verdict::Weak, 4));
        let second = remembered.at(Some("10.0.0.2:443")).unwrap();
        assert!(second.findings.contains("rc4") && !second.findings.contains("tls1.0"), "{second:?}");
        assert_eq!(second.verdict, Verdict::Sealed);
        assert_eq!(remembered.at(Some("10.0.0.3:443")), None);
        let one = known(ONE).of("https://a:443").unwrap().clone();
        assert_eq!(one.at(Some("10.0.0.3:443")), one.anywhere().as_ref());
        assert_eq!(one.exactly_at(Some("10.0.0.3:443")), None);
    }

    #[test]
    fn what_is_no_scan_is_refused_for_what_it_is() {
        let empty = "{\"schema\": \"hermetic.scans/1\", \"scans\": [], \"count\": 0}";
        for (text, told) in [
            ("", "there is no report"),
            (empty, "there is no report"),
            ("[]", "this is no scan: "),
            ("nonsense", "this is no scan: "),
            ("{\"schema\": \"hermetic.hops/1\", \"hops\": []}", "this is `hermetic.hops/1`, and no scan"),
            ("{\"schema\": \"hermetic.scan.change/1\", \"target\": \"https://a:443\"}", "a watch told"),
        ] {
            let error = Baseline::parse(text).unwrap_err();
            assert!(error.contains(told), "{text}: {error}");
        }
    }
}
