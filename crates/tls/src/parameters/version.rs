//! Protocol versions.

/// A TLS or SSL protocol version, by its number on the wire.
///
/// The order is the numbers': right among SSL and TLS, without meaning for DTLS, TLCP and GREASE.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProtocolVersion(pub u16);

impl ProtocolVersion {
    /// SSL 2.0.
    pub const SSL2: Self = Self(0x0002);
    /// TLCP 1.1, the Chinese relative of TLS 1.1 (GB/T 38636).
    pub const TLCP1_1: Self = Self(0x0101);
    /// SSL 3.0.
    pub const SSL3: Self = Self(0x0300);
    /// TLS 1.0.
    pub const TLS1_0: Self = Self(0x0301);
    /// TLS 1.1.
    pub const TLS1_1: Self = Self(0x0302);
    /// TLS 1.2.
    pub const TLS1_2: Self = Self(0x0303);
    /// TLS 1.3.
    pub const TLS1_3: Self = Self(0x0304);

    /// The name as TLS logs write it, such as `TLSv1.3`; `None` for a number that is no version.
    pub fn name(self) -> Option<&'static str> {
        NAMES.iter().find(|(version, ..)| *version == self).map(|(_, name, _)| *name)
    }

    /// The version of a name: `TLSv1.2`, `TLS 1.2` or just `1.2`; case does not count.
    pub fn from_name(name: &str) -> Option<Self> {
        let same = |known: &&str| known.eq_ignore_ascii_case(name);
        NAMES
            .iter()
            .find(|(_, known, aliases)| same(known) || aliases.iter().any(same))
            .map(|(version, ..)| *version)
    }
}

super::text::text_of_wire_number!(ProtocolVersion, Version);

/// Version, name, and what else people write. `TLSv1` is TLS 1.0 to OpenSSL and in AWS's settings.
static NAMES: [(ProtocolVersion, &str, &[&str]); 10] = [
    (ProtocolVersion::TLS1_3, "TLSv1.3", &["1.3", "TLS 1.3"]),
    (ProtocolVersion::TLS1_2, "TLSv1.2", &["1.2", "TLS 1.2"]),
    (ProtocolVersion::TLS1_1, "TLSv1.1", &["1.1", "TLS 1.1"]),
    (ProtocolVersion::TLS1_0, "TLSv1.0", &["1.0", "TLS 1.0", "TLSv1"]),
    (ProtocolVersion::SSL3, "SSLv3", &["SSLv3.0", "SSL 3.0"]),
    (ProtocolVersion::SSL2, "SSLv2", &["SSLv2.0", "SSL 2.0"]),
    (ProtocolVersion::TLCP1_1, "TLCPv1.1", &["TLCP 1.1"]),
    (ProtocolVersion(0xFEFC), "DTLSv1.3", &["DTLS 1.3"]),
    (ProtocolVersion(0xFEFD), "DTLSv1.2", &["DTLS 1.2"]),
    (ProtocolVersion(0xFEFF), "DTLSv1.0", &["DTLS 1.0"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_with_and_without_its_prefix() {
        for text in ["TLSv1.2", "tlsv1.2", "TLSV1.2", "TLS 1.2", "1.2", "0x0303"] {
            assert_eq!(text.parse(), Ok(ProtocolVersion::TLS1_2), "{text}");
        }
        assert_eq!("TLSv1".parse(), Ok(ProtocolVersion::TLS1_0));
        assert!("1".parse::<ProtocolVersion>().is_err());
        assert!("TLSv1.4".parse::<ProtocolVersion>().is_err());
    }

    #[test]
    fn newer_versions_are_greater() {
        use ProtocolVersion as V;
        let mut versions = [V::TLS1_2, V::SSL3, V::TLS1_3, V::SSL2, V::TLS1_1, V::TLS1_0];
        versions.sort();
        assert_eq!(format!("{versions:?}"), "[SSLv2, SSLv3, TLSv1.0, TLSv1.1, TLSv1.2, TLSv1.3]");
    }
}
