//! What a certificate says, field by field, for reports: the same that its text shows, for machines.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::net::IpAddr;

use aws_lc_rs::digest::{SHA256, digest};
use const_oid::db::rfc5280::{ID_AD_CA_ISSUERS, ID_AD_OCSP};
use const_oid::{AssociatedOid, ObjectIdentifier};
use der::{Decode, Encode};
use hermetic_keys::PublicKey;
use hermetic_tls::Serial;
use jiff::Timestamp;
use serde::Serialize;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{
    AuthorityInfoAccessSyntax, AuthorityKeyIdentifier, BasicConstraints, CertificatePolicies,
    CrlDistributionPoints, ExtendedKeyUsage, KeyUsage, KeyUsages, SubjectAltName, SubjectKeyIdentifier,
};

use crate::details::CertificateDetails;
use crate::error::EncodingError;
use crate::text;

/// What a certificate says. Extensions that can't be read have no field of their own, and stand in
/// [`extensions`](Self::extensions) in hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CertificateDescription {
    /// 1 to 3.
    pub version: u8,
    /// The serial number in lower-case hexadecimal digits.
    pub serial: String,
    /// The subject, as RFC 4514 writes it.
    pub subject: String,
    /// The issuer, as RFC 4514 writes it.
    pub issuer: String,
    /// The first instant of validity.
    pub not_before: Timestamp,
    /// The last instant of validity.
    pub not_after: Timestamp,
    /// The kind of key, such as `P-256`, or what openssl calls it.
    pub key_algorithm: String,
    /// SHA-256 of the SubjectPublicKeyInfo, in hexadecimal digits: the same for all certificates of a key.
    pub key_fingerprint: String,
    /// How it is signed, as openssl calls it.
    pub signature_algorithm: String,
    /// SHA-256 of the certificate, in hexadecimal digits.
    pub fingerprint: String,
    /// The alternative names: `dns:…`, `ip:…`, `email:…`, `spiffe://…`, `uri:…`, others as openssl writes them.
    pub names: Vec<String>,
    /// Whether it may sign certificates.
    pub is_authority: bool,
    /// How many authorities may stand below it.
    pub path_length: Option<u8>,
    /// What its key may do, such as `digitalSignature`.
    pub key_usages: Vec<String>,
    /// What it is for, such as `serverAuth`, or an object identifier.
    pub purposes: Vec<String>,
    /// What names its key, in hexadecimal digits.
    pub subject_key_id: Option<String>,
    /// What names its issuer's key, in hexadecimal digits.
    pub authority_key_id: Option<String>,
    /// Where its revocation lists are.
    pub revocation_lists: Vec<String>,
    /// Who answers for it by OCSP.
    pub ocsp_responders: Vec<String>,
    /// Where its issuer's certificate is.
    pub issuer_certificates: Vec<String>,
    /// The policies that it was issued under, as object identifiers.
    pub policies: Vec<String>,
    /// All extensions.
    pub extensions: Vec<ExtensionDescription>,
}

/// An extension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExtensionDescription {
    /// Its object identifier.
    pub oid: String,
    /// What openssl calls it.
    pub name: String,
    /// Whether who does not know it must refuse the certificate.
    pub is_critical: bool,
    /// What openssl shows of it.
    pub text: String,
}

