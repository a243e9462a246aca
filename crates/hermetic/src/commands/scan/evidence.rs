//! What a scan of a hermetic.toml showed of its hops, for the instance that runs it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use hermetic_hop::{Expectation, HopName, Observation, Scan, ScanFinding, Step, Verdict, View, judge};
use hermetic_probe::{Outcome, Scanned};
use serde::{Deserialize, Serialize};

use super::report::Report;
use super::targets::Named;
use crate::admin::client::{Admin, AskError};
use crate::exit::Failure;

/// What `POST /v1/evidence` takes.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// What was seen of each hop.
    pub observations: Vec<Observation>,
    /// All that the far ends accept, where all was asked for.
    #[serde(default)]
    pub scans: Vec<HopScan>,
}

impl Shown {
    /// What was seen of these hops alone.
    #[must_use]
    pub fn of_hops(mut self, is_one: impl Fn(&HopName) -> bool) -> Self {
        self.observations.retain(|seen| is_one(&seen.hop));
        self.scans.retain(|scan| is_one(&scan.hop));
        self
    }
}

/// A scan of a hop's far end.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HopScan {
    /// The hop.
    pub hop: HopName,
    /// The scan.
    pub scan: Scan,
}

/// What `POST /v1/evidence` answers.
#[derive(Debug, Serialize, Deserialize)]
pub struct Taken {
    /// Of how many hops it was taken.
    pub taken: usize,
}

/// What was seen of the hops of several configurations so far.
#[derive(Debug, Default)]
pub struct Gathered {
    by_folder: BTreeMap<Arc<Path>, Hops>,
}

/// What was seen of hops so far; of one with several endpoints, at the worst.
#[derive(Debug, Default)]
pub struct Hops(BTreeMap<HopName, Seen>);

#[derive(Debug)]
struct Seen {
    verdict: Verdict,
    observation: Observation,
    scan: Option<Scan>,
}

impl Gathered {
    /// Takes what was seen of a target, where that belongs to a hop.
    pub fn take(&mut self, named: &Named, scanned: &Scanned, report: &Report) {
        if let Some(hop) = &named.hop {
            self.by_folder.entry(Arc::clone(&hop.data)).or_default().take(named, scanned, report);
        }
    }

    /// Hands it over to the instances that run there. One that does not run takes nothing, and is no failure.
    pub async fn hand_over(self) -> Result<(), Failure> {
        for (data, hops) in self.by_folder {
            match Admin::of(&data).post::<Taken>("/v1/evidence", &hops.shown()).await {
                Ok(_) | Err(AskError::NoInstance { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

impl Hops {
    /// Takes what was seen of a target, where that belongs to a hop.
    pub fn take(&mut self, named: &Named, scanned: &Scanned, report: &Report) {
        let Some(hop) = &named.hop else { return };
        let seen = Seen {
            verdict: report.verdict(),
            observation: observation(&hop.name, named, scanned, report),
            scan: scan(named, scanned, report),
        };
        match self.0.remove(&hop.name) {
            Some(before) => self.0.insert(hop.name.clone(), before.and(seen)),
            None => self.0.insert(hop.name.clone(), seen),
        };
    }

    /// All of it.
    pub fn shown(self) -> Shown {
        let mut shown = Shown { observations: Vec::new(), scans: Vec::new() };
        for (hop, seen) in self.0 {
            shown.observations.push(seen.observation);
            shown.scans.extend(seen.scan.map(|scan| HopScan { hop, scan }));
        }
        shown
    }
}

impl Seen {
    /// This endpoint of a hop and another one.
    fn and(self, other: Self) -> Self {
        let scan = match (self.scan, other.scan) {
            (Some(scan), Some(other)) => Some(scan.and(other)),
            (scan, other) => scan.or(other),
        };
        let worst = if other.verdict < self.verdict { other.observation } else { self.observation };
        Self { verdict: self.verdict.min(other.verdict), observation: worst, scan }
    }
}

fn observation(hop: &HopName, named: &Named, scanned: &Scanned, report: &Report) -> Observation {
    let mut seen = Observation::new(hop.clone(), View::Client);
    match &scanned.outcome {
        Outcome::Seen(evidence) => {
            seen.connected(evidence);
            // A fast scan does not see enough to be remembered beside the handshake.
            seen.note = accepts(named, scanned, report)
                .filter(|_| !report.is_full())
                .map(|accepts| format!("a scan saw more: {accepts}"));
        }
        Outcome::Unreachable { at, reason } => {
            seen.failed(reason);
            seen.refused(*at, Step::Connect, reason);
        }
    }
    seen
}

/// What a full scan saw of a far end that answered.
fn scan(named: &Named, scanned: &Scanned, report: &Report) -> Option<Scan> {
    if !report.is_full() || !matches!(scanned.outcome, Outcome::Seen(_)) {
        return None;
    }
    let found = report.findings();
    let finding = |finding: &hermetic_hop::Finding| ScanFinding {
        control: finding.control.to_owned(),
        severity: finding.severity,
    };
    Some(Scan {
        at: report.at(),
        accepts: accepts(named, scanned, report),
        findings: found.map(finding).collect(),
    })
}

/// What others could have chosen that falls short, which is no part of the evidence: that is a handshake.
fn accepts(named: &Named, scanned: &Scanned, report: &Report) -> Option<String> {
    let Outcome::Seen(evidence) = &scanned.outcome else { return None };
    let expectation = Expectation { policy: named.target.policy };
    let of_handshake = judge(Some(evidence), &expectation, report.at()).verdict;
    (report.verdict() < of_handshake).then(|| report.reason().to_owned())
}
