//! The extensions of a ClientHello.

use bytes::Bytes;

use super::{numbers, vector8, vector16};
use crate::{DnsName, NamedGroup, ProtocolVersion, SignatureScheme};

/// An extension of a ClientHello.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Extension {
    /// Whom we look for (RFC 6066 section 3). Never an address: strict servers refuse those.
    ServerName(DnsName),
    /// "Show me the state of your certificate" (RFC 6066 section 8).
    StatusRequest,
    /// Key-exchange groups, best first.
    Groups(Vec<NamedGroup>),
    /// Points uncompressed, which all know (RFC 8422 section 5.1.2).
    PointFormats,
    /// Signature schemes, best first.
    SignatureSchemes(Vec<SignatureScheme>),
    /// "We may beat" (RFC 6520).
    Heartbeat,
    /// Application protocols, best first (RFC 7301).
    ApplicationProtocols(Vec<Bytes>),
    /// "Show me in which logs your certificate is" (RFC 6962 section 3.3.1).
    CertificateTimestamps,
    /// RFC 7366.
    EncryptThenMac,
    /// RFC 7627.
    ExtendedMasterSecret,
    /// A ticket, or the wish for one (RFC 5077).
    SessionTicket(Bytes),
    /// The versions, best first (RFC 8446 section 4.2.1).
    Versions(Vec<ProtocolVersion>),
    /// How sessions may go on in TLS 1.3: with a fresh exchange.
    PskModes,
    /// Key shares. Without any, a server has to name the group that it would have (RFC 8446 section 4.2.8).
    KeyShares(Vec<(NamedGroup, Bytes)>),
    /// "I renegotiate securely" (RFC 5746).
    RenegotiationInfo,
    /// Any other: its number and its content.
    Other(u16, Bytes),
}

impl Extension {
    /// Its number in IANA's registry.
    pub fn number(&self) -> u16 {
        match self {
            Self::ServerName(_) => 0,
            Self::StatusRequest => 5,
            Self::Groups(_) => 10,
            Self::PointFormats => 11,
            Self::SignatureSchemes(_) => 13,
            Self::Heartbeat => 15,
            Self::ApplicationProtocols(_) => 16,
            Self::CertificateTimestamps => 18,
            Self::EncryptThenMac => 22,
            Self::ExtendedMasterSecret => 23,
            Self::SessionTicket(_) => 35,
            Self::Versions(_) => 43,
            Self::PskModes => 45,
            Self::KeyShares(_) => 51,
            Self::RenegotiationInfo => 0xFF01,
            Self::Other(number, _) => *number,
        }
    }

    /// Number, length and content.
    pub(super) fn bytes(&self) -> Vec<u8> {
        [&self.number().to_be_bytes(), vector16(&self.content()).as_slice()].concat()
    }

    fn content(&self) -> Vec<u8> {
        match self {
            Self::ServerName(name) => {
                vector16(&[&[0], vector16(name.as_str().as_bytes()).as_slice()].concat())
            }
            // Of OCSP, from any responder, with nothing more.
            Self::StatusRequest => vec![1, 0, 0, 0, 0],
            Self::Groups(groups) => vector16(&numbers(groups.iter().map(|group| group.0))),
            Self::PointFormats => vector8(&[0]),
            Self::SignatureSchemes(schemes) => vector16(&numbers(schemes.iter().map(|scheme| scheme.0))),
            Self::Heartbeat => vec![1],
            Self::ApplicationProtocols(protocols) => {
                vector16(&protocols.iter().flat_map(|protocol| vector8(protocol)).collect::<Vec<_>>())
            }
            Self::CertificateTimestamps | Self::EncryptThenMac | Self::ExtendedMasterSecret => Vec::new(),
            Self::SessionTicket(ticket) => ticket.to_vec(),
            Self::Versions(versions) => vector8(&numbers(versions.iter().map(|version| version.0))),
            Self::PskModes => vector8(&[1]),
            Self::KeyShares(shares) => {
                let share = |(group, key): &(NamedGroup, Bytes)| [numbers([group.0]), vector16(key)].concat();
                vector16(&shares.iter().flat_map(share).collect::<Vec<_>>())
            }
            Self::RenegotiationInfo => vector8(&[]),
            Self::Other(_, content) => content.to_vec(),
        }
    }
}
