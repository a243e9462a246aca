//! The last look at bytes before they are signed: what RFC 5280 forbids, and what we never mean.
//!
//! It reads the bytes anew and trusts nothing of the code that built them.

use const_oid::db::rfc5280::{
    ID_CE_AUTHORITY_KEY_IDENTIFIER, ID_CE_BASIC_CONSTRAINTS, ID_CE_EXT_KEY_USAGE, ID_CE_KEY_USAGE,
    ID_CE_SUBJECT_ALT_NAME, ID_CE_SUBJECT_KEY_IDENTIFIER,
};
use const_oid::{AssociatedOid, ObjectIdentifier};
use der::{Decode, Encode};
use hermetic_tls::Identity;
use jiff::Timestamp;
use x509_cert::TbsCertificate;
use x509_cert::certificate::Version;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages, SubjectAltName,
    SubjectKeyIdentifier,
};

use crate::Usage;
use crate::error::AuthorityError;
use crate::issuer::Issuer;
use crate::profile::{general_name, purposes};
use crate::public_key::PublicKey;
use crate::validity::instant;

/// All extensions that we write.
const KNOWN: &[ObjectIdentifier] = &[
    ID_CE_SUBJECT_ALT_NAME,
    ID_CE_BASIC_CONSTRAINTS,
    ID_CE_KEY_USAGE,
    ID_CE_EXT_KEY_USAGE,
    ID_CE_SUBJECT_KEY_IDENTIFIER,
    ID_CE_AUTHORITY_KEY_IDENTIFIER,
];

