//! A part of all names of one kind.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::fmt;
use std::str::FromStr;

use der::Encode;
use der::asn1::{Ia5String, OctetString};
use x509_cert::ext::pkix::constraints::name::GeneralSubtree;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::Name;

use super::candidate::Candidate;
use super::directory::is_beginning;
use super::host;
use crate::distinguished_name::DistinguishedName;
use crate::error::EncodingError;
use crate::name::IpNetwork;

/// A part of all names of one kind, written `dns:example.com`, `ip:10.0.0.0/8`, `uri:.example.com`,
/// `email:example.com` or `directory:O=Example`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameSubtree {
    /// A DNS name and all below it; empty for every one. With a leading dot, which RFC 5280 does not know
    /// but others write, only what is below.
    Dns(String),
    /// The addresses of a network.
    Ip(IpNetwork),
    /// URIs by their host: one host or, with a leading dot, those below a domain.
    Uri(String),
    /// A mailbox, all mailboxes of a host or, with a leading dot, of the hosts below a domain.
    Email(String),
    /// A distinguished name and all that begin with it.
    Directory(DistinguishedName),
}

/// Why constraints are none, or none that can be held against names.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameSubtreeError {
    /// Nothing is constrained.
    #[error("name constraints without a single subtree constrain nothing; leave them out")]
    None,
    /// Not one of the written forms.
    #[error("`{0}` is no name constraint; write dns:, ip:, uri:, email: or directory: and what is below it")]
    Text(String),
    /// Not the name of a host or domain.
    #[error("`{0}` in a name constraint is not the name of a host or domain")]
    Host(String),
    /// Not a mailbox.
    #[error("`{0}` in a name constraint is not a mailbox")]
    Mailbox(String),
    /// Not a range of addresses.
    #[error("`{0}` in a name constraint is no range of IP addresses")]
    Network(String),
    /// Not a distinguished name.
    #[error("`{0}` in a name constraint is no distinguished name")]
    Directory(String),
    /// A kind of name that can't be held against others.
    #[error("name constraints on names of the kind {0} are not supported, so nothing may stand below them")]
    Kind(&'static str),
    /// RFC 5280 allows no other bounds than 0 and none.
    #[error("a name constraint has bounds other than 0 and none")]
    Bounds,
}

impl NameSubtree {
    /// Whether the name is of the kind that this is a part of.
    pub(super) fn is_of_kind(&self, name: &Candidate) -> bool {
        match (self, name) {
            (Self::Dns(_), Candidate::Dns(_))
            | (Self::Uri(_), Candidate::Uri { .. })
            | (Self::Email(_), Candidate::Email { .. })
            | (Self::Directory(_), Candidate::Directory(_)) => true,
            // Constraints of the one version say nothing of the other.
            (Self::Ip(network), Candidate::Ip(address)) => network.is_ipv4() == address.is_ipv4(),
            _ => false,
        }
    }

    /// Whether all that the name stands for lies in it.
    pub(super) fn holds(&self, name: &Candidate) -> bool {
        match (self, name) {
            (Self::Dns(domain), Candidate::Dns(name)) => match domain.strip_prefix('.') {
                Some(domain) => host::is_below(name, domain),
                None => host::is_within(name.strip_prefix("*.").unwrap_or(name), domain),
            },
            (Self::Ip(network), Candidate::Ip(address)) => network.contains(*address),
            (Self::Uri(constraint), Candidate::Uri { host: Some(host), .. }) => host::holds(constraint, host),
            (Self::Email(constraint), Candidate::Email { local, host }) => match constraint.split_once('@') {
                Some((mailbox, at)) => mailbox == local && at == host,
                None => host::holds(constraint, host),
            },
            (Self::Directory(base), Candidate::Directory(name)) => is_beginning(base.parsed(), name),
            _ => false,
        }
    }

    /// Whether anything that the name stands for lies in it. A name of its kind that can't be read does.
    pub(super) fn touches(&self, name: &Candidate) -> bool {
        self.holds(name)
            || match (self, name) {
                // `*.example.com` stands for `secret.example.com`.
                (Self::Dns(domain), Candidate::Dns(name)) => name.strip_prefix("*.").is_some_and(|parent| {
                    domain.split_once('.').is_some_and(|(label, above)| !label.is_empty() && above == parent)
                }),
                (Self::Uri(_), Candidate::Uri { host: None, .. }) => true,
                (Self::Email(_), Candidate::Email { host, .. }) => host.is_empty(),
                _ => false,
            }
    }

