//! The hellos that are sent, by version.

use std::sync::LazyLock;

use bytes::Bytes;
use hermetic_tls::offer::{Extension, Offer};
use hermetic_tls::{
    Authentication, Cipher, CipherSuite, KeyExchange, NamedGroup, ProtocolVersion, SecurityPolicy,
    SignatureScheme,
};

use super::{Endpoint, VERSIONS};

/// All suites that can be spoken in a version; last those that protect nothing, or not against everybody. There
/// are servers that take a client's first suite, be it an anonymous one, and then hang up on it for want of
/// anybody to log in: whoever offered nothing better first would take the version for refused.
pub(super) fn suites_of(version: ProtocolVersion) -> &'static [CipherSuite] {
    words(version).map_or(&[], |words| &words.suites)
}

/// The same as a client of today would order them: a server that follows the client is to show its best.
pub(super) fn best_first(version: ProtocolVersion) -> &'static [CipherSuite] {
    words(version).map_or(&[], |words| &words.best_first)
}

/// All groups that can be spoken in a version, those that are met most first: strict servers of TLS 1.3 refuse
/// what only older versions know.
pub(super) fn groups_of(version: ProtocolVersion) -> &'static [NamedGroup] {
    words(version).map_or(&[], |words| &words.groups)
}

/// All signature schemes.
pub(super) fn schemes() -> &'static [SignatureScheme] {
    static ALL: LazyLock<Vec<SignatureScheme>> = LazyLock::new(|| SignatureScheme::all().collect());
    &ALL
}

/// What can be said in a version.
struct Words {
    version: ProtocolVersion,
    suites: Vec<CipherSuite>,
    best_first: Vec<CipherSuite>,
    groups: Vec<NamedGroup>,
}

/// Put together once: to choose and order hundreds of suites for each hello took a third of a fast scan's time.
fn words(version: ProtocolVersion) -> Option<&'static Words> {
    static ALL: LazyLock<[Words; VERSIONS.len()]> = LazyLock::new(|| VERSIONS.map(Words::of));
    ALL.iter().find(|words| words.version == version)
}

impl Words {
    fn of(version: ProtocolVersion) -> Self {
        let suits = |suite: &CipherSuite| match suite.lowest_version() {
            Some(ProtocolVersion::TLS1_3) => version == ProtocolVersion::TLS1_3,
            Some(lowest) => version < ProtocolVersion::TLS1_3 && lowest <= version,
            None => false,
        };
        // The first of all means "nothing yet", and is an error in a hello (RFC 5246 appendix A.5).
        let suites = CipherSuite::all().filter(|suite| suite.key_exchange() != Some(KeyExchange::Null));
        let mut suites: Vec<_> = suites.filter(suits).collect();
        suites.sort_by_key(protects_little);
        let good = SecurityPolicy::default_policy().suites.unwrap_or_default();
        let mut best_first = suites.clone();
        best_first.sort_by_key(|suite| !good.contains(suite));
        Self { version, suites, best_first, groups: groups(version) }
    }
}

fn protects_little(suite: &CipherSuite) -> bool {
    let is_anonymous = suite.authentication() == Some(Authentication::Anonymous);
    is_anonymous || suite.cipher() == Some(Cipher::Null) || suite.is_export()
}

fn groups(version: ProtocolVersion) -> Vec<NamedGroup> {
    let usual = [
        NamedGroup::X25519MLKEM768,
        NamedGroup::X25519,
        NamedGroup::SECP256R1,
        NamedGroup::SECP384R1,
        NamedGroup::SECP521R1,
    ];
    let suits = |group: &NamedGroup| match version {
        ProtocolVersion::TLS1_3 => group.is_of_tls13(),
        _ => !group.is_post_quantum() && !(0x001F..=0x0028).contains(&group.0),
    };
    let others = NamedGroup::all().filter(|group| !usual.contains(group));
    usual.into_iter().chain(others).filter(suits).collect()
}

/// A hello that asks for one version with these suites and everything else.
pub(super) fn of_version(version: ProtocolVersion, endpoint: &Endpoint, suites: &[CipherSuite]) -> Offer {
    with(version, endpoint, suites, groups_of(version), schemes())
}

/// The same with these groups and signature schemes.
pub(super) fn with(
    version: ProtocolVersion,
    endpoint: &Endpoint,
    suites: &[CipherSuite],
    groups: &[NamedGroup],
    schemes: &[SignatureScheme],
) -> Offer {
    let is_tls13 = version >= ProtocolVersion::TLS1_3;
    let mut suites = suites.to_vec();
    if !is_tls13 {
        suites.push(CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV);
    }
    let mut offer = Offer::new(version.min(ProtocolVersion::TLS1_2), suites);
    if !is_tls13 {
        // DEFLATE first: who knows it takes it (CRIME, CVE-2012-4929).
        offer.compression = vec![1, 0];
    }
    if version <= ProtocolVersion::SSL3 {
        return offer;
    }
    offer.extensions.extend(endpoint.server_name.clone().map(Extension::ServerName));
    offer.extensions.push(Extension::ExtendedMasterSecret);
    offer.extensions.push(Extension::Groups(groups.to_vec()));
    offer.extensions.push(Extension::PointFormats);
    if version >= ProtocolVersion::TLS1_2 {
        offer.extensions.push(Extension::SignatureSchemes(schemes.to_vec()));
    }
    if is_tls13 {
        offer.extensions.push(Extension::Versions(vec![version]));
        offer.extensions.push(Extension::PskModes);
        offer.extensions.push(Extension::KeyShares(Vec::new()));
    } else {
        offer.extensions.extend([
            Extension::SessionTicket(Bytes::new()),
            Extension::EncryptThenMac,
            Extension::StatusRequest,
            Extension::CertificateTimestamps,
            Extension::Heartbeat,
        ]);
    }
    offer
}
