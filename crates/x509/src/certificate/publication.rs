//! Where a certificate says that news of it is to be had.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::fmt;
use std::str::FromStr;

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5280::{ID_AD_CA_ISSUERS, ID_AD_OCSP};
use der::asn1::Ia5String;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::crl::dp::DistributionPoint;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{AccessDescription, AuthorityInfoAccessSyntax, CrlDistributionPoints};

use crate::error::EncodingError;
use crate::extension::extension;
use crate::publication::{Resource, Site};

/// More than any client reads: ACM's limit.
const LONGEST: usize = 1000;

/// Where news of a certificate is to be had. What is `None` is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Publication {
    /// The revocation list of the shard that the certificate is in (RFC 5280 section 4.2.1.13).
    pub revocation_list: Option<HttpUrl>,
    /// The OCSP responder (section 4.2.2.1).
    pub ocsp: Option<HttpUrl>,
    /// The certificate of the issuer, as DER (section 4.2.2.1).
    pub issuer: Option<HttpUrl>,
}

/// A URL that begins with `http://`. HTTPS would have a client ask for news of a certificate by a connection
/// that needs just that (RFC 5280 section 8); what is fetched is signed anyway.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HttpUrl(String);

/// It is no URL that certificates can carry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` can't stand in certificates: write `http://host/path` in ASCII, at most {LONGEST} bytes, without https"
)]
pub struct HttpUrlError(String);

impl Publication {
    /// Nowhere.
    pub const NONE: &Self = &Self { revocation_list: None, ocsp: None, issuer: None };

    /// The same without what tells of revocation.
    pub(super) fn of_the_irrevocable(&self) -> Self {
        Self { issuer: self.issuer.clone(), ..Self::default() }
    }

    pub(super) fn extensions(&self) -> Result<Vec<Extension>, EncodingError> {
        let mut extensions = Vec::new();
        if let Some(url) = &self.revocation_list {
            extensions.push(extension(false, &CrlDistributionPoints(vec![url.distribution_point()?]))?);
        }
        let access = |method: ObjectIdentifier, url: &Option<HttpUrl>| {
            url.as_ref().map(|url| {
                Ok(AccessDescription { access_method: method, access_location: url.general_name()? })
            })
        };
        let described = [access(ID_AD_OCSP, &self.ocsp), access(ID_AD_CA_ISSUERS, &self.issuer)];
        let described = described.into_iter().flatten().collect::<Result<Vec<_>, EncodingError>>()?;
        if !described.is_empty() {
            extensions.push(extension(false, &AuthorityInfoAccessSyntax(described))?);
        }
        Ok(extensions)
    }
}

impl HttpUrl {
    /// That of something on a site: both were read, and fit together.
    pub(crate) fn within(site: &Site, resource: &Resource) -> Self {
        Self(format!("{site}{}", resource.path()))
    }

    /// The URL as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name that it is, in extensions.
    pub(crate) fn general_name(&self) -> Result<GeneralName, EncodingError> {
        Ok(GeneralName::UniformResourceIdentifier(Ia5String::new(&self.0)?))
    }

    fn distribution_point(&self) -> Result<DistributionPoint, EncodingError> {
        let name = DistributionPointName::FullName(vec![self.general_name()?]);
        Ok(DistributionPoint { distribution_point: Some(name), reasons: None, crl_issuer: None })
    }
}

impl FromStr for HttpUrl {
    type Err = HttpUrlError;

    fn from_str(text: &str) -> Result<Self, HttpUrlError> {
        let is_printable =
            text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte));
        let host = text.strip_prefix("http://").and_then(|rest| rest.split(['/', '?', '#']).next());
        if is_printable && text.len() <= LONGEST && host.is_some_and(|host| !host.is_empty()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(HttpUrlError(text.to_owned()))
        }
    }
}

impl fmt::Display for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_http_is_published() {
        "http://pki.example.com/root/3.crl".parse::<HttpUrl>().unwrap();
        for text in ["https://pki.example.com/", "http:///a", "ldap://a/b", "http://a b/", "http://ä/", ""] {
            text.parse::<HttpUrl>().unwrap_err();
        }
    }

    #[test]
    fn a_publication_of_nothing_writes_nothing() {
        assert_eq!(Publication::NONE.extensions().unwrap(), []);
    }
}
