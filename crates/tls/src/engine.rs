//! A security policy and a clock as rustls wants them.

use std::sync::Arc;
use std::time::Duration;

use rustls::SupportedProtocolVersion;
use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs::{ALL_CIPHER_SUITES, ALL_KX_GROUPS, default_provider};
use rustls::pki_types::UnixTime;
use rustls::time_provider::TimeProvider;

use crate::error::SettingsError;
use crate::policy::SecurityPolicy;
use crate::{Clock, ProtocolVersion};

/// The versions that rustls speaks, best first.
static VERSIONS: [&SupportedProtocolVersion; 2] = [&rustls::version::TLS13, &rustls::version::TLS12];

/// What of a policy can be negotiated.
#[derive(Clone, Debug)]
pub(crate) struct Engine {
    pub(crate) provider: Arc<CryptoProvider>,
    pub(crate) versions: Vec<&'static SupportedProtocolVersion>,
}

impl Engine {
    /// Exactly the policy's suites and groups in its order, as far as they can be served.
    pub(crate) fn of(policy: &SecurityPolicy) -> Result<Self, SettingsError> {
        let unsupported = |reason: String| SettingsError::UnsupportedPolicy {
            policy: policy.full_name(),
            reason,
            nearest: policy.nearest_servable().full_name(),
        };
        policy.is_servable().map_err(|reason| unsupported(reason.to_string()))?;
        let cipher_suites = policy
            .servable_suites()
            .iter()
            .filter_map(|suite| ALL_CIPHER_SUITES.iter().find(|s| u16::from(s.suite()) == suite.0))
            .copied()
            .collect();
        let kx_groups: Vec<_> = policy
            .servable_groups()
            .iter()
            .filter_map(|group| ALL_KX_GROUPS.iter().find(|g| u16::from(g.name()) == group.0))
            .copied()
            .collect();
        let allowed = policy.servable_versions();
        // A version without a group to go with it (TLS 1.2 under a policy of hybrids alone) is none.
        let has_group = |version: &SupportedProtocolVersion| {
            kx_groups.iter().any(|group| group.usable_for_version(version.version))
        };
        let versions: Vec<_> = VERSIONS
            .into_iter()
            .filter(|version| allowed.contains(&number(version)) && has_group(version))
            .collect();
        if versions.is_empty() {
            return Err(unsupported("no version of it goes with its groups".to_owned()));
        }
        let provider = CryptoProvider { cipher_suites, kx_groups, ..default_provider() };
        Ok(Self { provider: Arc::new(provider), versions })
    }

    /// The versions as numbers, best first.
    pub(crate) fn versions(&self) -> impl Iterator<Item = ProtocolVersion> {
        self.versions.iter().map(|version| number(version))
    }
}

fn number(version: &SupportedProtocolVersion) -> ProtocolVersion {
    ProtocolVersion(u16::from(version.version))
}

/// Our clock, for certificate validity and ticket age.
#[derive(Debug)]
pub(crate) struct EngineClock(pub(crate) Arc<dyn Clock>);

impl TimeProvider for EngineClock {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.0.now().as_second()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}
