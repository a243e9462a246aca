//! Servers that have nothing in common with our TLS library: they are met all the same, and judged.

use hermetic_hop::Verdict;
use hermetic_tls::{CipherSuite, NamedGroup, ProtocolVersion};

use crate::certificates::Authority;
use crate::look::{judged, look, seen, tls};
use crate::server::OpenSsl;

/// What OpenSSL chooses where it allows this alone; it is weak, as nothing of it was verified.
fn choice(arguments: &[&str]) -> (ProtocolVersion, CipherSuite, Option<NamedGroup>) {
    let server = OpenSsl::start(arguments);
    let evidence =
        seen(look(&format!("tls://{}", server.address), Authority::new().trust(), "dns:shop.test"));
    let judgement = judged(&evidence);
    assert_eq!(judgement.verdict, Verdict::Weak, "{judgement:?}");
    let facts = tls(&evidence);
    (facts.version.unwrap(), facts.suite.unwrap(), facts.group)
}

#[test]
fn a_server_with_a_group_alone_that_the_library_lacks_is_met() {
    let (version, _, group) = choice(&["-groups", "P-521"]);
    assert_eq!((version, group), (ProtocolVersion::TLS1_3, Some(NamedGroup::SECP521R1)));
    // Also in TLS 1.2, where its suite is one of the library's.
    let (version, suite, group) =
        choice(&["-groups", "P-521", "-no_tls1_3", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256"]);
    assert_eq!((version, suite), (ProtocolVersion::TLS1_2, CipherSuite(0xC02F)));
    assert_eq!(group, Some(NamedGroup::SECP521R1));
}

#[test]
fn a_server_with_a_suite_alone_that_the_library_lacks_is_met() {
    let (version, suite, _) = choice(&["-tls1_3", "-ciphersuites", "TLS_AES_128_CCM_SHA256"]);
    assert_eq!((version, suite), (ProtocolVersion::TLS1_3, CipherSuite(0x1304)));
}
