//! What has to be fine for a scan to end so: the verdict, or a severity of findings; all of it, or what is new.

use hermetic_hop::{Severity, Verdict};

use super::remembered::{Baseline, Known};
use super::report::Report;
use super::tally::Fate;
use crate::arguments::{Addresses, Scan};
use crate::exit::Failure;

/// What a target is measured by.
#[derive(Clone, Debug, Default)]
pub struct Bar {
    /// The least severity that falls short; `None`: the verdict says.
    fail_on: Option<Severity>,
    /// What was known before.
    baseline: Option<Baseline>,
    /// Whether each address behind a name is held for itself.
    each_address: bool,
}

impl Bar {
    /// What was asked for.
    pub fn of(arguments: &Scan) -> Result<Self, Failure> {
        let baseline = arguments.baseline.as_deref().map(Baseline::read).transpose()?;
        let (fail_on, each_address) = (arguments.fail_on.map(Severity::from), arguments.ip == Addresses::All);
        Ok(Self { fail_on, baseline, each_address })
    }

    /// How a target ends by it; its report says from then on what is new.
    pub fn measure(&self, report: &mut Report) -> Fate {
        let known = self.baseline.as_ref().map(|baseline| self.known(baseline, report));
        if let Some((known, had)) = &known {
            let findings =
                |known: &Option<Known>| known.clone().map(|known| known.findings).unwrap_or_default();
            report.judged.compare(&findings(known), &findings(had));
        }
        let falls_short = |verdict: Verdict| verdict < Verdict::Unknown;
        let is_short = match (self.fail_on, known.map(|(known, _)| known)) {
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

    /// What was known of a target, and what it had where it was looked at now. Looked at address by address, one
    /// does not excuse what is new at another.
    fn known(&self, baseline: &Baseline, report: &Report) -> (Option<Known>, Option<Known>) {
        let (remembered, address) = (baseline.of(&report.target), report.address.as_deref());
        if self.each_address {
            let exactly = remembered.and_then(|remembered| remembered.exactly_at(address)).cloned();
            return (exactly.clone(), exactly);
        }
        let had = remembered.and_then(|remembered| remembered.at(address)).cloned();
        (remembered.and_then(|remembered| remembered.anywhere()), had)
    }
}

#[cfg(test)]
mod tests {
    use hermetic_probe::Depth;

    use super::super::samples::{cleartext, report};
    use super::*;

    const SECOND: &str = "10.0.0.2:443";

    /// How a target in clear at the second address ends where it was so at this one before.
    fn fate(at: &str, each_address: bool) -> (Fate, bool) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let before = serde_json::to_string(&report(&cleartext(at), Depth::Full)).unwrap();
        std::io::Write::write_all(&mut file, before.as_bytes()).unwrap();
        let baseline = Some(Baseline::read(file.path()).unwrap());
        let bar = Bar { fail_on: None, baseline, each_address };
        let mut now = report(&cleartext(SECOND), Depth::Full);
        let fate = bar.measure(&mut now);
        (fate, now.judged.has_news(Severity::Low))
    }

    #[test]
    fn what_one_address_had_excuses_another_only_where_any_of_them_may_answer() {
        assert_eq!(fate("10.0.0.1:443", false), (Fate::Fine, false));
        assert_eq!(fate("10.0.0.1:443", true), (Fate::Short, true));
        assert_eq!(fate(SECOND, true), (Fate::Fine, false));
    }
}
