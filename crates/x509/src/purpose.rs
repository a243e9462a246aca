//! What a certificate may be used for (RFC 5280 section 4.2.1.12).

use std::fmt;

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5280::{ID_KP_CLIENT_AUTH, ID_KP_CODE_SIGNING, ID_KP_OCSP_SIGNING, ID_KP_SERVER_AUTH};

/// One use of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Purpose {
    /// As a TLS server.
    Server,
    /// As a TLS client.
    Client,
    /// To sign code.
    CodeSigning,
    /// To sign OCSP answers for the authority that issued it.
    OcspSigning,
}

/// The uses of a certificate: each once, in the order in which they are written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Purposes([bool; 4]);

impl Purpose {
    /// All of them, in the order in which they are written.
    pub const ALL: [Self; 4] = [Self::Server, Self::Client, Self::CodeSigning, Self::OcspSigning];

    /// Its identifier.
    pub fn oid(self) -> ObjectIdentifier {
        match self {
            Self::Server => ID_KP_SERVER_AUTH,
            Self::Client => ID_KP_CLIENT_AUTH,
            Self::CodeSigning => ID_KP_CODE_SIGNING,
            Self::OcspSigning => ID_KP_OCSP_SIGNING,
        }
    }

    /// Its name in RFC 5280, such as `serverAuth`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Server => "serverAuth",
            Self::Client => "clientAuth",
            Self::CodeSigning => "codeSigning",
            Self::OcspSigning => "OCSPSigning",
        }
    }

    /// The purpose that this identifier names; `None` where it is another.
    pub fn of_oid(oid: ObjectIdentifier) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.oid() == oid)
    }
}

impl Purposes {
    /// These.
    pub fn of(purposes: &[Purpose]) -> Self {
        Self(Purpose::ALL.map(|purpose| purposes.contains(&purpose)))
    }

    /// Each of them, in the order in which they are written.
    pub fn iter(self) -> impl Iterator<Item = Purpose> {
        Purpose::ALL.into_iter().zip(self.0).filter_map(|(purpose, is_in)| is_in.then_some(purpose))
    }

    /// Whether this is one of them.
    pub fn contains(self, purpose: Purpose) -> bool {
        self.iter().any(|one| one == purpose)
    }

    /// Their identifiers, as the extension lists them.
    pub fn oids(self) -> Vec<ObjectIdentifier> {
        self.iter().map(Purpose::oid).collect()
    }
}

impl fmt::Debug for Purposes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.iter()).finish()
    }
}

impl fmt::Display for Purposes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.iter().map(Purpose::name).collect();
        formatter.pad(&names.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_purpose_is_known_by_its_identifier() {
        for purpose in Purpose::ALL {
            assert_eq!(Purpose::of_oid(purpose.oid()), Some(purpose));
        }
    }

    #[test]
    fn purposes_are_written_once_and_in_order() {
        let purposes = Purposes::of(&[Purpose::Client, Purpose::Server, Purpose::Client]);
        assert_eq!(purposes.to_string(), "serverAuth, clientAuth");
        assert_eq!(purposes.oids(), [ID_KP_SERVER_AUTH, ID_KP_CLIENT_AUTH]);
    }
}
