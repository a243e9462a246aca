//! Findings: what of the facts falls short, by a table of checks, with what to do about it on the server that
//! it seems to be. Facts come in, and nothing is asked.
//!
//! What nobody can tell is no finding, and is told apart.

mod certificate;
mod checks;
mod endpoint;
mod names;
mod reference;
mod remedies;
#[cfg(test)]
mod tests;
mod trust;
mod untold;
mod web;
mod wire;

use std::collections::BTreeSet;

use hermetic_hop::{Finding, Severity};
use hermetic_tls::SecurityPolicy;
use jiff::Timestamp;
use serde::Serialize;

use crate::{Scanned, Target};
use certificate::Fault;

pub use checks::{About, Check, checks, controls};
pub use reference::reference;
pub use remedies::{Configuration, Fix, Seeming, Sign, Signs, Software};
pub use untold::{Untold, untold};

/// A check's result for one endpoint that does not pass it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    /// The finding: its reason is what was seen.
    #[serde(flatten)]
    pub finding: Finding,
    /// What it is about, where it is about several: each suite, version or name. What is not among those of an
    /// earlier finding is new.
    pub subjects: Vec<String>,
    /// By which question it was seen.
    pub question: &'static str,
    /// What it rests on: RFCs, CVEs and the like.
    pub basis: &'static [&'static str],
    /// What to write where, on the software that the far end seems to be; `None` where it shows none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configuration: Option<Configuration>,
}

/// Everything that is judged: an endpoint, what was seen of it, and by what it is measured.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// What was looked at.
    pub target: &'a Target,
    /// What was seen.
    pub scanned: &'a Scanned,
    /// When it is judged.
    pub at: Timestamp,
    /// The software that it is, where somebody knows better than what it seems to be.
    pub software: Option<Software>,
}

/// What falls short, the worst first.
pub fn of(case: Case<'_>) -> Vec<Found> {
    let mut findings = Findings {
        case,
        software: case.software.or_else(|| Some(Seeming::of(&Signs::of(case))?.software)),
        found: Vec::new(),
    };
    endpoint::judge(&mut findings);
    certificate::judge(&mut findings);
    wire::judge(&mut findings);
    web::judge(&mut findings);
    names::judge(&mut findings);
    let mut found = findings.found;
    found.sort_by_key(|it| std::cmp::Reverse(it.finding.severity));
    found
}

/// Those found so far.
struct Findings<'a> {
    case: Case<'a>,
    software: Option<Software>,
    found: Vec<Found>,
}

impl<'a> Findings<'a> {
    fn policy(&self) -> &'static SecurityPolicy {
        self.case.target.policy
    }

    fn has(&self, check: &str) -> bool {
        self.found.iter().any(|found| found.finding.control == check)
    }

    /// A check did not pass, for this reason.
    fn tell(&mut self, check: &str, reason: impl Into<String>) {
        self.tell_of(check, reason, Vec::new(), None);
    }

    /// A fault of a certificate, as bad and mended as it says.
    fn fault(&mut self, fault: Fault) {
        let Some(check) = checks().find(|known| known.control.id == fault.check) else { return };
        let fix = fault.fix.unwrap_or(check.fix);
        self.add(check, fault.reason, Vec::new(), fault.severity, fix);
    }

    /// The same, about each of these, and as bad as this where it is not as bad as the check says.
    fn tell_of(
        &mut self,
        check: &str,
        reason: impl Into<String>,
        subjects: Vec<String>,
        severity: Option<Severity>,
    ) {
        let Some(check) = checks().find(|known| known.control.id == check) else { return };
        self.add(check, reason.into(), subjects, severity, check.fix);
    }

    fn add(
        &mut self,
        check: &'static Check,
        reason: String,
        subjects: Vec<String>,
        severity: Option<Severity>,
        fix: Fix,
    ) {
        let remedy = remedies::of(fix, self.software, self.case);
        self.found.push(Found {
            finding: Finding {
                control: check.control.id,
                severity: severity.unwrap_or(check.severity),
                reason,
                remedy: remedy.words,
            },
            subjects,
            question: check.question,
            basis: check.basis,
            configuration: remedy.configuration,
        });
    }
}

/// What tells findings of one scan from those of another: the check, and each of its subjects.
pub fn keys(control: &str, subjects: &[String]) -> BTreeSet<String> {
    match subjects {
        [] => BTreeSet::from([control.to_owned()]),
        several => several.iter().map(|subject| format!("{control}: {subject}")).collect(),
    }
}

/// The check that such a key is of.
pub fn control(key: &str) -> &str {
    key.split_once(": ").map_or(key, |(control, _)| control)
}

/// The names of many things, the first of them in full.
fn named<T: std::fmt::Display>(things: &[T]) -> String {
    const IN_FULL: usize = 4;
    let full: Vec<String> = things.iter().take(IN_FULL).map(ToString::to_string).collect();
    match things.len().saturating_sub(IN_FULL) {
        0 => full.join(", "),
        more => format!("{} and {more} more", full.join(", ")),
    }
}
