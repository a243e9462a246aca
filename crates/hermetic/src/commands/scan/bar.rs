//! What has to be fine for a scan to end so: the verdict, or a severity of findings; all of it, or what is new.

use std::collections::BTreeSet;

use hermetic_hop::{Severity, Verdict};

use super::remembered::Baseline;
use super::report::Report;
use super::tally::Fate;
use crate::arguments::Scan;
use crate::exit::Failure;

/// What a target is measured by.
#[derive(Clone, Debug, Default)]
pub struct Bar {
    /// The least severity that falls short; `None`: the verdict says.
    fail_on: Option<Severity>,
    /// What was known before.
    baseline: Option<Baseline>,
}

impl Bar {
    /// What was asked for.
    pub fn of(arguments: &Scan) -> Result<Self, Failure> {
        let baseline = arguments.baseline.as_deref().map(Baseline::read).transpose()?;
        Ok(Self { fail_on: arguments.fail_on.map(Severity::from), baseline })
    }

    /// How a target ends by it; its report says from then on what is new.
    pub fn measure(&self, report: &mut Report) -> Fate {
        let known = self.baseline.as_ref().map(|baseline| baseline.of(&report.target));
        if let Some(known) = known {
            let nothing = BTreeSet::new();
            let had = known.and_then(|known| known.at(report.address.as_deref()));
            report.judged.compare(known.map_or(&nothing, |known| &known.findings), had.unwrap_or(&nothing));
        }
        let falls_short = |verdict: Verdict| verdict < Verdict::Unknown;
        let is_short = match (self.fail_on, known) {
            (Some(least), _) => report.judged.has_news(least),
            (None, None) => falls_short(report.verdict()),
            // It fell short before: only something new changes that.
            (None, Some(Some(known))) if falls_short(known.verdict) => {
                falls_short(report.verdict()) && report.judged.has_news(Severity::Low)
            }
            (None, Some(_)) => falls_short(report.verdict()),
        };
        match report.verdict() {
            _ if is_short => Fate::Short,
            Verdict::Unknown => Fate::Unknown,
            _ => Fate::Fine,
        }
    }
}