/// Describes the DER of a certificate.
pub fn describe(der: &[u8]) -> Result<CertificateDescription, EncodingError> {
    let certificate = &CertificateDetails::read(der)?;
    let constraints = optional::<BasicConstraints>(certificate);
    let authority_key = optional::<AuthorityKeyIdentifier>(certificate).and_then(|id| id.key_identifier);
    Ok(CertificateDescription {
        version: certificate.version,
        serial: Serial::from_bytes(&certificate.serial).to_string(),
        subject: certificate.subject.to_string(),
        issuer: certificate.issuer.to_string(),
        not_before: certificate.validity.begin(),
        not_after: certificate.validity.end(),
        key_algorithm: key_algorithm(certificate),
        key_fingerprint: hex(digest(&SHA256, &certificate.key_info.to_der()?).as_ref()),
        signature_algorithm: text::algorithm_name(certificate.signed.algorithm.oid),
        fingerprint: hex(digest(&SHA256, der).as_ref()),
        names: all(certificate, |SubjectAltName(names)| names, name),
        is_authority: constraints.as_ref().is_some_and(|constraints| constraints.ca),
        path_length: constraints.and_then(|constraints| constraints.path_len_constraint),
        key_usages: all(certificate, |KeyUsage(usages)| usages, |usage| key_usage(*usage).to_owned()),
        purposes: all(certificate, |ExtendedKeyUsage(oids)| oids, |oid| text::short_name(*oid)),
        subject_key_id: optional(certificate).map(|SubjectKeyIdentifier(id)| hex(id.as_bytes())),
        authority_key_id: authority_key.map(|id| hex(id.as_bytes())),
        revocation_lists: all(certificate, urls_of_lists, Clone::clone),
        ocsp_responders: all(certificate, |access| urls(access, ID_AD_OCSP), Clone::clone),
        issuer_certificates: all(certificate, |access| urls(access, ID_AD_CA_ISSUERS), Clone::clone),
        policies: all(certificate, |CertificatePolicies(all)| all, |one| one.policy_identifier.to_string()),
        extensions: certificate.extensions.iter().map(extension).collect(),
    })
}

/// An extension, if it is there and can be read.
fn optional<T: AssociatedOid + for<'a> Decode<'a, Error = der::Error>>(
    certificate: &CertificateDetails,
) -> Option<T> {
    certificate.extension().ok().flatten().map(|(_, content)| content)
}

/// Each part of an extension as text; none where it is not there or can't be read.
fn all<T, L, I>(
    certificate: &CertificateDetails,
    parts: impl FnOnce(T) -> L,
    text: impl Fn(&I) -> String,
) -> Vec<String>
where
    T: AssociatedOid + for<'a> Decode<'a, Error = der::Error>,
    L: IntoIterator<Item = I>,
{
    optional(certificate)
        .map(|content| parts(content).into_iter().map(|part| text(&part)).collect())
        .unwrap_or_default()
}

fn key_algorithm(certificate: &CertificateDetails) -> String {
    match PublicKey::new(certificate.key_info.clone()) {
        Ok(key) => key.algorithm().to_string(),
        Err(_) => text::algorithm_name(certificate.key_info.algorithm.oid),
    }
}

fn name(name: &GeneralName) -> String {
    match name {
        GeneralName::DnsName(name) => format!("dns:{}", name.as_str()),
        GeneralName::Rfc822Name(name) => format!("email:{}", name.as_str()),
        GeneralName::UniformResourceIdentifier(uri) if uri.as_str().starts_with("spiffe://") => {
            uri.to_string()
        }
        GeneralName::UniformResourceIdentifier(uri) => format!("uri:{}", uri.as_str()),
        GeneralName::IpAddress(octets) => match address(octets.as_bytes()) {
            Some(address) => format!("ip:{address}"),
            None => format!("ip:{}", hex(octets.as_bytes())),
        },
        other => text::general_name(&other.to_der().unwrap_or_default()).unwrap_or_default(),
    }
}

fn address(octets: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(octets).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(octets).map(IpAddr::from)).ok()
}

/// As RFC 5280 section 4.2.1.3 calls it.
fn key_usage(usage: KeyUsages) -> &'static str {
    match usage {
        KeyUsages::DigitalSignature => "digitalSignature",
        KeyUsages::NonRepudiation => "nonRepudiation",
        KeyUsages::KeyEncipherment => "keyEncipherment",
        KeyUsages::DataEncipherment => "dataEncipherment",
        KeyUsages::KeyAgreement => "keyAgreement",
        KeyUsages::KeyCertSign => "keyCertSign",
        KeyUsages::CRLSign => "cRLSign",
        KeyUsages::EncipherOnly => "encipherOnly",
        KeyUsages::DecipherOnly => "decipherOnly",
    }
}

