//! Named security policies: AWS's and Mozilla's, as data, and how far the gateway can serve each.

use crate::{CipherSuite, NamedGroup, ProtocolVersion};

/// A named set of protocol versions, suites and groups.
#[derive(Debug, PartialEq, Eq)]
pub struct SecurityPolicy {
    /// The service that names it, such as `elb` or `mozilla`.
    pub service: &'static str,
    /// Its name there, such as `ELBSecurityPolicy-TLS13-1-2-2021-06`.
    pub name: &'static str,
    /// The versions that it allows.
    pub versions: &'static [ProtocolVersion],
    /// The suites of TLS 1.3 and before, in its order; `None` where the source does not tell.
    pub suites: Option<&'static [CipherSuite]>,
    /// The groups in its order; `None` where the source does not tell: then the gateway's own.
    pub groups: Option<&'static [NamedGroup]>,
}

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
    /// Not at all, for this reason.
    Unsupported {
        /// Why.
        reason: String,
    },
}

/// A policy name that is not known, or that several services have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyNameError {
    /// Nobody has it.
    #[error("no security policy is called `{name}`{}; `hermetic tls policies` lists them", nearest.as_deref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
    Unknown {
        /// The name as given.
        name: String,
        /// The most similar name.
        nearest: Option<String>,
    },
    /// Several services have it, with different content.
    #[error("`{name}` is ambiguous: {}", candidates.join(", "))]
    Ambiguous {
        /// The name as given.
        name: String,
        /// The full names that it could mean.
        candidates: Vec<String>,
    },
}

impl SecurityPolicy {
    /// All policies, ordered by service and then as the source has them.
    pub fn all() -> &'static [SecurityPolicy] {
        todo!()
    }
    /// The policy called `service/name`, or `name` where only one service has it.
    pub fn named(_name: &str) -> Result<&'static SecurityPolicy, PolicyNameError> {
        todo!()
    }
    /// The policy that holds where none is named: Mozilla's intermediate, guideline 6.0.
    pub fn default_policy() -> &'static SecurityPolicy {
        todo!()
    }
    /// The name with its service: `elb/ELBSecurityPolicy-TLS13-1-2-2021-06`.
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.service, self.name)
    }
    /// How far the gateway serves its versions and suites.
    pub fn suite_fidelity(&self) -> Fidelity<CipherSuite> {
        todo!()
    }
    /// How far the gateway serves its groups.
    pub fn group_fidelity(&self) -> Fidelity<NamedGroup> {
        todo!()
    }
    /// The servable policy that is nearest to this one, itself where it is servable.
    pub fn nearest_servable(&self) -> &'static SecurityPolicy {
        todo!()
    }
    /// The lowest version that it allows.
    pub fn lowest_version(&self) -> Option<ProtocolVersion> {
        self.versions.iter().min().copied()
    }
    /// Whether it allows a connection with these parameters; the reason where it does not.
    pub fn allows(
        &self,
        _version: ProtocolVersion,
        _suite: CipherSuite,
        _group: Option<NamedGroup>,
    ) -> Result<(), String> {
        todo!()
    }
}
