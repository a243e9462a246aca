//! The kinds of certificates, as data.

use std::fmt;

use der::flagset::FlagSet;
use hermetic_keys::KeyAlgorithm;
use jiff::SignedDuration;
use x509_cert::ext::pkix::KeyUsages;

use crate::purpose::{Purpose, Purposes};

use super::LifetimeBounds;

/// A kind of certificate. Each is a built-in profile by itself, and others derive from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ProfileKind {
    /// A TLS server.
    Server,
    /// A TLS client.
    Client,
    /// Both: a party of a path.
    #[default]
    Both,
    /// A party of a mesh by its SPIFFE ID (X.509-SVID).
    Mesh,
    /// Who answers OCSP for an authority (RFC 6960 section 4.2.2.2).
    Ocsp,
    /// Who signs code.
    Code,
}

/// How a kind of certificate names its party.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// By DNS names, IP addresses and at most one SPIFFE ID; of the subject, common names that are among
    /// these are taken.
    Names {
        /// Whether a name may be a wildcard: a server may answer for many hosts; who calls is one party.
        wildcards: bool,
    },
    /// By exactly one SPIFFE ID (X.509-SVID section 2), and by nothing else.
    SpiffeId,
    /// By its subject, which is taken as a whole, and by nothing else.
    Subject,
}

struct Row {
    name: &'static str,
    purposes: &'static [Purpose],
    naming: Naming,
    usual: SignedDuration,
    most: SignedDuration,
}

impl ProfileKind {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Server, Self::Client, Self::Both, Self::Mesh, Self::Ocsp, Self::Code];

    /// Its name, such as `server`.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// What its certificates may be used for.
    pub fn purposes(self) -> Purposes {
        Purposes::of(self.row().purposes)
    }

    /// How its certificates name their party.
    pub fn naming(self) -> Naming {
        self.row().naming
    }

    /// The key usage for a key of this kind. All sign; only RSA keys of servers encipher keys as well, which
    /// TLS 1.2 without forward secrecy asks of them (RFC 5246 section 7.4.2). Keys on curves and ML-DSA keys
    /// can't, and may not say so (RFC 8813 section 3, RFC 9295 section 3, RFC 9881 section 5).
    pub fn key_usage(self, key: KeyAlgorithm) -> FlagSet<KeyUsages> {
        let is_rsa = matches!(key, KeyAlgorithm::Rsa2048 | KeyAlgorithm::Rsa3072 | KeyAlgorithm::Rsa4096);
        if is_rsa && matches!(self, Self::Server | Self::Both) {
            KeyUsages::DigitalSignature | KeyUsages::KeyEncipherment
        } else {
            KeyUsages::DigitalSignature.into()
        }
    }

    /// Whether its certificates can be revoked. Those of responders can't: nobody could be asked.
    pub fn is_revocable(self) -> bool {
        self != Self::Ocsp
    }

    pub(super) fn lifetime(self) -> LifetimeBounds {
        let Row { usual, most, .. } = *self.row();
        LifetimeBounds { usual, most, ..LifetimeBounds::WIDEST }
    }

    fn row(self) -> &'static Row {
        match self {
            Self::Server => &SERVER,
            Self::Client => &CLIENT,
            Self::Both => &BOTH,
            Self::Mesh => &MESH,
            Self::Ocsp => &OCSP,
            Self::Code => &CODE,
        }
    }
}

impl fmt::Display for ProfileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

const fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

// `most` of servers and clients is one day below what browsers took before 2026. Code signing has the limit of
// the CA/Browser Forum since then. Identities of a mesh and of responders are renewed without anybody
// noticing, and the latter can't be revoked, so both are short.

const SERVER: Row = Row {
    name: "server",
    purposes: &[Purpose::Server],
    naming: Naming::Names { wildcards: true },
    usual: days(30),
    most: days(397),
};

const CLIENT: Row = Row {
    name: "client",
    purposes: &[Purpose::Client],
    naming: Naming::Names { wildcards: false },
    usual: days(30),
    most: days(397),
};

const BOTH: Row = Row {
    name: "both",
    purposes: &[Purpose::Server, Purpose::Client],
    naming: Naming::Names { wildcards: true },
    usual: days(30),
    most: days(397),
};

const MESH: Row = Row {
    name: "mesh",
    purposes: &[Purpose::Server, Purpose::Client],
    naming: Naming::SpiffeId,
    usual: days(1),
    most: days(30),
};

const OCSP: Row = Row {
    name: "ocsp",
    purposes: &[Purpose::OcspSigning],
    naming: Naming::Subject,
    usual: days(7),
    most: days(30),
};

const CODE: Row = Row {
    name: "code",
    purposes: &[Purpose::CodeSigning],
    naming: Naming::Subject,
    usual: days(365),
    most: days(460),
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lifetimes_of_each_kind_are_bounds() {
        for kind in ProfileKind::ALL {
            let LifetimeBounds { least, usual, most } = kind.lifetime();
            assert_eq!(LifetimeBounds::new(least, usual, most), Ok(kind.lifetime()));
        }
    }

    #[test]
    fn only_rsa_keys_of_servers_encipher_keys() {
        for kind in ProfileKind::ALL {
            for key in KeyAlgorithm::ALL {
                let enciphers = kind.key_usage(key).contains(KeyUsages::KeyEncipherment);
                let is_server = kind.purposes().contains(Purpose::Server) && kind != ProfileKind::Mesh;
                assert_eq!(enciphers, is_server && key.name().starts_with("RSA"), "{kind} {key}");
            }
        }
    }
}