    pub(super) fn read(subtree: &GeneralSubtree) -> Result<Self, NameSubtreeError> {
        if subtree.minimum != 0 || subtree.maximum.is_some() {
            return Err(NameSubtreeError::Bounds);
        }
        match &subtree.base {
            GeneralName::DnsName(name) => Self::dns(name.as_str()),
            GeneralName::IpAddress(octets) => IpNetwork::of_octets(octets.as_bytes())
                .map(Self::Ip)
                .ok_or_else(|| NameSubtreeError::Network(hex(octets.as_bytes()))),
            GeneralName::UniformResourceIdentifier(host) => host::checked(host.as_str()).map(Self::Uri),
            GeneralName::Rfc822Name(mailbox) => Self::email(mailbox.as_str()),
            GeneralName::DirectoryName(name) => Self::directory(name),
            GeneralName::OtherName(_) => Err(NameSubtreeError::Kind("other name")),
            GeneralName::EdiPartyName(_) => Err(NameSubtreeError::Kind("EDI party name")),
            GeneralName::RegisteredId(_) => Err(NameSubtreeError::Kind("registered identifier")),
        }
    }

    pub(super) fn write(&self) -> Result<GeneralSubtree, EncodingError> {
        let base = match self {
            Self::Dns(domain) => GeneralName::DnsName(Ia5String::new(domain)?),
            Self::Ip(network) => GeneralName::IpAddress(OctetString::new(network.to_octets())?),
            Self::Uri(host) => GeneralName::UniformResourceIdentifier(Ia5String::new(host)?),
            Self::Email(mailbox) => GeneralName::Rfc822Name(Ia5String::new(mailbox)?),
            Self::Directory(name) => GeneralName::DirectoryName(name.parsed().clone()),
        };
        Ok(GeneralSubtree { base, minimum: 0, maximum: None })
    }

    fn dns(text: &str) -> Result<Self, NameSubtreeError> {
        if text.is_empty() { Ok(Self::Dns(String::new())) } else { host::checked(text).map(Self::Dns) }
    }

    fn email(text: &str) -> Result<Self, NameSubtreeError> {
        match text.rsplit_once('@') {
            None => host::checked(text).map(Self::Email),
            // A mailbox in a constraint is an IA5String (RFC 5280 section 4.2.1.10).
            Some((local, at)) if !local.is_empty() && local.is_ascii() && !at.starts_with('.') => {
                Ok(Self::Email(format!("{local}@{}", host::checked(at)?)))
            }
            Some(_) => Err(NameSubtreeError::Mailbox(text.to_owned())),
        }
    }

    fn directory(name: &Name) -> Result<Self, NameSubtreeError> {
        let read =
            name.to_der().map_err(EncodingError::from).and_then(|der| DistinguishedName::from_der(&der));
        read.map(Self::Directory).map_err(|_| NameSubtreeError::Directory(name.to_string()))
    }
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl FromStr for NameSubtree {
    type Err = NameSubtreeError;

    fn from_str(text: &str) -> Result<Self, NameSubtreeError> {
        let (kind, base) = text.split_once(':').ok_or_else(|| NameSubtreeError::Text(text.to_owned()))?;
        match kind {
            // Some implementations refuse the leading dot, so we read it and never write it.
            "dns" if base.starts_with('.') => Err(NameSubtreeError::Host(base.to_owned())),
            "dns" => Self::dns(base),
            "ip" => base.parse().map(Self::Ip).map_err(|_| NameSubtreeError::Network(base.to_owned())),
            "uri" => host::checked(base).map(Self::Uri),
            "email" => Self::email(base),
            "directory" => base
                .parse::<DistinguishedName>()
                .ok()
                .filter(|name| !name.is_empty())
                .map(Self::Directory)
                .ok_or_else(|| NameSubtreeError::Directory(base.to_owned())),
            _ => Err(NameSubtreeError::Text(text.to_owned())),
        }
    }
}

impl fmt::Display for NameSubtree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(domain) => write!(f, "dns:{domain}"),
            Self::Ip(network) => write!(f, "ip:{network}"),
            Self::Uri(host) => write!(f, "uri:{host}"),
            Self::Email(mailbox) => write!(f, "email:{mailbox}"),
            Self::Directory(name) => write!(f, "directory:{name}"),
        }
    }
}