fn urls(
    AuthorityInfoAccessSyntax(access): AuthorityInfoAccessSyntax,
    method: ObjectIdentifier,
) -> Vec<String> {
    let found = access.into_iter().filter(|access| access.access_method == method);
    found.filter_map(|access| url(access.access_location)).collect()
}

fn urls_of_lists(CrlDistributionPoints(points): CrlDistributionPoints) -> Vec<String> {
    let names = points.into_iter().filter_map(|point| match point.distribution_point? {
        DistributionPointName::FullName(names) => Some(names),
        DistributionPointName::NameRelativeToCRLIssuer(_) => None,
    });
    names.flatten().filter_map(url).collect()
}

fn url(name: GeneralName) -> Option<String> {
    match name {
        GeneralName::UniformResourceIdentifier(url) => Some(url.to_string()),
        _ => None,
    }
}

fn extension(extension: &Extension) -> ExtensionDescription {
    ExtensionDescription {
        oid: extension.extn_id.to_string(),
        name: text::long_name(extension.extn_id),
        is_critical: extension.critical,
        text: text::extension_text(extension),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foreign::root;

    #[test]
    fn each_field_says_what_stands_in_the_certificate() {
        let told = describe(include_bytes!("text/testdata/everything.der")).unwrap();
        assert_eq!((told.version, told.path_length, told.is_authority), (3, Some(3), true));
        assert_eq!(told.key_algorithm, "P-256");
        assert_eq!(told.signature_algorithm, "ecdsa-with-SHA256");
        let names = [
            "dns:big.test",
            "dns:*.big.test",
            "ip:10.0.0.1",
            "ip:2001:db8::1",
            "email:x@y.test",
            "spiffe://test/a",
            "Registered ID:1.2.3.4",
            "DirName:/C=UK/O=Test",
            "othername: UPN::user@test",
            "othername: 1.2.3.4::some",
        ];
        assert_eq!(told.names, names);
        assert_eq!(told.key_usages, ["digitalSignature", "nonRepudiation", "keyCertSign", "cRLSign"]);
        assert_eq!(told.purposes[..3], ["serverAuth", "clientAuth", "codeSigning"]);
        assert_eq!(told.purposes.last().unwrap(), "1.2.3.4.5");
        let lists = ["http://crl.test/1.crl", "ldap://crl.test/x", "http://crl.test/2.crl"];
        assert_eq!(told.revocation_lists, lists);
        assert_eq!(told.ocsp_responders, ["http://ocsp.test/"]);
        assert_eq!(told.issuer_certificates, ["http://ca.test/ca.cer"]);
        assert_eq!(told.policies, ["1.3.5.8", "1.3.5.8.1"]);
        let constraints = told.extensions.iter().find(|extension| extension.oid == "2.5.29.19").unwrap();
        assert_eq!(constraints.name, "X509v3 Basic Constraints");
        assert_eq!((constraints.is_critical, constraints.text.as_str()), (true, "CA:TRUE, pathlen:3"));
    }

    #[test]
    fn identifiers_are_those_of_the_certificate() {
        let root = root("Root");
        let leaf = root.leaf("shop.test");
        let (above, below) = (describe(&root.der).unwrap(), describe(&leaf.der).unwrap());
        let certificate = leaf.certificate();
        assert_eq!(below.serial, certificate.serial.to_string());
        assert_eq!(below.fingerprint, certificate.fingerprint.to_string());
        assert_eq!(below.key_fingerprint, leaf.private_key().public_key().fingerprint());
        assert_eq!((below.subject.as_str(), below.issuer.as_str()), ("CN=shop.test", "CN=Root"));
        assert_eq!(below.authority_key_id, above.subject_key_id);
        assert!(below.authority_key_id.is_some());
    }
}
