//! A security policy and a clock as rustls wants them.

use std::sync::Arc;
use std::time::Duration;

use rustls::SupportedProtocolVersion;
use rustls::crypto::aws_lc_rs::{ALL_CIPHER_SUITES, ALL_KX_GROUPS, default_provider, kx_group};
use rustls::crypto::{CryptoProvider, SupportedKxGroup};
use rustls::pki_types::UnixTime;
use rustls::time_provider::TimeProvider;

use crate::error::SettingsError;
use crate::policy::SecurityPolicy;
use crate::{Clock, ProtocolVersion};

/// The versions that the gateway serves at all, best first.
static VERSIONS: [&SupportedProtocolVersion; 2] = [&rustls::version::TLS13, &rustls::version::TLS12];

/// The groups where a policy names none: the post-quantum hybrid first.
static USUAL_GROUPS: [&dyn SupportedKxGroup; 4] =
    [kx_group::X25519MLKEM768, kx_group::X25519, kx_group::SECP256R1, kx_group::SECP384R1];

/// What of a policy can be negotiated.
#[derive(Clone, Debug)]
pub(crate) struct Engine {
    pub(crate) provider: Arc<CryptoProvider>,
    pub(crate) versions: Vec<&'static SupportedProtocolVersion>,
}

impl Engine {
    /// Exactly the policy's suites and groups in its order, as far as they can be served.
    pub(crate) fn of(policy: &SecurityPolicy) -> Result<Self, SettingsError> {
        let unsupported = |reason: &str| SettingsError::UnsupportedPolicy {
            policy: policy.full_name(),
            reason: reason.to_owned(),
            nearest: policy.nearest_servable().full_name(),
        };
        let cipher_suites: Vec<_> = match policy.suites {
            None => ALL_CIPHER_SUITES.to_vec(),
            Some(suites) => suites
                .iter()
                .filter_map(|suite| ALL_CIPHER_SUITES.iter().find(|s| u16::from(s.suite()) == suite.0))
                .copied()
                .collect(),
        };
        let kx_groups: Vec<_> = match policy.groups {
            None => USUAL_GROUPS.to_vec(),
            Some(groups) => groups
                .iter()
                .filter_map(|group| ALL_KX_GROUPS.iter().find(|g| u16::from(g.name()) == group.0))
                .copied()
                .collect(),
        };
        if kx_groups.is_empty() {
            return Err(unsupported("none of its key-exchange groups"));
        }
        let possible = |version: &&&'static SupportedProtocolVersion| {
            policy.versions.contains(&number(version))
                && cipher_suites.iter().any(|suite| suite.version() == **version)
                && kx_groups.iter().any(|group| group.usable_for_version(version.version))
        };
        let versions: Vec<_> = VERSIONS.iter().filter(possible).copied().collect();
        if versions.is_empty() {
            return Err(unsupported("neither TLS 1.2 nor TLS 1.3 with a suite that is served here"));
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
