//! Which certificates of its issuer a list speaks for.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use const_oid::ObjectIdentifier;
use der::asn1::{Ia5String, OctetString};
use der::{Decode, Encode};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::crl::IssuingDistributionPoint;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};

use super::RevocationListError;
use crate::error::EncodingError;

/// The extension that says it (RFC 5280 section 5.2.5). The identifier that x509-cert 0.3 has for it is
/// another extension's.
pub(super) const ISSUING_DISTRIBUTION_POINT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.28");

/// Which certificates a list speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All of its issuer's.
    Complete,
    /// Those that say that their list is at this address, and no others.
    Shard(String),
    /// Those of one kind alone, and where there is an address, of them those that say that their list is there.
    OfKind {
        /// Authorities, or else parties.
        authorities: bool,
        /// The address.
        address: Option<String>,
    },
}

impl Scope {
    /// The critical extension that keeps one shard from being taken for another, which does not have the
    /// serial; none for a complete list. It does not say `onlyContainsUserCerts`: certificates of
    /// subordinate authorities have serials in the same shards.
    pub(super) fn extension(&self) -> Result<Option<Extension>, EncodingError> {
        let (authorities, address) = match self {
            Self::Complete => return Ok(None),
            Self::Shard(address) => (None, Some(address)),
            Self::OfKind { authorities, address } => (Some(*authorities), address.as_ref()),
        };
        let point = |address: &String| -> Result<_, EncodingError> {
            let address = GeneralName::UniformResourceIdentifier(Ia5String::new(address)?);
            Ok(DistributionPointName::FullName(vec![address]))
        };
        let point = IssuingDistributionPoint {
            distribution_point: address.map(point).transpose()?,
            only_contains_user_certs: authorities == Some(false),
            only_contains_ca_certs: authorities == Some(true),
            only_some_reasons: None,
            indirect_crl: false,
            only_contains_attribute_certs: false,
        };
        let extn_value = OctetString::new(point.to_der()?)?;
        Ok(Some(Extension { extn_id: ISSUING_DISTRIBUTION_POINT, critical: true, extn_value }))
    }

    /// Whether it speaks for a certificate of this kind that says that its list is at this address.
    pub fn speaks_for(&self, authority: bool, at: &str) -> bool {
        match self {
            Self::Complete => true,
            Self::Shard(address) => address == at,
            Self::OfKind { authorities, address } => {
                *authorities == authority && address.as_ref().is_none_or(|address| address == at)
            }
        }
    }

    /// Reads the extension. Lists that speak for attribute certificates, for some reasons or for other issuers are an
    /// error: whoever took one for more than it is would miss what is revoked elsewhere.
    pub(super) fn of_extension(extension: &Extension) -> Result<Self, RevocationListError> {
        let point = IssuingDistributionPoint::from_der(extension.extn_value.as_bytes())?;
        if point.only_contains_attribute_certs || point.only_some_reasons.is_some() || point.indirect_crl {
            return Err(RevocationListError::Partial);
        }
        let address = match point.distribution_point {
            None => None,
            Some(DistributionPointName::FullName(names)) => match names.as_slice() {
                [GeneralName::UniformResourceIdentifier(address)] => Some(address.to_string()),
                _ => return Err(RevocationListError::Partial),
            },
            Some(_) => return Err(RevocationListError::Partial),
        };
        match (point.only_contains_user_certs, point.only_contains_ca_certs, address) {
            (true, false, address) => Ok(Self::OfKind { authorities: false, address }),
            (false, true, address) => Ok(Self::OfKind { authorities: true, address }),
            (false, false, Some(address)) => Ok(Self::Shard(address)),
            // Neither kind, or an extension that says nothing.
            _ => Err(RevocationListError::Partial),
        }
    }
}
