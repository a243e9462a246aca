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
}

impl Scope {
    /// The critical extension that keeps one shard from being taken for another, which does not have the
    /// serial; none for a complete list. It does not say `onlyContainsUserCerts`: certificates of
    /// subordinate authorities have serials in the same shards.
    pub(super) fn extension(&self) -> Result<Option<Extension>, EncodingError> {
        let Self::Shard(address) = self else { return Ok(None) };
        let address = GeneralName::UniformResourceIdentifier(Ia5String::new(address)?);
        let point = IssuingDistributionPoint {
            distribution_point: Some(DistributionPointName::FullName(vec![address])),
            only_contains_user_certs: false,
            only_contains_ca_certs: false,
            only_some_reasons: None,
            indirect_crl: false,
            only_contains_attribute_certs: false,
        };
        let extn_value = OctetString::new(point.to_der()?)?;
        Ok(Some(Extension { extn_id: ISSUING_DISTRIBUTION_POINT, critical: true, extn_value }))
    }

    /// Reads the extension. Lists that speak for kinds of certificates, for some reasons or for other
    /// issuers are an error: whoever took one for more than it is would miss what is revoked elsewhere.
    pub(super) fn of_extension(extension: &Extension) -> Result<Self, RevocationListError> {
        let point = IssuingDistributionPoint::from_der(extension.extn_value.as_bytes())?;
        let by_kind = point.only_contains_user_certs
            || point.only_contains_ca_certs
            || point.only_contains_attribute_certs
            || point.only_some_reasons.is_some();
        if by_kind || point.indirect_crl {
            return Err(RevocationListError::Partial);
        }
        match point.distribution_point {
            Some(DistributionPointName::FullName(names)) => match names.as_slice() {
                [GeneralName::UniformResourceIdentifier(address)] => Ok(Self::Shard(address.to_string())),
                _ => Err(RevocationListError::Partial),
            },
            _ => Err(RevocationListError::Partial),
        }
    }
}
