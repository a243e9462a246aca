//! Observations for the tests of what is made of them.

use hermetic_tls::{CipherSuite, NamedGroup, ProtocolVersion};

use crate::observe::{Ranking, Support, VersionObserved};

/// A version that is accepted with these suites and groups.
pub(crate) fn observed(version: ProtocolVersion, suites: &[u16], groups: &[u16]) -> VersionObserved {
    VersionObserved {
        version,
        support: Support::Yes,
        suites: whole(suites.iter().copied().map(CipherSuite).collect()),
        groups: whole(groups.iter().copied().map(NamedGroup).collect()),
        schemes: Vec::new(),
        first: None,
        others: Vec::new(),
    }
}

/// A list that is known to be whole.
pub(crate) fn whole<T>(accepted: Vec<T>) -> Ranking<T> {
    Ranking { accepted, is_whole: Support::Yes, order: None, classes: Vec::new() }
}
