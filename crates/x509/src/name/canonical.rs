//! Names as certificates carry them: one spelling each, so that a rule can't be walked around by another.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use der::asn1::{Ia5String, OctetString};
use hermetic_tls::{DnsName, Identity, IdentityError, SpiffeId};
use x509_cert::ext::pkix::name::GeneralName;

use super::label;
use crate::error::EncodingError;

/// A name that a certificate may carry, in its one spelling: DNS names in lower case, without a final dot, of
/// labels that IDNA allows, `*` only as the whole first one; IPv4 never written as IPv6; SPIFFE IDs without
/// empty or dot segments.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CanonicalName(Identity);

/// A DNS name below which others are: no wildcard.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Domain(String);

/// Why a name, or a rule about names, is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// It is no DNS name, IP address or SPIFFE ID.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// Certificates carry ASCII; a name in other letters has an A-label.
    #[error("`{0}` is not written in ASCII; write its A-labels, `xn--…`")]
    NotAscii(String),
    /// A label is not one that may be issued.
    #[error("`{name}` is no name to certify: the label `{label}` {fault}")]
    Label {
        /// The name.
        name: String,
        /// The label.
        label: String,
        /// What it does.
        fault: &'static str,
    },
    /// Clients take such a name for an IP address (RFC 1123 section 2.1).
    #[error("`{0}` ends in a number, so it would be taken for an IP address; name it as one")]
    Numeric(String),
    /// A wildcard where a domain is meant.
    #[error("`{0}` is a wildcard; name the domain itself")]
    Wildcard(String),
    /// Only DNS names, IP addresses and SPIFFE IDs are certified.
    #[error("names of the kind {0} are not certified; DNS names, IP addresses and SPIFFE IDs are")]
    Kind(&'static str),
    /// An address has 4 or 16 bytes.
    #[error("an IP address of {0} bytes is none; 4 or 16 are right")]
    AddressLength(usize),
    /// It is no range of addresses.
    #[error("`{0}` is no range of IP addresses; write `10.0.0.0/8`, with no bits behind the prefix")]
    Network(String),
    /// It is no beginning of a SPIFFE ID.
    #[error("`{0}` is no beginning of a SPIFFE ID; write `spiffe://<trust domain>/` and whole segments")]
    UriPrefix(String),
}

impl CanonicalName {
    /// The name as an identity.
    pub fn identity(&self) -> &Identity {
        &self.0
    }

    /// Whether it is a DNS name that stands for many.
    pub fn is_wildcard(&self) -> bool {
        matches!(&self.0, Identity::Dns(name) if name.as_str().starts_with("*."))
    }

    /// Reads a name that stands in a request or a certificate.
    pub(crate) fn of_general_name(name: &GeneralName) -> Result<Self, NameError> {
        match name {
            GeneralName::DnsName(name) => dns(name.as_str()).map(|name| Self(Identity::Dns(name))),
            GeneralName::IpAddress(octets) => Self::try_from(Identity::Ip(address(octets.as_bytes())?)),
            GeneralName::UniformResourceIdentifier(uri) => match uri.as_str().parse::<SpiffeId>() {
                Ok(id) => Self::try_from(Identity::Spiffe(id)),
                Err(_) if !uri.as_str().to_ascii_lowercase().starts_with("spiffe:") => {
                    Err(NameError::Kind("URI"))
                }
                Err(error) => Err(error.into()),
            },
            GeneralName::Rfc822Name(_) => Err(NameError::Kind("e-mail address")),
            GeneralName::DirectoryName(_) => Err(NameError::Kind("directory name")),
            GeneralName::OtherName(_) => Err(NameError::Kind("other name")),
            GeneralName::EdiPartyName(_) => Err(NameError::Kind("EDI party name")),
            GeneralName::RegisteredId(_) => Err(NameError::Kind("registered identifier")),
        }
    }

    /// The name as it stands in a certificate.
    pub(crate) fn to_general_name(&self) -> Result<GeneralName, EncodingError> {
        Ok(match &self.0 {
            Identity::Dns(name) => GeneralName::DnsName(Ia5String::new(name.as_str())?),
            Identity::Ip(IpAddr::V4(address)) => {
                GeneralName::IpAddress(OctetString::new(address.octets().as_slice())?)
            }
            Identity::Ip(IpAddr::V6(address)) => {
                GeneralName::IpAddress(OctetString::new(address.octets().as_slice())?)
            }
            Identity::Spiffe(id) => GeneralName::UniformResourceIdentifier(Ia5String::new(&id.to_string())?),
        })
    }
}

impl Domain {
    /// The domain as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `name` is below it: longer by at least one label.
    pub fn is_above(&self, name: &str) -> bool {
        name.strip_suffix(&self.0).and_then(|labels| labels.strip_suffix('.')).is_some_and(|l| !l.is_empty())
    }
}

fn dns(text: &str) -> Result<DnsName, NameError> {
    if !text.is_ascii() {
        return Err(NameError::NotAscii(text.to_owned()));
    }
    checked(text.parse()?)
}

fn checked(name: DnsName) -> Result<DnsName, NameError> {
    let mut labels = name.as_str().split('.').filter(|label| *label != "*");
    for label in labels.clone() {
        if let Some(fault) = label::fault(label) {
            let name = name.to_string();
            return Err(NameError::Label { name, label: label.to_owned(), fault });
        }
    }
    match labels.next_back() {
        Some(last) if last.bytes().all(|byte| byte.is_ascii_digit()) => {
            Err(NameError::Numeric(name.to_string()))
        }
        _ => Ok(name),
    }
}

fn address(octets: &[u8]) -> Result<IpAddr, NameError> {
    let v4 = <[u8; 4]>::try_from(octets).map(IpAddr::from);
    let address = v4.or_else(|_| <[u8; 16]>::try_from(octets).map(IpAddr::from));
    address.map_err(|_| NameError::AddressLength(octets.len()))
}

impl TryFrom<Identity> for CanonicalName {
    type Error = NameError;

    fn try_from(identity: Identity) -> Result<Self, NameError> {
        Ok(Self(match identity {
            Identity::Dns(name) => Identity::Dns(checked(name)?),
            Identity::Ip(address) => Identity::Ip(address.to_canonical()),
            Identity::Spiffe(id) => Identity::Spiffe(id),
        }))
    }
}

/// As [`Identity`] is written: `dns:` and `ip:` may be left out.
impl FromStr for CanonicalName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if !text.is_ascii() {
            return Err(NameError::NotAscii(text.to_owned()));
        }
        Self::try_from(text.parse::<Identity>()?)
    }
}

impl FromStr for Domain {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let name = dns(text)?;
        if name.as_str().starts_with("*.") {
            return Err(NameError::Wildcard(text.to_owned()));
        }
        Ok(Self(name.to_string()))
    }
}

impl fmt::Display for CanonicalName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
