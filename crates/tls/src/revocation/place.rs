//! Where a certificate says that the CRL is which speaks for it.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::fmt;

use der::Decode;
use x509_cert::ext::pkix::crl::CrlDistributionPoints;
use x509_cert::ext::pkix::crl::dp::DistributionPoint;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};

use crate::digest::sha256;

/// How many bytes of its hash stand for an address: nobody but the issuer names addresses, and it names as
/// many as it likes anyway.
const LENGTH: usize = 16;

/// How many of a certificate's places are looked at.
const MOST: usize = 8;

/// The address of a CRL, as one that issued several of them puts it into each certificate (RFC 5280 sections
/// 4.2.1.13 and 5.2.5). A hash, so that tickets stay small; nobody fetches anything.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ListPlace(pub(crate) [u8; LENGTH]);

impl ListPlace {
    /// Those of a name: its addresses.
    pub(super) fn of(name: &DistributionPointName) -> Vec<Self> {
        let DistributionPointName::FullName(names) = name else { return Vec::new() };
        let address = |name: &GeneralName| match name {
            GeneralName::UniformResourceIdentifier(address) => Some(Self::at(address.as_str())),
            _ => None,
        };
        names.iter().filter_map(address).collect()
    }

    /// Those that a certificate names. Where it can't be read, or names something else, there are none, and
    /// only a complete CRL speaks for it.
    pub(super) fn of_certificate(der: &[u8]) -> Box<[Self]> {
        let Ok(certificate) = x509_cert::Certificate::from_der(der) else { return Box::default() };
        let points = certificate.tbs_certificate().get_extension::<CrlDistributionPoints>();
        let Ok(Some((_, CrlDistributionPoints(points)))) = points else { return Box::default() };
        // Section 6.3.3 (b): a place for some reasons, or with another issuer, is none of its own list.
        let plain = |point: &&DistributionPoint| point.reasons.is_none() && point.crl_issuer.is_none();
        let names = points.iter().filter(plain).filter_map(|point| point.distribution_point.as_ref());
        names.flat_map(Self::of).take(MOST).collect()
    }

    fn at(address: &str) -> Self {
        let mut bytes = [0; LENGTH];
        bytes.iter_mut().zip(sha256(address.as_bytes())).for_each(|(byte, of_hash)| *byte = of_hash);
        Self(bytes)
    }
}

impl fmt::Debug for ListPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
