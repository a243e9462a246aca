//! The linter, given certificates that break one rule each.

mod authority;
mod leaf;

use der::asn1::OctetString;
use der::{Decode, Encode};
use hermetic_keys::{KeyAlgorithm, PublicKey, Signer};
use hermetic_tls::Serial;
use jiff::{SignedDuration, Timestamp};
use x509_cert::ext::Extension;
use x509_cert::serial_number::SerialNumber;

use super::*;
use crate::certificate::Publication;
use crate::distinguished_name::DistinguishedName;
use crate::testing::{authority, key};
use crate::validity::Validity;

const DAY: SignedDuration = SignedDuration::from_hours(24);

fn now() -> Timestamp {
    "2031-02-03T04:05:06Z".parse().unwrap()
}

fn serial(bytes: &[u8]) -> (Serial, SerialNumber) {
    let length = u8::try_from(bytes.len()).unwrap();
    let der = [&[0x02, length], bytes].concat();
    (Serial::from_bytes(bytes), SerialNumber::from_der(&der).unwrap())
}

fn days(from: i64, to: i64) -> Validity {
    let at = |days: i64| now().checked_add(DAY.checked_mul(days.try_into().unwrap()).unwrap()).unwrap();
    Validity::between(at(from), at(to)).unwrap()
}

fn name(text: &str) -> DistinguishedName {
    text.parse().unwrap()
}

fn published() -> Publication {
    Publication {
        revocation_list: Some("http://pki.example.com/3.crl".parse().unwrap()),
        ocsp: Some("http://pki.example.com/ocsp".parse().unwrap()),
        issuer: Some("http://pki.example.com/issuing.cer".parse().unwrap()),
    }
}

/// Puts something else into an extension.
fn put<T: AssociatedOid + Encode>(certificate: &mut ToBeSigned, content: &T) {
    let value = OctetString::new(content.to_der().unwrap()).unwrap();
    of_kind::<T>(certificate).extn_value = value;
}

fn of_kind<T: AssociatedOid>(certificate: &mut ToBeSigned) -> &mut Extension {
    certificate.extensions.iter_mut().find(|extension| extension.extn_id == T::OID).unwrap()
}

fn remove<T: AssociatedOid>(certificate: &mut ToBeSigned) {
    certificate.extensions.retain(|extension| extension.extn_id != T::OID);
}

fn add<T: AssociatedOid + Encode>(certificate: &mut ToBeSigned, critical: bool, content: &T) {
    certificate.extensions.push(crate::extension::extension(critical, content).unwrap());
}

/// The key of a request that nobody should certify.
fn weak_key() -> PublicKey {
    let pem = include_bytes!("../../request/testdata/roca.pem");
    let request = crate::pem::blocks(pem).unwrap().remove(0).der;
    let info = crate::take_apart(&request).unwrap().to_be_signed;
    let info = x509_cert::request::CertReqInfo::from_der(&info).unwrap();
    PublicKey::new(info.public_key).unwrap()
}

fn told(found: Result<(), LintError>) -> Vec<Problem> {
    found.err().map(|error| error.problems().to_vec()).unwrap_or_default()
}
