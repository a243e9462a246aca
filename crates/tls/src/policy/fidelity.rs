//! What of a policy the gateway can serve, and what it leaves out.

use std::fmt;

use rustls::crypto::aws_lc_rs::{ALL_CIPHER_SUITES, ALL_KX_GROUPS};

use super::{GroupSource, SecurityPolicy};
use crate::{CipherSuite, NamedGroup, ProtocolVersion};

/// The gateway's own groups, in its order: what it offers where a policy names none.
pub const DEFAULT_GROUPS: [NamedGroup; 4] =
    [NamedGroup::X25519MLKEM768, NamedGroup::X25519, NamedGroup::SECP256R1, NamedGroup::SECP384R1];

/// How well the gateway can serve a part of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fidelity<T> {
    /// All of it.
    Exact,
    /// All but these.
    Subset {
        /// What the gateway leaves out.
        missing: Vec<T>,
    },
    /// The policy's source does not tell this part, and the gateway serves its own.
    Undocumented,
    /// Not at all, for this reason.
    Unsupported {
        /// Why.
        reason: String,
    },
}

impl<T: fmt::Display> fmt::Display for Fidelity<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact => f.write_str("exact"),
            Self::Subset { missing } => write!(f, "subset (missing {})", list(missing)),
            Self::Undocumented => f.write_str("undocumented (the gateway's own)"),
            Self::Unsupported { reason } => write!(f, "unsupported ({reason})"),
        }
    }
}

/// Why the gateway can't serve a policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unservable {
    /// It allows versions that the gateway never speaks. Without them it would be another policy.
    #[error("it allows {}; the gateway speaks nothing below TLSv1.2", list(.0))]
    OldVersions(Vec<ProtocolVersion>),
    /// Nobody knows what to serve.
    #[error("its source does not tell its suites")]
    SuitesNotEstablished,
    /// There is nothing to serve.
    #[error("the gateway has none of its suites")]
    NoSuite,
    /// There is nothing to agree on keys with.
    #[error("the gateway has none of its groups")]
    NoGroup,
}

impl SecurityPolicy {
    /// Whether the gateway can serve it, in part at least; the reason where it can't.
    pub fn is_servable(&self) -> Result<(), Unservable> {
        self.has_servable_suites()?;
        self.has_servable_groups()
    }

    /// How far the gateway serves its versions and suites.
    pub fn suite_fidelity(&self) -> Fidelity<CipherSuite> {
        match self.has_servable_suites() {
            Ok(()) => complete_or_subset(self.suites.unwrap_or_default(), speaks_suite),
            Err(reason) => Fidelity::Unsupported { reason: reason.to_string() },
        }
    }

    /// How far the gateway serves its groups.
    pub fn group_fidelity(&self) -> Fidelity<NamedGroup> {
        match (self.groups, self.has_servable_groups()) {
            (None, _) => Fidelity::Undocumented,
            (Some(groups), Ok(())) => complete_or_subset(groups, speaks_group),
            (Some(_), Err(reason)) => Fidelity::Unsupported { reason: reason.to_string() },
        }
    }

    /// The versions that the gateway serves of it: those that one of its servable suites goes with.
    pub fn servable_versions(&self) -> Vec<ProtocolVersion> {
        let suites = self.servable_suites();
        let served = |version| match version {
            ProtocolVersion::TLS1_3 => suites.iter().any(|suite| is_tls13(*suite)),
            ProtocolVersion::TLS1_2 => suites.iter().any(|suite| !is_tls13(*suite)),
            _ => false,
        };
        self.versions.iter().copied().filter(|version| served(*version)).collect()
    }

    /// The suites that the gateway serves of it, in its order; none where its source tells none.
    pub fn servable_suites(&self) -> Vec<CipherSuite> {
        self.suites.unwrap_or_default().iter().copied().filter(|suite| speaks_suite(*suite)).collect()
    }

    /// The groups that the gateway serves of it, in its order.
    ///
    /// Where the source leaves groups out, [`DEFAULT_GROUPS`] fill the gap, without X25519 where FIPS 140 is
    /// meant: SP 800-56A does not have it, and s2n-tls drops it from its FIPS policies too.
    pub fn servable_groups(&self) -> Vec<NamedGroup> {
        let mut groups: Vec<NamedGroup> =
            self.groups.unwrap_or_default().iter().copied().filter(|group| speaks_group(*group)).collect();
        if matches!(self.group_source, GroupSource::Undocumented | GroupSource::HybridsOnly) {
            let own = DEFAULT_GROUPS.into_iter().filter(|group| !(self.fips && *group == NamedGroup::X25519));
            let gap: Vec<NamedGroup> = own.filter(|group| !groups.contains(group)).collect();
            groups.extend(gap);
        }
        groups
    }

    fn has_servable_suites(&self) -> Result<(), Unservable> {
        let too_old = |version: &ProtocolVersion| *version < ProtocolVersion::TLS1_2;
        let old: Vec<ProtocolVersion> = self.versions.iter().copied().filter(too_old).collect();
        if !old.is_empty() {
            return Err(Unservable::OldVersions(old));
        }
        if self.suites.is_none() {
            return Err(Unservable::SuitesNotEstablished);
        }
        if self.servable_versions().is_empty() { Err(Unservable::NoSuite) } else { Ok(()) }
    }

    fn has_servable_groups(&self) -> Result<(), Unservable> {
        if self.servable_groups().is_empty() { Err(Unservable::NoGroup) } else { Ok(()) }
    }
}

/// Asked of the TLS library rather than listed, so that no list can promise what a handshake can't keep.
fn speaks_suite(suite: CipherSuite) -> bool {
    ALL_CIPHER_SUITES.iter().any(|known| u16::from(known.suite()) == suite.0)
}

fn speaks_group(group: NamedGroup) -> bool {
    ALL_KX_GROUPS.iter().any(|known| u16::from(known.name()) == group.0)
}

fn is_tls13(suite: CipherSuite) -> bool {
    suite.lowest_version() == Some(ProtocolVersion::TLS1_3)
}

fn complete_or_subset<T: Copy>(all: &[T], speaks: impl Fn(T) -> bool) -> Fidelity<T> {
    let missing: Vec<T> = all.iter().copied().filter(|one| !speaks(*one)).collect();
    if missing.is_empty() { Fidelity::Exact } else { Fidelity::Subset { missing } }
}

fn list<T: fmt::Display>(items: &[T]) -> String {
    items.iter().map(T::to_string).collect::<Vec<_>>().join(", ")
}
