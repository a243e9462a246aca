//! How the table knows what it says: a policy's content is only as good as its source.

use std::fmt;

/// How well the table knows a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Status {
    /// The service documents it.
    Documented,
    /// The service documents it, but a detail is inferred.
    DocumentedUncertain,
    /// Its name and content are in the source of s2n-tls, and in no documentation.
    CodeOnly,
    /// An alias of s2n-tls, which may change with any release.
    Library,
    /// Its versions are known, its suites are not.
    SuitesUnknown,
    /// Its name is in AWS's SDK; its versions follow from the name, and nothing else is known.
    NameOnly,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Documented => "documented",
            Self::DocumentedUncertain => "documented-uncertain",
            Self::CodeOnly => "code-only",
            Self::Library => "library",
            Self::SuitesUnknown => "suites-unknown",
            Self::NameOnly => "name-only",
        })
    }
}

/// Where a policy's groups come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GroupSource {
    /// The source tells none.
    Undocumented,
    /// The documentation, in this order.
    Documented,
    /// The documentation; the order is that of s2n-tls.
    DocumentedSet,
    /// The documentation tells the hybrids, and not the classical groups that clients without them get.
    HybridsOnly,
    /// s2n-tls, under the same name.
    Code,
    /// s2n-tls, under the name of an equivalent policy.
    EquivalentCode,
}

impl fmt::Display for GroupSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Undocumented => "undocumented",
            Self::Documented => "documented",
            Self::DocumentedSet => "documented-set",
            Self::HybridsOnly => "hybrids-only",
            Self::Code => "code",
            Self::EquivalentCode => "equivalent-code",
        })
    }
}
