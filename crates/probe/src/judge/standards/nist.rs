//! NIST SP 800-52 revision 2: servers for the government alone, and those for citizens and businesses too.

use hermetic_tls::{Authentication, Cipher, CipherSuite, KeyExchange, NamedGroup, ProtocolVersion};
use hermetic_x509::Weakness;

use super::{Ruling, Standard, Standing, View};

const GOVERNMENT: Standard =
    Standard { id: "nist-sp-800-52r2-government", title: "NIST SP 800-52r2, government-only server" };
const PUBLIC: Standard =
    Standard { id: "nist-sp-800-52r2-public", title: "NIST SP 800-52r2, citizen- or business-facing server" };

pub(super) fn standings(view: &View<'_>) -> Vec<Standing> {
    vec![view.rule(GOVERNMENT, government), view.rule(PUBLIC, public)]
}

fn government(ruling: &mut Ruling<'_>) {
    ruling.versions(|version| version >= ProtocolVersion::TLS1_2);
    both(ruling);
}

/// Section 3.1.2: TLS 1.0 and 1.1 where there is a reason, SSL never.
fn public(ruling: &mut Ruling<'_>) {
    ruling.versions(|version| version >= ProtocolVersion::TLS1_0);
    both(ruling);
    let old = ruling.spoken().filter(|observed| observed.version < ProtocolVersion::TLS1_2);
    for observed in old.collect::<Vec<_>>() {
        ruling.note(format!("{} needs a reason (section 3.1.2)", observed.version));
    }
}

fn both(ruling: &mut Ruling<'_>) {
    // Section 3.1: TLS 1.2 is demanded, and 1.3 since January 2024.
    ruling.speaks(ProtocolVersion::TLS1_2);
    ruling.speaks(ProtocolVersion::TLS1_3);
    ruling.suites(disallowed_suite);
    ruling.groups(disallowed_group);
    ruling.prime(2048);
    let features = &ruling.seen.features;
    ruling.has("secure renegotiation", &features.secure_renegotiation);
    ruling.has("extended master secret", &features.extended_master_secret);
    ruling.lacks("it compresses within TLS", &features.compression);
    ruling.certificate();
    // Section 3.2.1 has P-256 and P-384; P-521 is of FIPS 186-5 as well.
    let weaknesses: Vec<_> = ruling.certificates().flat_map(|reading| &reading.weaknesses).collect();
    for weakness in weaknesses {
        if matches!(weakness, Weakness::Curve { bits: None | Some(224..), .. }) {
            ruling.against(format!("of a certificate: {weakness}"));
        }
    }
}

/// Section 3.3.1: AES by GCM, CCM or CBC under an ephemeral exchange. ChaCha20 is no FIPS cipher, and RSA key
/// transport is for a transition alone (appendix D).
fn disallowed_suite(suite: CipherSuite) -> Option<&'static str> {
    let signed = matches!(
        suite.authentication(),
        Some(Authentication::Ecdsa | Authentication::Rsa | Authentication::Dss | Authentication::Tls13)
    );
    let ephemeral =
        matches!(suite.key_exchange(), Some(KeyExchange::Tls13 | KeyExchange::Ecdhe | KeyExchange::Dhe));
    match (signed, ephemeral, suite.cipher()) {
        (false, ..) => Some("its server proves nothing by a signature"),
        (_, false, _) => Some("its key exchange is not ephemeral"),
        (_, _, Some(cipher)) if !is_approved(cipher) => Some("no cipher of FIPS 197"),
        _ => None,
    }
}

fn is_approved(cipher: Cipher) -> bool {
    use Cipher::{Aes128Cbc, Aes128Ccm, Aes128Ccm8, Aes128Gcm, Aes256Cbc, Aes256Ccm, Aes256Ccm8, Aes256Gcm};
    matches!(
        cipher,
        Aes128Cbc | Aes128Ccm | Aes128Ccm8 | Aes128Gcm | Aes256Cbc | Aes256Ccm | Aes256Ccm8 | Aes256Gcm
    )
}

/// SP 800-56A: the curves of NIST. A hybrid counts by its ML-KEM part (FIPS 203).
fn disallowed_group(group: NamedGroup) -> Option<&'static str> {
    let approved = group.is_post_quantum()
        || matches!(group, NamedGroup::SECP256R1 | NamedGroup::SECP384R1 | NamedGroup::SECP521R1)
        || matches!(group.0, 0x0100..=0x0104);
    (!approved).then_some("no group of SP 800-56A")
}
