//! A security policy and a clock as rustls wants them.

use std::sync::Arc;
use std::time::Duration;

use rustls::SupportedProtocolVersion;
use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs::{ALL_CIPHER_SUITES, ALL_KX_GROUPS, default_provider};
use rustls::pki_types::UnixTime;
use rustls::time_provider::TimeProvider;

use crate::error::SettingsError;
use crate::policy::{DEFAULT_GROUPS, SecurityPolicy};
use crate::{CipherSuite, Clock, NamedGroup, ProtocolVersion};

/// The versions that the gateway serves at all, best first.
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
        policy.is_servable().map_err(|reason| SettingsError::UnsupportedPolicy {
            policy: policy.full_name(),
            reason: reason.to_string(),
            nearest: policy.nearest_servable().full_name(),
        })?;
        let suite = |number: CipherSuite| ALL_CIPHER_SUITES.iter().find(|s| u16::from(s.suite()) == number.0);
        let group = |number: NamedGroup| ALL_KX_GROUPS.iter().find(|g| u16::from(g.name()) == number.0);
        let cipher_suites: Vec<_> = policy.servable_suites().into_iter().filter_map(suite).copied().collect();
        let kx_groups: Vec<_> = policy.servable_groups().into_iter().filter_map(group).copied().collect();
        // A policy whose groups are all for TLS 1.3 (pure ML-KEM) can't negotiate TLS 1.2.
        let possible = |version: &&&'static SupportedProtocolVersion| {
            policy.servable_versions().contains(&number(version))
                && kx_groups.iter().any(|group| group.usable_for_version(version.version))
        };
        let versions = VERSIONS.iter().filter(possible).copied().collect();
        let provider = CryptoProvider { cipher_suites, kx_groups, ..default_provider() };
        Ok(Self { provider: Arc::new(provider), versions })
    }

    /// Everything that can be spoken at all, our own groups first: to see what a far end chooses.
    pub(crate) fn unrestricted() -> Self {
        let mut kx_groups = ALL_KX_GROUPS.to_vec();
        let rank = |group: u16| DEFAULT_GROUPS.iter().position(|ours| ours.0 == group);
        kx_groups.sort_by_key(|group| rank(group.name().into()).unwrap_or(DEFAULT_GROUPS.len()));
        let cipher_suites = ALL_CIPHER_SUITES.to_vec();
        let provider = CryptoProvider { cipher_suites, kx_groups, ..default_provider() };
        Self { provider: Arc::new(provider), versions: VERSIONS.to_vec() }
    }

    /// The same without post-quantum groups, whose shares make a hello too long for one packet.
    pub(crate) fn without_post_quantum(&self) -> Self {
        let mut provider = CryptoProvider::clone(&self.provider);
        provider.kx_groups.retain(|group| !NamedGroup(group.name().into()).is_post_quantum());
        Self { provider: Arc::new(provider), versions: self.versions.clone() }
    }

    /// Whether a suite can be negotiated.
    pub(crate) fn speaks_suite(&self, suite: CipherSuite) -> bool {
        self.provider.cipher_suites.iter().any(|known| u16::from(known.suite()) == suite.0)
    }

    /// Whether keys can be agreed on over a group.
    pub(crate) fn speaks_group(&self, group: NamedGroup) -> bool {
        self.provider.kx_groups.iter().any(|known| u16::from(known.name()) == group.0)
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
