//! What our certificates say: root, intermediate and leaf (RFC 5280 section 4).

use std::net::IpAddr;

use const_oid::AssociatedOid;
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5280::{ID_KP_CLIENT_AUTH, ID_KP_SERVER_AUTH};
use der::Encode;
use der::asn1::{Ia5String, OctetString};
use hermetic_tls::Identity;
use jiff::{SignedDuration, Timestamp};
use x509_cert::certificate::Version;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages, SubjectAltName,
    SubjectKeyIdentifier,
};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::time::Validity;

use crate::Usage;
use crate::error::AuthorityError;
use crate::issuer::Issuer;
use crate::public_key::PublicKey;
use crate::tbs::ToBeSigned;
use crate::validity;

/// How long a root lives.
const ROOT_LIFE: SignedDuration = SignedDuration::from_hours(10 * 365 * 24);

/// How long an intermediate lives.
const INTERMEDIATE_LIFE: SignedDuration = SignedDuration::from_hours(5 * 365 * 24);

/// A root of its own.
pub(crate) fn root(
    key: &PublicKey,
    serial_number: SerialNumber,
    now: Timestamp,
) -> Result<ToBeSigned, AuthorityError> {
    let name = name_by_key("root", key)?;
    Ok(ToBeSigned {
        version: Version::V3,
        serial_number,
        signature: key.signature_algorithm(),
        issuer: name.clone(),
        validity: validity::of_authority(now, ROOT_LIFE)?,
        subject: name,
        subject_public_key_info: key.info().clone(),
        extensions: authority_extensions(key, None, None)?,
    })
}

/// An intermediate that signs leaves only (`pathLenConstraint` 0).
pub(crate) fn intermediate(
    root: &Issuer,
    key: &PublicKey,
    serial_number: SerialNumber,
    now: Timestamp,
) -> Result<ToBeSigned, AuthorityError> {
    Ok(ToBeSigned {
        version: Version::V3,
        serial_number,
        signature: root.key().signature_algorithm(),
        issuer: root.subject().clone(),
        validity: validity::of_authority(now, INTERMEDIATE_LIFE)?,
        subject: name_by_key("intermediate", key)?,
        subject_public_key_info: key.info().clone(),
        extensions: authority_extensions(key, Some(root.key()), Some(0))?,
    })
}

/// A leaf. Its subject is empty: names stand in the alternative names, and only there do clients of
/// today look (RFC 9525 section 2).
pub(crate) fn leaf(
    issuer: &Issuer,
    key: &PublicKey,
    serial_number: SerialNumber,
    validity: Validity,
    identities: &[Identity],
    usage: Usage,
) -> Result<ToBeSigned, AuthorityError> {
    let names = identities.iter().map(general_name).collect::<Result<_, _>>()?;
    let extensions = vec![
        // Critical, for with an empty subject there is no other name (section 4.2.1.6).
        extension(true, &SubjectAltName(names))?,
        extension(true, &BasicConstraints { ca: false, path_len_constraint: None })?,
        // An EC key enciphers no keys: `keyEncipherment` on one is a fault that pkilint finds.
        extension(true, &KeyUsage(KeyUsages::DigitalSignature.into()))?,
        extension(false, &ExtendedKeyUsage(purposes(usage).to_vec()))?,
        extension(false, &SubjectKeyIdentifier(OctetString::new(key.id())?))?,
        extension(false, &authority_key(issuer.key())?)?,
    ];
    Ok(ToBeSigned {
        version: Version::V3,
        serial_number,
        signature: issuer.key().signature_algorithm(),
        issuer: issuer.subject().clone(),
        validity,
        subject: Name::default(),
        subject_public_key_info: key.info().clone(),
        extensions,
    })
}

/// The extended key usages of a usage, in the order in which they are written.
pub(crate) fn purposes(usage: Usage) -> &'static [ObjectIdentifier] {
    match usage {
        Usage::Server => &[ID_KP_SERVER_AUTH],
        Usage::Client => &[ID_KP_CLIENT_AUTH],
        Usage::Both => &[ID_KP_SERVER_AUTH, ID_KP_CLIENT_AUTH],
    }
}

/// The name that carries an identity.
pub(crate) fn general_name(identity: &Identity) -> Result<GeneralName, AuthorityError> {
    Ok(match identity {
        Identity::Dns(name) => GeneralName::DnsName(Ia5String::new(name.as_str())?),
        Identity::Ip(IpAddr::V4(address)) => {
            GeneralName::IpAddress(OctetString::new(address.octets().as_slice())?)
        }
        Identity::Ip(IpAddr::V6(address)) => {
            GeneralName::IpAddress(OctetString::new(address.octets().as_slice())?)
        }
        Identity::Spiffe(id) => GeneralName::UniformResourceIdentifier(Ia5String::new(&id.to_string())?),
    })
}

fn authority_extensions(
    key: &PublicKey,
    issuer: Option<&PublicKey>,
    path_length: Option<u8>,
) -> Result<Vec<Extension>, AuthorityError> {
    let usages = KeyUsages::KeyCertSign | KeyUsages::CRLSign;
    let mut extensions = vec![
        extension(true, &BasicConstraints { ca: true, path_len_constraint: path_length })?,
        extension(true, &KeyUsage(usages))?,
        extension(false, &SubjectKeyIdentifier(OctetString::new(key.id())?))?,
    ];
    if let Some(issuer) = issuer {
        extensions.push(extension(false, &authority_key(issuer)?)?);
    }
    Ok(extensions)
}

/// `Hermetic root 1a2b3c4d`: with the key's identifier in it, two authorities are told apart.
fn name_by_key(role: &str, key: &PublicKey) -> Result<Name, AuthorityError> {
    let id: String = key.id().iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("CN=Hermetic {role} {id}").parse()?)
}

fn authority_key(issuer: &PublicKey) -> Result<AuthorityKeyIdentifier, AuthorityError> {
    Ok(AuthorityKeyIdentifier {
        key_identifier: Some(OctetString::new(issuer.id())?),
        authority_cert_issuer: None,
        authority_cert_serial_number: None,
    })
}

fn extension<T: AssociatedOid + Encode>(critical: bool, content: &T) -> Result<Extension, AuthorityError> {
    Ok(Extension { extn_id: T::OID, critical, extn_value: OctetString::new(content.to_der()?)? })
}
