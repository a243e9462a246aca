//! What can be told of TLS 1.3 at a server that speaks with shared keys alone.

use hermetic_tls::{Authentication, CipherSuite, ProtocolVersion};

use super::{Support, VersionObserved};

/// The versions, without a word on TLS 1.3 where a refusal of it may be one of whoever has no key: before TLS 1.3 a suite
/// says that one is wanted, and since then a hello without one is refused like any other (RFC 8446 section 4.1.1).
pub(super) fn unsure(mut versions: Vec<VersionObserved>) -> Vec<VersionObserved> {
    let mut suites = versions.iter().flat_map(|observed| &observed.suites.accepted).peekable();
    if suites.peek().is_none() || !suites.all(wants_a_key) {
        return versions;
    }
    for observed in &mut versions {
        if observed.version == ProtocolVersion::TLS1_3
            && let Support::No(reason) = &observed.support
        {
            let unsure = format!("it speaks with shared keys alone, and there was none to offer: {reason}");
            *observed = VersionObserved::unseen(observed.version, unsure);
        }
    }
    versions
}

fn wants_a_key(suite: &CipherSuite) -> bool {
    matches!(suite.authentication(), Some(Authentication::Psk | Authentication::RsaPsk))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::observed;

    /// What is told of TLS 1.3 beside these suites of TLS 1.2.
    fn of(suites: &[u16]) -> Support {
        let refused = VersionObserved::refused(ProtocolVersion::TLS1_3, "alert handshake_failure".to_owned());
        let versions = vec![observed(ProtocolVersion::TLS1_2, suites, &[]), refused];
        unsure(versions).pop().unwrap().support
    }

    #[test]
    fn a_refusal_of_tls_1_3_tells_nothing_where_shared_keys_alone_are_spoken_with() {
        // TLS_PSK_WITH_AES_128_CBC_SHA and TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256.
        assert!(matches!(of(&[0x008C]), Support::Unknown(_)));
        assert!(matches!(of(&[0x008C, 0xC02B]), Support::No(_)));
        assert!(matches!(of(&[]), Support::No(_)));
    }
}
