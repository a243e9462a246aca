//! A certificate.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use super::{extensions, hex, key, name, signature, time, value};
use crate::details::CertificateDetails;
use crate::error::EncodingError;

/// A certificate as `openssl x509 -text -noout -certopt ext_dump` shows it.
pub fn certificate_text(der: &[u8]) -> Result<String, EncodingError> {
    let certificate = CertificateDetails::read(der)?;
    let mut text = String::from("Certificate:\n    Data:\n");
    text += &format!("        Version: {} ({:#x})\n", certificate.version, certificate.version - 1);
    text += &format!("        Serial Number:{}\n", serial(&certificate.serial));
    text += &format!("        {}", signature::algorithm(&certificate.inner_algorithm));
    text += &format!("        Issuer: {}\n", name::one_line(&certificate.issuer));
    text += &format!(
        "        Validity\n            Not Before: {}\n            Not After : {}\n",
        time::instant(&certificate.validity.not_before),
        time::instant(&certificate.validity.not_after)
    );
    text += &format!("        Subject: {}\n", name::one_line(&certificate.subject));
    text += &key::public_key(&certificate.key_info);
    for (id, whose) in certificate.unique_ids.iter().zip(["Issuer", "Subject"]) {
        if let Some(id) = id {
            text += &format!("        {whose} Unique ID: \n{}", hex::lines(id.raw_bytes(), 18, 12));
        }
    }
    text += &extensions::titled("X509v3 extensions", &certificate.extensions);
    text += &signature::signature(&certificate.signed.algorithm, &certificate.signed.signature);
    Ok(text)
}

/// Up to eight bytes are a number, more are bytes.
fn serial(content: &[u8]) -> String {
    let negative = content.first().is_some_and(|byte| byte & 0x80 != 0);
    let magnitude = if negative { value::negated(content) } else { content.to_vec() };
    let magnitude: Vec<u8> = magnitude.into_iter().skip_while(|byte| *byte == 0).collect();
    let small = magnitude.iter().try_fold(0_u64, |sum, byte| Some(sum.checked_mul(256)? + u64::from(*byte)));
    match small.filter(|value| i64::try_from(*value).is_ok() && (!negative || *value != 1)) {
        Some(value) => {
            let sign = if negative { "-" } else { "" };
            format!(" {sign}{value} ({sign}{value:#x})")
        }
        None => {
            let sign = if negative { " (Negative)" } else { "" };
            format!("\n            {sign}{}", hex::lower(&magnitude, ":"))
        }
    }
}
