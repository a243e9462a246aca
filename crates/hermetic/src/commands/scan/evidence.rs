//! What a scan of a hermetic.toml showed of its hops, for the instance that runs it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use hermetic_hop::{Expectation, HopName, Observation, Step, Verdict, View, judge};
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
}

/// What `POST /v1/evidence` answers.
#[derive(Debug, Serialize, Deserialize)]
pub struct Taken {
    /// Of how many hops it was taken.
    pub taken: usize,
}

/// What was seen of hops so far; of one with several endpoints, at the worst.
#[derive(Debug, Default)]
pub struct Gathered {
    by_folder: BTreeMap<Arc<Path>, BTreeMap<HopName, (Verdict, Observation)>>,
}

impl Gathered {
    /// Takes what was seen of a target, where that belongs to a hop.
    pub fn take(&mut self, named: &Named, scanned: &Scanned, report: &Report) {
        let Some(hop) = &named.hop else { return };
        let verdict = report.verdict();
        let hops = self.by_folder.entry(Arc::clone(&hop.data)).or_default();
        match hops.get(&hop.name) {
            Some((worse, _)) if *worse <= verdict => {}
            _ => {
                let observation = observation(&hop.name, named, scanned, report);
                hops.insert(hop.name.clone(), (verdict, observation));
            }
        }
    }

    /// Hands it over to the instances that run there. One that does not run takes nothing, and is no failure.
    pub async fn hand_over(self) -> Result<(), Failure> {
        for (data, hops) in self.by_folder {
            let shown =
                Shown { observations: hops.into_values().map(|(_, observation)| observation).collect() };
            match Admin::of(&data).post::<Taken>("/v1/evidence", &shown).await {
                Ok(_) | Err(AskError::NoInstance { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

fn observation(hop: &HopName, named: &Named, scanned: &Scanned, report: &Report) -> Observation {
    let mut seen = Observation::new(hop.clone(), View::Client);
    match &scanned.outcome {
        Outcome::Seen(evidence) => {
            seen.connected(evidence);
            let expectation = Expectation { policy: named.target.policy };
            let of_handshake = judge(Some(evidence), &expectation, report.at()).verdict;
            // What others could have chosen is no part of the evidence, which is a handshake.
            seen.note =
                (report.verdict() < of_handshake).then(|| format!("a scan saw more: {}", report.reason()));
        }
        Outcome::Unreachable { at, reason } => {
            seen.failed(reason);
            seen.refused(*at, Step::Connect, reason);
        }
    }
    seen
}
