//! Named security policies: AWS's and Mozilla's, as data, and how far the gateway can serve each.

mod fidelity;
mod name;
mod nearest;
mod provenance;
mod table;

pub use fidelity::{DEFAULT_GROUPS, Fidelity, Unservable};
pub use name::PolicyNameError;
pub use provenance::{GroupSource, Status};

use crate::{CipherSuite, NamedGroup, ProtocolVersion};

/// A named set of protocol versions, suites and groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecurityPolicy {
    /// The service that names it, such as `elb` or `mozilla`.
    pub service: &'static str,
    /// Its name there, such as `ELBSecurityPolicy-TLS13-1-2-2021-06`.
    pub name: &'static str,
    /// The versions that it allows, best first.
    pub versions: &'static [ProtocolVersion],
    /// The suites of TLS 1.3 and then those before, each in its order; `None` where the source does not tell.
    pub suites: Option<&'static [CipherSuite]>,
    /// The groups in its order; `None` where the source does not tell: then the gateway's own.
    pub groups: Option<&'static [NamedGroup]>,
    /// Where `groups` comes from, and whether it is all of them.
    pub group_source: GroupSource,
    /// Whether a post-quantum group can be negotiated; that a client did is another matter.
    pub post_quantum: bool,
    /// Whether the service runs it in a FIPS 140 module; that says nothing of its versions, nor of the
    /// gateway, whose module is not validated.
    pub fips: bool,
    /// How well the table knows it.
    pub status: Status,
}

impl SecurityPolicy {
    /// All policies, ordered by service and then as the source has them.
    pub fn all() -> &'static [SecurityPolicy] {
        &table::POLICIES
    }

    /// The policy that holds where none is named: Mozilla's intermediate, guideline 6.0.
    pub fn default_policy() -> &'static SecurityPolicy {
        &table::DEFAULT
    }

    /// The name with its service: `elb/ELBSecurityPolicy-TLS13-1-2-2021-06`.
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.service, self.name)
    }

    /// The lowest version that it allows.
    pub fn lowest_version(&self) -> Option<ProtocolVersion> {
        self.versions.iter().min().copied()
    }

    /// Whether it allows a connection with these parameters; the reason where it does not.
    ///
    /// What the source does not tell can't be broken: suites and groups count only where they are known.
    pub fn allows(
        &self,
        version: ProtocolVersion,
        suite: CipherSuite,
        group: Option<NamedGroup>,
    ) -> Result<(), String> {
        if !self.versions.contains(&version) {
            return Err(format!("{version} is not among the versions of {}", self.full_name()));
        }
        if self.suites.is_some_and(|suites| !suites.contains(&suite)) {
            return Err(format!("{suite} is not among the suites of {}", self.full_name()));
        }
        match group {
            Some(group) if !self.allows_group(group) => {
                Err(format!("{group} is not among the groups of {}", self.full_name()))
            }
            _ => Ok(()),
        }
    }

    /// Of a list of hybrids alone, only what is post-quantum is judged: the classical groups that such a
    /// policy falls back to are not documented.
    fn allows_group(&self, group: NamedGroup) -> bool {
        let Some(groups) = self.groups else { return true };
        groups.contains(&group) || (self.group_source == GroupSource::HybridsOnly && !group.is_post_quantum())
    }
}

#[cfg(test)]
mod tests;
