//! An X.509 certificate, read once at the border.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::net::IpAddr;

use bytes::Bytes;
use der::{Any, Decode, Encode};
use jiff::Timestamp;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{BasicConstraints, SubjectAltName};
use x509_cert::time::Time;

use crate::digest::sha256;
use crate::error::{CertificateError, IdentityError};
use crate::identity::Identity;

/// An X.509 certificate: its bytes, and what we read in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The DER bytes.
    pub der: Bytes,
    /// The subject, as RFC 4514 writes it; often empty.
    pub subject: String,
    /// The issuer, as RFC 4514 writes it.
    pub issuer: String,
    /// The serial number.
    pub serial: Serial,
    /// The first instant of validity.
    pub not_before: Timestamp,
    /// The last instant of validity.
    pub not_after: Timestamp,
    /// The subject alternative names that are identities, in order.
    pub identities: Vec<Identity>,
    /// Whether it may sign certificates.
    pub is_authority: bool,
    /// Whether issuer and subject are the same.
    pub is_self_issued: bool,
    /// SHA-256 of the DER bytes.
    pub fingerprint: Fingerprint,
}

/// A serial number: its bytes in big-endian order without leading zeros. Shown as lower-case hex.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Serial(Vec<u8>);

/// SHA-256 of a certificate's DER bytes. Shown as lower-case hex; people write it with `sha256:` before.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(pub [u8; 32]);

impl Certificate {
    /// Reads a certificate from DER. Alternative names that are no identity of ours are skipped.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        let parsed = x509_cert::Certificate::from_der(der).map_err(malformed)?;
        let tbs = parsed.tbs_certificate();
        let constraints = tbs.get_extension::<BasicConstraints>().map_err(malformed)?;
        Ok(Self {
            subject: tbs.subject().to_string(),
            issuer: tbs.issuer().to_string(),
            serial: Serial::from_bytes(tbs.serial_number().as_bytes()),
            not_before: timestamp(tbs.validity().not_before),
            not_after: timestamp(tbs.validity().not_after),
            identities: identities(tbs)?,
            is_authority: constraints.is_some_and(|(_, constraints)| constraints.ca),
            is_self_issued: tbs.issuer() == tbs.subject(),
            fingerprint: Fingerprint(sha256(der)),
            der: Bytes::copy_from_slice(der),
        })
    }

    /// The certificate as a PEM block.
    #[expect(clippy::expect_used, reason = "fails only for a length that overflows; the DER is in memory")]
    pub fn to_pem(&self) -> String {
        der::pem::encode_string("CERTIFICATE", der::pem::LineEnding::LF, &self.der)
            .expect("the label is valid and the length fits")
    }

    /// The first common name in its subject; `None` where there is none, as in the authority's own.
    pub fn common_name(&self) -> Option<String> {
        let parsed = x509_cert::Certificate::from_der(&self.der).ok()?;
        let subject = parsed.tbs_certificate().subject();
        subject.common_name().ok().flatten().map(String::from)
    }

    /// Whether it names `host` (a DNS name or an IP address).
    pub fn covers_host(&self, host: &str) -> bool {
        self.identities.iter().any(|identity| identity.covers_host(host))
    }
}

impl Serial {
    /// The serial of these big-endian bytes; leading zeros are dropped, but for the last.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let mut rest = bytes;
        while let [0, tail @ ..] = rest
            && !tail.is_empty()
        {
            rest = tail;
        }
        Self(rest.to_vec())
    }

    /// Its bytes in big-endian order without leading zeros.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// `sha256:` and 64 hex digits, in either case and with or without colons, as OpenSSL prints them.
impl std::str::FromStr for Fingerprint {
    type Err = IdentityError;

    fn from_str(text: &str) -> Result<Self, IdentityError> {
        let error = || IdentityError::Fingerprint(text.to_owned());
        let digits: Vec<char> =
            text.strip_prefix("sha256:").ok_or_else(error)?.chars().filter(|c| *c != ':').collect();
        let byte = |pair: &[char]| match pair {
            [high, low] => u8::try_from(high.to_digit(16)? * 16 + low.to_digit(16)?).ok(),
            _ => None,
        };
        let bytes: Option<Vec<u8>> = digits.chunks(2).map(byte).collect();
        bytes.and_then(|bytes| bytes.try_into().ok()).map(Self).ok_or_else(error)
    }
}

/// The alternative names that parse. They are read one by one, since one name of an odd kind must
/// not hide the others.
fn identities(tbs: &x509_cert::TbsCertificate) -> Result<Vec<Identity>, CertificateError> {
    use der::oid::AssociatedOid;
    let extensions = tbs.extensions().map(Vec::as_slice).unwrap_or_default();
    let mut names = extensions.iter().filter(|extension| extension.extn_id == SubjectAltName::OID);
    let Some(extension) = names.next() else { return Ok(Vec::new()) };
    if names.next().is_some() {
        return Err(CertificateError::Malformed("two lists of alternative names".to_owned()));
    }
    let names = Vec::<Any>::from_der(extension.extn_value.as_bytes()).map_err(malformed)?;
    Ok(names.iter().filter_map(identity).collect())
}

fn identity(name: &Any) -> Option<Identity> {
    match GeneralName::from_der(&name.to_der().ok()?).ok()? {
        GeneralName::DnsName(name) => name.as_str().parse().ok().map(Identity::Dns),
        GeneralName::UniformResourceIdentifier(uri) => uri.as_str().parse().ok().map(Identity::Spiffe),
        GeneralName::IpAddress(octets) => address(octets.as_bytes()).map(Identity::Ip),
        _ => None,
    }
}

fn address(octets: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(octets).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(octets).map(IpAddr::from)).ok()
}

/// The instant, or the last one that a [`Timestamp`] can hold: 9999-12-31T23:59:59Z means "never"
/// (RFC 5280 section 4.1.2.5) and lies just beyond.
pub(crate) fn timestamp(time: Time) -> Timestamp {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
}

fn malformed(error: der::Error) -> CertificateError {
    CertificateError::Malformed(error.to_string())
}

macro_rules! shown_as_hexadecimal {
    ($($type:ty),*) => {$(
        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{self}")
            }
        }
    )*};
}

shown_as_hexadecimal!(Serial, Fingerprint);

#[cfg(test)]
mod tests;
