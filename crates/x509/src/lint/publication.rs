//! Where it says that news of it is to be had (RFC 5280 sections 4.2.1.13 and 4.2.2.1).
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use const_oid::db::rfc5280::{ID_AD_CA_ISSUERS, ID_AD_OCSP};
use x509_cert::ext::pkix::crl::dp::DistributionPoint;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{AuthorityInfoAccessSyntax, CrlDistributionPoints};

use super::{Lint, Problem};
use crate::certificate::HttpUrl;

impl Lint<'_> {
    pub(super) fn publication(&mut self) {
        let publication = self.intended.publication();
        if let Some(CrlDistributionPoints(points)) = self.extension() {
            let written = match points.as_slice() {
                [point] => only_url(point),
                _ => None,
            };
            let meant = publication.revocation_list.as_ref().map(HttpUrl::as_str);
            self.add(written.is_none() || written != meant, Problem::RevocationList);
        }
        if let Some(AuthorityInfoAccessSyntax(descriptions)) = self.extension() {
            let written: Vec<_> = descriptions
                .iter()
                .map(|description| (description.access_method, url(&description.access_location)))
                .collect();
            let entry = |method, url: &'_ Option<HttpUrl>| url.as_ref().map(|url| (method, url.to_string()));
            let ocsp = entry(ID_AD_OCSP, &publication.ocsp).filter(|_| self.intended.is_revocable());
            let issuer = entry(ID_AD_CA_ISSUERS, &publication.issuer);
            let meant: Vec<_> = [&ocsp, &issuer]
                .into_iter()
                .flatten()
                .map(|(method, url)| (*method, Some(url.as_str())))
                .collect();
            self.add(written != meant, Problem::AuthorityInformationAccess);
        }
    }
}

/// The URL of a distribution point that has one, and nothing else.
fn only_url(point: &DistributionPoint) -> Option<&str> {
    match &point.distribution_point {
        Some(DistributionPointName::FullName(names))
            if point.reasons.is_none() && point.crl_issuer.is_none() =>
        {
            match names.as_slice() {
                [name] => url(name),
                _ => None,
            }
        }
        _ => None,
    }
}

fn url(name: &GeneralName) -> Option<&str> {
    match name {
        GeneralName::UniformResourceIdentifier(url) => Some(url.as_str()),
        _ => None,
    }
}
