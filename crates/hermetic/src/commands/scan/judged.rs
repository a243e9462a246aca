//! What a report says of findings and standards, beside what an earlier scan found.

use std::collections::BTreeSet;

use hermetic_hop::Severity;
use hermetic_probe::Depth;
use hermetic_probe::findings::{self, Case, Found, Untold};
use hermetic_probe::judge::standards::{Standing, standings};
use serde::Serialize;

/// The part of a report that judges.
#[derive(Debug, Serialize)]
pub struct Judged {
    pub(super) findings: Vec<Shown>,
    /// What an earlier scan found and this one does not; nothing where there was none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) gone: Vec<String>,
    /// The checks of which nobody can tell whether they pass, and why. All that are neither here nor found passed.
    pub(super) untold: Vec<Untold>,
    pub(super) standards: Vec<Standing>,
}

/// A finding, and whether it is news.
#[derive(Debug, Serialize)]
pub struct Shown {
    #[serde(flatten)]
    pub(super) found: Found,
    /// Whether an earlier scan found it too; left out where there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) known: Option<bool>,
}

impl Judged {
    /// What falls short of a case.
    pub fn of(case: Case<'_>, depth: Depth) -> Self {
        let found = findings::of(case).into_iter();
        Self {
            findings: found.map(|found| Shown { found, known: None }).collect(),
            gone: Vec::new(),
            untold: findings::untold(case, depth),
            standards: standings(case.scanned),
        }
    }

    /// Says of each finding whether it was known, and which of those that this address had are gone. Of a target that
    /// nobody remembers all is new. What was not asked this time, or asked in vain, is not gone.
    pub fn compare(&mut self, known: &BTreeSet<String>, had: &BTreeSet<String>) {
        for shown in &mut self.findings {
            shown.known = Some(shown.keys().is_subset(known));
        }
        let seen: BTreeSet<String> = self.findings.iter().flat_map(Shown::keys).collect();
        let is_gone =
            |key: &&String| !seen.contains(*key) && self.why_untold(findings::control(key)).is_none();
        self.gone = had.iter().filter(is_gone).cloned().collect();
    }

    /// Why nobody can tell whether a check passes; `None` where it can be told.
    pub fn why_untold(&self, check: &str) -> Option<&str> {
        let untold = self.untold.iter().find(|it| it.checks.contains(&check));
        untold.map(|it| it.because.as_str())
    }

    /// Whether there is news as bad as this.
    pub fn has_news(&self, least: Severity) -> bool {
        self.news().any(|shown| shown.found.finding.severity >= least)
    }

    /// Those that are not known from before.
    pub fn news(&self) -> impl Iterator<Item = &Shown> {
        self.findings.iter().filter(|shown| !shown.is_known())
    }
}

impl Shown {
    /// Whether an earlier scan found it too.
    pub fn is_known(&self) -> bool {
        self.known == Some(true)
    }

    /// What tells it from others.
    pub fn keys(&self) -> BTreeSet<String> {
        findings::keys(self.found.finding.control, &self.found.subjects)
    }
}

#[cfg(test)]
mod tests {
    use hermetic_probe::observe::Support;
    use hermetic_tls::ProtocolVersion;

    use super::super::samples::{observed, report, speaking, unreachable};
    use super::*;

    const TLS1_1: (ProtocolVersion, u16) = (ProtocolVersion::TLS1_1, 0xC013);
    const TLS1_2: (ProtocolVersion, u16) = (ProtocolVersion::TLS1_2, 0xC02B);

    /// What is gone of these findings where this was seen.
    fn gone(scanned: &hermetic_probe::Scanned, depth: Depth) -> Vec<String> {
        let had = ["tls1.1", "no-hsts", "early-data", "suite-beyond-policy: A"].map(str::to_owned).into();
        let mut judged = report(scanned, depth).judged;
        judged.compare(&had, &had);
        judged.gone
    }

    #[test]
    fn what_this_scan_asked_for_and_does_not_find_is_gone_and_nothing_else() {
        let mended = || speaking(&[TLS1_2]);
        // Nobody asked by HTTP.
        assert_eq!(
            gone(&observed(mended()), Depth::Full),
            ["early-data", "suite-beyond-policy: A", "tls1.1"]
        );
        let mut fast = mended();
        fast.versions[1].suites.is_whole = Support::Unknown("a fast scan does not ask".to_owned());
        assert_eq!(gone(&observed(fast), Depth::Fast), ["tls1.1"]);
        let mut silent = mended();
        silent.versions[0].support = Support::Unknown("silence".to_owned());
        assert_eq!(gone(&observed(silent), Depth::Full), ["early-data", "suite-beyond-policy: A"]);
        assert!(gone(&observed(speaking(&[TLS1_1])), Depth::Full).iter().all(|key| key != "tls1.1"));
        assert_eq!(gone(&unreachable(None), Depth::Full), [""; 0]);
    }
}
