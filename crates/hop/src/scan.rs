//! What a full look at a far end showed: all that it accepts, of which a handshake is one choice.

use std::cmp::Reverse;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::evidence::EvidenceKind;
use crate::finding::Severity;
use crate::relative::relative;
use crate::report::HopReport;
use crate::verdict::Verdict;

/// The latest scan of a hop's far end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scan {
    /// When.
    pub at: Timestamp,
    /// What it accepts from others that falls short, where its own choice does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepts: Option<String>,
    /// What was found, the worst first; of several endpoints, of all of them.
    pub findings: Vec<ScanFinding>,
}

/// A check of a scan that the far end does not pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScanFinding {
    /// The id of the check.
    pub control: String,
    /// How bad it is.
    pub severity: Severity,
}

impl Scan {
    /// This and that of another endpoint of the same hop.
    pub fn and(mut self, other: Self) -> Self {
        self.at = self.at.min(other.at);
        self.accepts = self.accepts.or(other.accepts);
        let more = other.findings.into_iter().filter(|it| !self.findings.contains(it)).collect::<Vec<_>>();
        self.findings.extend(more);
        self.findings.sort_by_key(|finding| Reverse(finding.severity));
        self
    }
}

impl HopReport {
    /// The same beside a scan. What a far end accepts from others makes a hop weak that its latest handshake alone
    /// would call sealed.
    pub fn beside_scan(self, scan: Scan, now: Timestamp) -> Self {
        let weaker = scan.accepts.as_ref().filter(|_| self.verdict == Verdict::Sealed);
        match weaker {
            Some(accepts) => Self {
                verdict: Verdict::Weak,
                evidence: Some(EvidenceKind::Probed),
                reason: format!("{accepts}, as a scan saw {}", relative(scan.at, now)),
                scan: Some(scan),
                ..self
            },
            None => Self { scan: Some(scan), ..self },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::Judgement;
    use crate::samples::{hour, name};
    use crate::verdict::Mode;

    fn hop(verdict: Verdict) -> HopReport {
        let judgement = Judgement { verdict, evidence: None, reason: "its own".to_owned() };
        HopReport::new(name("edge → app"), Mode::Require, "p".to_owned(), judgement, None)
    }

    fn scan(accepts: Option<&str>) -> Scan {
        Scan { at: hour(1), accepts: accepts.map(str::to_owned), findings: Vec::new() }
    }

    #[test]
    fn what_is_accepted_from_others_makes_a_sealed_hop_weak_and_no_other() {
        let weak = hop(Verdict::Sealed).beside_scan(scan(Some("it also accepts TLSv1")), hour(2));
        assert_eq!((weak.verdict, weak.evidence), (Verdict::Weak, Some(EvidenceKind::Probed)));
        assert_eq!(weak.reason, "it also accepts TLSv1, as a scan saw 60 min ago");
        for verdict in [Verdict::Clear, Verdict::Unknown, Verdict::Local] {
            let same = hop(verdict).beside_scan(scan(Some("it also accepts TLSv1")), hour(2));
            assert_eq!((same.verdict, same.reason.as_str()), (verdict, "its own"));
        }
        let sealed = hop(Verdict::Sealed).beside_scan(scan(None), hour(2));
        assert_eq!((sealed.verdict, sealed.scan), (Verdict::Sealed, Some(scan(None))));
    }
}
