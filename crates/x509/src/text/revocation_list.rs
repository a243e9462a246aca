//! A certificate revocation list.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use der::asn1::Int;
use der::{Decode, Sequence};
use spki::AlgorithmIdentifierOwned;
use x509_cert::certificate::Version;
use x509_cert::ext::Extensions;
use x509_cert::time::Time;

use super::{extensions, hex, name, signature, time};
use crate::distinguished_name::DistinguishedName;
use crate::error::EncodingError;
use crate::signed::take_apart;

/// TBSCertList (RFC 5280 section 5.1).
#[derive(Sequence)]
struct List {
    #[asn1(default = "Default::default")]
    version: Version,
    algorithm: AlgorithmIdentifierOwned,
    issuer: DistinguishedName,
    this_update: Time,
    next_update: Option<Time>,
    revoked: Option<Vec<Revoked>>,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    extensions: Option<Extensions>,
}

#[derive(Sequence)]
struct Revoked {
    serial: Int,
    at: Time,
    extensions: Option<Extensions>,
}

/// A revocation list as `openssl crl -text -noout` shows it, but for unknown extensions, which are in hexadecimal
/// digits as in certificates. Its signature is not verified.
pub fn revocation_list_text(der: &[u8]) -> Result<String, EncodingError> {
    let signed = take_apart(der)?;
    let list = List::from_der(&signed.to_be_signed)?;
    let version = list.version as u8;
    let mut text = String::from("Certificate Revocation List (CRL):\n");
    text += &format!("        Version {} ({version:#x})\n", version + 1);
    text += &format!("        {}", signature::algorithm(&list.algorithm));
    text += &format!("        Issuer: {}\n", name::one_line(&list.issuer));
    text += &format!("        Last Update: {}\n", time::instant(&list.this_update));
    let next = list.next_update.as_ref().map_or_else(|| "NONE".to_owned(), time::instant);
    text += &format!("        Next Update: {next}\n");
    text += &extensions::titled("CRL extensions", &list.extensions.unwrap_or_default());
    let revoked = list.revoked.unwrap_or_default();
    text += if revoked.is_empty() { "No Revoked Certificates.\n" } else { "Revoked Certificates:\n" };
    for one in revoked {
        text += &format!("    Serial Number: {}\n", hex::number(one.serial.as_bytes(), ""));
        text += &format!("        Revocation Date: {}\n", time::instant(&one.at));
        text += &extensions::titled("CRL entry extensions", &one.extensions.unwrap_or_default());
    }
    text += &signature::signature(&signed.algorithm, &signed.signature);
    Ok(text)
}
