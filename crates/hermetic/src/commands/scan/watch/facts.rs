//! What a watch compares from one scan to the next.

use std::collections::BTreeSet;
use std::fmt;

use hermetic_hop::Verdict;
use hermetic_probe::findings;
use hermetic_tls::{CipherSuite, NamedGroup, ProtocolVersion};

use super::super::report::{Answer, Listed, Report};

/// One thing that is so, or is so no more.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fact {
    /// Its verdict.
    Verdict(Verdict),
    /// A version that it speaks.
    Speaks(ProtocolVersion),
    /// A suite that it accepts in a version.
    Suite(ProtocolVersion, CipherSuite),
    /// The suite that it chose in a version, where it was not asked for all.
    Choice(ProtocolVersion, CipherSuite),
    /// A group that it accepts in a version.
    Group(ProtocolVersion, NamedGroup),
    /// The certificate that it shows.
    Certificate(String),
    /// The key of a finding.
    Finding(String),
}

/// What a report says.
pub(super) fn of(report: &Report) -> BTreeSet<Fact> {
    let is_fast = report.depth == "fast";
    let mut facts = BTreeSet::from([Fact::Verdict(report.verdict())]);
    let spoken = report.protocols.iter().filter(|protocol| protocol.support.support == Answer::Yes);
    facts.extend(spoken.map(|protocol| Fact::Speaks(protocol.version)));
    for list in &report.suites {
        let fact = if is_fast { Fact::Choice } else { Fact::Suite };
        facts.extend(list.accepted.iter().map(|suite| fact(list.version, *suite)));
    }
    for list in &report.groups {
        facts.extend(list.accepted.iter().map(|group| Fact::Group(list.version, *group)));
    }
    if let Some(certificate) = report.handshake.as_ref().and_then(|handshake| handshake.certificate.as_ref())
    {
        let text = format!("{}, until {}", certificate.fingerprint, certificate.not_after);
        facts.insert(Fact::Certificate(text));
    }
    facts.extend(report.judged.findings.iter().flat_map(|shown| shown.keys()).map(Fact::Finding));
    facts
}

impl Fact {
    /// Whether this scan would have seen it again. What was not to be seen this time is not gone.
    pub(super) fn would_show_in(&self, report: &Report) -> bool {
        let version_is_told = |version| {
            let of = report.protocols.iter().find(|protocol| protocol.version == version);
            of.is_some_and(|protocol| protocol.support.support != Answer::CouldNotTell)
        };
        let suites = |version| version_is_told(version) && is_whole(&report.suites, version);
        match self {
            Self::Verdict(_) => true,
            Self::Speaks(version) | Self::Choice(version, _) => version_is_told(*version),
            Self::Suite(version, _) => suites(*version),
            Self::Group(version, _) => suites(*version) && is_whole(&report.groups, *version),
            Self::Certificate(_) => {
                report.handshake.as_ref().is_some_and(|handshake| handshake.certificate.is_some())
            }
            Self::Finding(key) => report.judged.why_untold(findings::control(key)).is_none(),
        }
    }
}

/// Whether all of a version is on the list: so, too, where the version is not spoken.
fn is_whole<T>(lists: &[Listed<T>], version: ProtocolVersion) -> bool {
    lists.iter().filter(|list| list.version == version).all(|list| list.broke_off.is_none())
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Verdict(verdict) => write!(f, "verdict {verdict}"),
            Self::Speaks(version) => write!(f, "speaks {version}"),
            Self::Suite(version, suite) => write!(f, "{version} accepts {suite}"),
            Self::Choice(version, suite) => write!(f, "{version} chooses {suite}"),
            Self::Group(version, group) => write!(f, "{version} accepts {group}"),
            Self::Certificate(certificate) => write!(f, "certificate {certificate}"),
            Self::Finding(key) => write!(f, "finding {key}"),
        }
    }
}