/// What the certificate is meant to be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose<'a> {
    /// A root.
    Root,
    /// An intermediate that signs leaves only.
    Intermediate,
    /// A leaf with these names.
    Leaf(&'a [Identity], Usage),
    /// The same, which must be over at this instant. Nobody can do anything with it, so it may lie
    /// before its issuer's life.
    ExpiredLeaf(&'a [Identity], Usage, Timestamp),
}

impl<'a> Purpose<'a> {
    fn leaf(self) -> Option<(&'a [Identity], Usage)> {
        match self {
            Self::Root | Self::Intermediate => None,
            Self::Leaf(identities, usage) | Self::ExpiredLeaf(identities, usage, _) => {
                Some((identities, usage))
            }
        }
    }
}

/// Checks to-be-signed bytes; `issuer` is `None` for a root. An error names all that is wrong.
pub(crate) fn check(
    to_be_signed: &[u8],
    purpose: Purpose<'_>,
    issuer: Option<&Issuer>,
) -> Result<(), AuthorityError> {
    let tbs = TbsCertificate::from_der(to_be_signed)?;
    let mut problems = Problems::default();
    problems.add(tbs.to_der()? != to_be_signed, "it is not DER");
    form(&tbs, &mut problems);
    serial(&tbs, &mut problems);
    names(&tbs, purpose, &mut problems)?;
    usage(&tbs, purpose, &mut problems)?;
    keys(&tbs, issuer, &mut problems)?;
    bounds(&tbs, purpose, issuer, &mut problems)?;
    match problems.0.as_slice() {
        [] => Ok(()),
        found => Err(AuthorityError::Certificate(format!("refused before signing: {}", found.join("; ")))),
    }
}

#[derive(Default)]
struct Problems(Vec<&'static str>);

impl Problems {
    fn add(&mut self, wrong: bool, problem: &'static str) {
        if wrong {
            self.0.push(problem);
        }
    }
}

/// Sections 4.1.2.1, 4.1.2.8 and 4.2.
fn form(tbs: &TbsCertificate, problems: &mut Problems) {
    let extensions = tbs.extensions().map(Vec::as_slice).unwrap_or_default();
    let ids: Vec<_> = extensions.iter().map(|extension| extension.extn_id).collect();
    problems.add(tbs.version() != Version::V3, "its version is not 3");
    problems.add(
        tbs.issuer_unique_id().is_some() || tbs.subject_unique_id().is_some(),
        "it has a unique identifier",
    );
    problems.add(ids.iter().any(|id| !KNOWN.contains(id)), "it has an extension that we do not write");
    problems.add(
        ids.iter().any(|id| ids.iter().filter(|other| *other == id).count() > 1),
        "it has an extension twice",
    );
}

/// Section 4.1.2.2, and at least 64 bits of chance (CA/Browser Forum BR 7.1).
fn serial(tbs: &TbsCertificate, problems: &mut Problems) {
    let bytes = tbs.serial_number().as_bytes();
    problems.add(bytes.iter().all(|byte| *byte == 0), "its serial number is zero");
    problems.add(bytes.first().is_some_and(|byte| byte & 0x80 != 0), "its serial number is negative");
    problems.add(bytes.len() > 20, "its serial number is longer than 20 bytes");
    problems.add(bytes.len() < 8, "its serial number is too short to be random");
}

/// Sections 4.1.2.6 and 4.2.1.6.
fn names(tbs: &TbsCertificate, purpose: Purpose<'_>, problems: &mut Problems) -> Result<(), AuthorityError> {
    problems.add(tbs.issuer().is_empty(), "its issuer has no name");
    let alternative = extension::<SubjectAltName>(tbs)?;
    let Some((identities, _)) = purpose.leaf() else {
        problems.add(tbs.subject().is_empty(), "it is an authority without a name");
        problems.add(alternative.is_some(), "it is an authority with alternative names");
        return Ok(());
    };
    let Some((critical, SubjectAltName(written))) = alternative else {
        problems.add(true, "it has no alternative names");
        return Ok(());
    };
    let meant = identities.iter().map(general_name).collect::<Result<Vec<_>, _>>()?;
    problems.add(written.is_empty(), "its alternative names are empty");
    problems.add(written != meant, "its alternative names are not the requested ones");
    problems.add(critical != tbs.subject().is_empty(), "its alternative names are critical, or not, wrongly");
    Ok(())
}

/// Sections 4.2.1.3, 4.2.1.9 and 4.2.1.12.
fn usage(tbs: &TbsCertificate, purpose: Purpose<'_>, problems: &mut Problems) -> Result<(), AuthorityError> {
    let constraints = extension::<BasicConstraints>(tbs)?.unwrap_or((true, no_authority()));
    let key_usage = extension::<KeyUsage>(tbs)?;
    let extended = extension::<ExtendedKeyUsage>(tbs)?.map(|(_, ExtendedKeyUsage(purposes))| purposes);
    let (meant, meant_usage, meant_purposes) = match purpose {
        Purpose::Root => (authority(None), KeyUsages::KeyCertSign | KeyUsages::CRLSign, None),
        Purpose::Intermediate => (authority(Some(0)), KeyUsages::KeyCertSign | KeyUsages::CRLSign, None),
        Purpose::Leaf(_, usage) | Purpose::ExpiredLeaf(_, usage, _) => {
            (no_authority(), KeyUsages::DigitalSignature.into(), Some(purposes(usage).to_vec()))
        }
    };
    problems.add(constraints != (true, meant), "its basic constraints are not those of its purpose");
    problems
        .add(key_usage != Some((true, KeyUsage(meant_usage))), "its key usage is not that of its purpose");
    problems.add(extended != meant_purposes, "its extended key usage is not that of its purpose");
    Ok(())
}

/// Sections 4.1.1.2, 4.1.2.4, 4.2.1.1 and 4.2.1.2.
fn keys(
    tbs: &TbsCertificate,
    issuer: Option<&Issuer>,
    problems: &mut Problems,
) -> Result<(), AuthorityError> {
    let own = PublicKey::new(tbs.subject_public_key_info().clone())?;
    let (name, key) = issuer.map_or((tbs.subject(), &own), |issuer| (issuer.subject(), issuer.key()));
    problems.add(tbs.issuer() != name, "its issuer is not the one that signs");
    problems
        .add(*tbs.signature() != key.signature_algorithm(), "its signature algorithm is not the signer's");

    let subject_id = extension::<SubjectKeyIdentifier>(tbs)?.map(|(_, id)| id.0.into_bytes().into_vec());
    problems.add(subject_id != Some(own.id()), "its key identifier is not that of its key");
    let issuer_id = extension::<AuthorityKeyIdentifier>(tbs)?.and_then(|(_, id)| id.key_identifier);
    let issuer_id = issuer_id.map(|id| id.into_bytes().into_vec());
    problems.add(issuer_id != issuer.map(|issuer| issuer.key().id()), "its issuer's key is not the signer's");
    Ok(())
}

/// Section 4.1.2.5: it begins before it ends, and lies within its issuer's life, or behind us.
fn bounds(
    tbs: &TbsCertificate,
    purpose: Purpose<'_>,
    issuer: Option<&Issuer>,
    problems: &mut Problems,
) -> Result<(), AuthorityError> {
    let not_before = instant(tbs.validity().not_before)?;
    let not_after = instant(tbs.validity().not_after)?;
    problems.add(not_before >= not_after, "it ends before it begins");
    if let Purpose::ExpiredLeaf(_, _, now) = purpose {
        problems.add(not_after >= now, "it has not expired");
    } else if let Some(issuer) = issuer.map(Issuer::certificate) {
        problems.add(not_before < issuer.not_before, "it begins before its issuer");
        problems.add(not_after > issuer.not_after, "it outlives its issuer");
    }
    Ok(())
}

/// Whether a certificate is for just this usage.
pub(crate) fn serves(certificate: &[u8], usage: Usage) -> Result<bool, AuthorityError> {
    let certificate = x509_cert::Certificate::from_der(certificate)?;
    let extended = extension::<ExtendedKeyUsage>(certificate.tbs_certificate())?;
    Ok(extended.is_some_and(|(_, ExtendedKeyUsage(written))| written == purposes(usage)))
}

fn extension<T: AssociatedOid + for<'a> Decode<'a, Error = der::Error>>(
    tbs: &TbsCertificate,
) -> Result<Option<(bool, T)>, AuthorityError> {
    let extensions = tbs.extensions().map(Vec::as_slice).unwrap_or_default();
    let found = extensions.iter().find(|extension| extension.extn_id == T::OID);
    let decode = |extension: &x509_cert::ext::Extension| {
        T::from_der(extension.extn_value.as_bytes()).map(|content| (extension.critical, content))
    };
    Ok(found.map(decode).transpose()?)
}

fn authority(path_length: Option<u8>) -> BasicConstraints {
    BasicConstraints { ca: true, path_len_constraint: path_length }
}

fn no_authority() -> BasicConstraints {
    BasicConstraints { ca: false, path_len_constraint: None }
}
