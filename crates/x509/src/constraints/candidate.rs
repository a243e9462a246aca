//! A name that is held against constraints.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::fmt;
use std::net::IpAddr;

use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::Name;

use super::host;

/// A name that is held against constraints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Candidate {
    Dns(String),
    Ip(IpAddr),
    Uri { text: String, host: Option<String> },
    Email { local: String, host: String },
    Directory(Name),
    Other(&'static str),
}

impl Candidate {
    pub(super) fn of(name: &GeneralName) -> Self {
        match name {
            GeneralName::DnsName(name) => Self::Dns(lower(name.as_str())),
            GeneralName::IpAddress(octets) => {
                let v4 = <[u8; 4]>::try_from(octets.as_bytes()).map(IpAddr::from);
                let address = v4.or_else(|_| <[u8; 16]>::try_from(octets.as_bytes()).map(IpAddr::from));
                address.map_or(Self::Other("an IP address"), |address| Self::Ip(address.to_canonical()))
            }
            GeneralName::UniformResourceIdentifier(uri) => {
                Self::Uri { text: uri.to_string(), host: host::of_uri(uri.as_str()) }
            }
            GeneralName::Rfc822Name(mailbox) => Self::email(mailbox.as_str()),
            GeneralName::DirectoryName(name) => Self::Directory(name.clone()),
            GeneralName::OtherName(_) => Self::Other("an other name"),
            GeneralName::EdiPartyName(_) => Self::Other("an EDI party name"),
            GeneralName::RegisteredId(_) => Self::Other("a registered identifier"),
        }
    }

    /// The part before the last `@` counts as it is written (RFC 5280 section 4.2.1.6).
    pub(super) fn email(mailbox: &str) -> Self {
        let (local, host) = mailbox.rsplit_once('@').unwrap_or((mailbox, ""));
        Self::Email { local: local.to_owned(), host: lower(host) }
    }
}

fn lower(host: &str) -> String {
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}

impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) => write!(f, "dns:{name}"),
            Self::Ip(address) => write!(f, "ip:{address}"),
            Self::Uri { text, .. } => write!(f, "{text}"),
            Self::Email { local, host } => write!(f, "email:{local}@{host}"),
            Self::Directory(name) => write!(f, "directory:{name}"),
            Self::Other(kind) => f.write_str(kind),
        }
    }
}
