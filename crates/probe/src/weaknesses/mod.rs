//! Weaknesses that follow from what an endpoint accepts. Nothing is attacked: each is a conclusion, and says
//! from what.

mod rules;
#[cfg(test)]
mod tests;

use hermetic_hop::Severity;

use crate::observe::Observations;

/// A weakness that is known by a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Weakness {
    /// SSL 3.0 with a suite that chains blocks (CVE-2014-3566).
    Poodle,
    /// Blocks of 64 bits (CVE-2016-2183).
    Sweet32,
    /// RSA keys made short for export (CVE-2015-0204).
    Freak,
    /// Primes made short for export, or short enough for others to have done the sums (CVE-2015-4000).
    Logjam,
    /// SSL 2.0 with the key of newer versions (CVE-2016-0800).
    Drown,
    /// RC4 (CVE-2013-2566, CVE-2015-2808).
    Rc4,
    /// TLS 1.0 or SSL 3.0 with a suite that chains blocks (CVE-2011-3389).
    Beast,
    /// Compression within TLS (CVE-2012-4929).
    Crime,
    /// Suites that chain blocks and check behind the padding (CVE-2013-0169): safe only where it was mended.
    Lucky13,
    /// Suites under which nobody proves who they are.
    AnonymousSuites,
    /// Suites that encrypt nothing.
    NullSuites,
    /// Suites whose keys were made short for export.
    ExportSuites,
    /// Renegotiation that an attacker can begin (CVE-2009-3555).
    InsecureRenegotiation,
    /// A prime of less than 2048 bits.
    WeakPrime,
    /// A prime of less than 2048 bits that many servers share: sums done once serve against all of them.
    CommonPrime,
    /// Key exchange without forward secrecy is accepted.
    NoForwardSecrecy,
}

/// What an endpoint's answers say of a weakness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conclusion {
    /// It is there, and what shows it.
    Vulnerable(String),
    /// It is not.
    NotVulnerable,
    /// What would show it was not to be seen, and why.
    CouldNotTell(String),
}

impl Weakness {
    /// All of them, the worst first.
    pub const ALL: [Self; 16] = [
        Self::Drown,
        Self::NullSuites,
        Self::AnonymousSuites,
        Self::ExportSuites,
        Self::Freak,
        Self::Logjam,
        Self::InsecureRenegotiation,
        Self::Poodle,
        Self::Rc4,
        Self::Crime,
        Self::Sweet32,
        Self::CommonPrime,
        Self::WeakPrime,
        Self::Beast,
        Self::Lucky13,
        Self::NoForwardSecrecy,
    ];

    /// Its id, as it stands in reports.
    pub fn id(self) -> &'static str {
        match self {
            Self::Poodle => "poodle",
            Self::Sweet32 => "sweet32",
            Self::Freak => "freak",
            Self::Logjam => "logjam",
            Self::Drown => "drown",
            Self::Rc4 => "rc4",
            Self::Beast => "beast",
            Self::Crime => "crime",
            Self::Lucky13 => "lucky13",
            Self::AnonymousSuites => "anonymous-suites",
            Self::NullSuites => "null-suites",
            Self::ExportSuites => "export-suites",
            Self::InsecureRenegotiation => "insecure-renegotiation",
            Self::WeakPrime => "weak-prime",
            Self::CommonPrime => "common-prime",
            Self::NoForwardSecrecy => "no-forward-secrecy",
        }
    }

    /// How bad it is.
    pub fn severity(self) -> Severity {
        match self {
            Self::Drown | Self::NullSuites | Self::AnonymousSuites | Self::ExportSuites => Severity::Critical,
            Self::Freak | Self::Logjam | Self::InsecureRenegotiation | Self::Poodle => Severity::High,
            Self::Rc4 | Self::Crime => Severity::High,
            Self::Sweet32 | Self::WeakPrime | Self::CommonPrime => Severity::Medium,
            Self::Beast | Self::Lucky13 | Self::NoForwardSecrecy => Severity::Low,
        }
    }

    /// What these observations say of it.
    pub fn of(self, seen: &Observations) -> Conclusion {
        rules::conclude(self, seen)
    }
}
