//! PCI DSS 4.0.1: what of requirements 4.2.1 and 12.3.3 shows on the wire.
//!
//! "Strong cryptography" is that of its glossary: industry-tested, of at least 112 bits, and by NIST's lead,
//! which has disallowed triple DES since 2024 (SP 800-131A). TLS 1.1 is refused by RFC 8996.

use hermetic_tls::{Authentication, Cipher, CipherSuite, ProtocolVersion};

use super::{Ruling, Standard, Standing, View};
use crate::observe::Support;

const TRANSMISSION: Standard = Standard {
    id: "pci-dss-4.0.1-4.2.1",
    title: "PCI DSS 4.0.1, 4.2.1: strong cryptography in transmission",
};
const INVENTORY: Standard = Standard {
    id: "pci-dss-4.0.1-12.3.3",
    title: "PCI DSS 4.0.1, 12.3.3: evidence for the inventory of suites",
};

pub(super) fn standings(view: &View<'_>) -> Vec<Standing> {
    vec![view.rule(TRANSMISSION, transmission), view.rule(INVENTORY, inventory)]
}

fn transmission(ruling: &mut Ruling<'_>) {
    ruling.versions(|version| version >= ProtocolVersion::TLS1_2);
    ruling.suites(weak);
    ruling.groups(|group| group.security_bits().is_some_and(|bits| bits < 112).then_some("below 112 bits"));
    ruling.prime(2048);
    ruling.has("secure renegotiation", &ruling.seen.features.secure_renegotiation);
    ruling.lacks("it compresses within TLS", &ruling.seen.features.compression);
    ruling.certificate();
}

fn weak(suite: CipherSuite) -> Option<&'static str> {
    let cipher = suite.cipher();
    match suite.authentication() {
        Some(Authentication::Anonymous) => return Some("nobody proves who they are"),
        Some(Authentication::Null) => return Some("it protects nothing"),
        _ => {}
    }
    match cipher? {
        Cipher::Null => Some("it encrypts nothing"),
        cipher if cipher.is_rc4() => Some("RC4 is broken"),
        cipher if cipher.bits() < 112 => Some("below 112 bits"),
        cipher if cipher.has_small_blocks() => Some("blocks of 64 bits, disallowed since 2024"),
        _ => None,
    }
}

/// A list that broke off is no inventory.
fn inventory(ruling: &mut Ruling<'_>) {
    let ssl2 = ("SSL 2.0".to_owned(), &ruling.seen.ssl2);
    let others =
        ruling.seen.versions.iter().map(|observed| (observed.version.to_string(), &observed.support));
    for (version, support) in std::iter::once(ssl2).chain(others) {
        if let Support::Unknown(reason) = support {
            ruling.unseen(format!("{version}: {reason}"));
        }
    }
    ruling.suites(|_| None);
    ruling.groups(|_| None);
    let (mut suites, mut groups) = (Vec::new(), Vec::new());
    ruling.spoken().for_each(|observed| {
        suites.extend(observed.suites.accepted.iter().copied());
        groups.extend(observed.groups.accepted.iter().copied());
    });
    suites.sort();
    suites.dedup();
    groups.sort();
    groups.dedup();
    let versions = ruling.spoken().count() + usize::from(ruling.seen.ssl2.is_yes());
    ruling.note(format!(
        "this report has the versions ({versions}), suites ({}) and groups ({}) in use; their purpose, the review every twelve \
         months and the plan for what becomes weak are for you to write down",
        suites.len(),
        groups.len()
    ));
}
