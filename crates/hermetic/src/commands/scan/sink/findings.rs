//! Findings alone, in formats of others: SARIF 2.1.0 for code scanning, the AWS Security Finding Format for Security
//! Hub, and OCSF events for collectors. Each is printed as it comes. A target that was not to be seen is told in each as
//! that format tells it: without a word it would look sound.

use std::ops::ControlFlow;

use hermetic_hop::asff::{self, Account};
use hermetic_hop::{Control, Finding, Reported, Resource, Severity, Verdict, ocsf, sarif};
use hermetic_probe::findings::controls;
use jiff::Timestamp;
use serde_json::Value;

use super::{Fate, KeysMet, Report, Sink};
use crate::exit::Failure;
use crate::output::JsonList;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What a target is held against that was not to be seen.
const VERDICT: Control = Control { id: "verdict", title: "It can be told how the endpoint is protected" };

/// The most targets of a log that were not to be seen and are told one by one: they stand behind its results, and are
/// held until then.
const MOST_HELD: usize = 10_000;

/// How one is written.
type Written = Box<dyn Fn(&Reported<'_>) -> Value>;

/// A document whose list is the findings.
pub struct Findings {
    list: JsonList,
    /// What stands behind the list.
    tail: String,
    written: Written,
    undecided: Undecided,
    /// Whether a target has a resource for each of its addresses.
    each_address: bool,
}

/// Where targets are told that were not to be seen.
enum Undecided {
    /// Among the findings.
    Listed(Written),
    /// Behind them, in what a log says of its run.
    Held { notifications: Vec<Value>, more: u64 },
}

impl Findings {
    /// A log of one run.
    pub fn sarif(each_address: bool) -> Result<Self, Failure> {
        const RESULTS: &str = "\"results\": [";
        let rules = rules();
        let empty = serde_json::to_string_pretty(&sarif::log(VERSION, &rules, []))
            .map_err(|error| Failure::unable(format!("the log can't be written as JSON: {error}")))?;
        let (head, tail) = empty.split_once(&format!("{RESULTS}]")).unwrap_or((&empty, ""));
        let written = Box::new(move |reported: &Reported<'_>| sarif::result(&rules, reported));
        let list = JsonList::open(&format!("{head}{RESULTS}"))?;
        let undecided = Undecided::Held { notifications: Vec::new(), more: 0 };
        Ok(Self { list, tail: format!("{tail}\n"), written, undecided, each_address })
    }

    /// A list for one account and region.
    pub fn asff(account: String, region: String, at: Timestamp, each_address: bool) -> Result<Self, Failure> {
        let rules = rules();
        let (own_account, own_region) = (account.clone(), region.clone());
        let undecided = Box::new(move |reported: &Reported<'_>| {
            asff::undecided(Account { id: &own_account, region: &own_region }, &[VERDICT], reported, at)
        });
        let written = Box::new(move |reported: &Reported<'_>| {
            asff::finding(Account { id: &account, region: &region }, &rules, reported, at)
        });
        Self::list_of(written, undecided, each_address)
    }

    /// A list of events.
    pub fn ocsf(at: Timestamp, each_address: bool) -> Result<Self, Failure> {
        let rules = rules();
        let written = Box::new(move |reported: &Reported<'_>| ocsf::finding(VERSION, &rules, reported, at));
        let undecided =
            Box::new(move |reported: &Reported<'_>| ocsf::undecided(VERSION, &[VERDICT], reported, at));
        Self::list_of(written, undecided, each_address)
    }

    fn list_of(written: Written, undecided: Written, each_address: bool) -> Result<Self, Failure> {
        let (list, tail) = (JsonList::open("[")?, "\n".to_owned());
        Ok(Self { list, tail, written, undecided: Undecided::Listed(undecided), each_address })
    }
}

impl Sink for Findings {
    /// What a baseline knows is left out, as the host of the log would show it again.
    fn take(&mut self, report: &Report, _: Fate) -> Result<ControlFlow<()>, Failure> {
        let place = report.place(self.each_address);
        let resource =
            || Resource { kind: "endpoint", id: &place, name: &place, details: Vec::new(), place: None };
        let unseen = report.undecided().map(|reason| (unseen(reason), report.verdict()));
        let unseen = unseen.as_ref().map(|(finding, verdict)| {
            let reported = Reported::failing(finding, resource());
            (reported, *verdict == Verdict::Unknown)
        });
        let listed = unseen.and_then(|(reported, is_unknown)| self.undecided.take(&reported, is_unknown));
        let news = report.judged.news().map(|shown| &shown.found.finding);
        let written = news.map(|finding| (self.written)(&Reported::failing(finding, resource())));
        self.list.page(listed.into_iter().chain(written))
    }

    fn end(self: Box<Self>, _: &KeysMet) -> Result<(), Failure> {
        let run = match self.undecided {
            Undecided::Listed(_) => String::new(),
            Undecided::Held { notifications, more } => run(notifications, more),
        };
        self.list.close(&(run + &self.tail))
    }
}

impl Undecided {
    /// What goes into the list at once.
    fn take(&mut self, reported: &Reported<'_>, is_unknown: bool) -> Option<Value> {
        match self {
            Self::Listed(written) => Some(written(reported)),
            Self::Held { notifications, more } if notifications.len() >= MOST_HELD => {
                *more += 1;
                None
            }
            Self::Held { notifications, .. } => {
                let level = if is_unknown { sarif::Level::Error } else { sarif::Level::Warning };
                notifications.push(sarif::notification(level, reported));
                None
            }
        }
    }
}

/// What a log says of its run, as it stands behind the results.
fn run(notifications: Vec<Value>, more: u64) -> String {
    let invocation = format!("{:#}", sarif::invocation(notifications, more));
    format!(",\n      \"invocations\": [\n        {}\n      ]", invocation.replace('\n', "\n        "))
}

/// As a finding by which nothing falls short: what nobody can tell changes no exit status either.
fn unseen(reason: String) -> Finding {
    Finding {
        control: VERDICT.id,
        severity: Severity::Informational,
        reason,
        remedy: "see that it answers to whoever asks from here, and scan it again".to_owned(),
    }
}

fn rules() -> Vec<Control> {
    controls().collect()
}
