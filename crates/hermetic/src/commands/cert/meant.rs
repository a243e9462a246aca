//! Which certificate somebody means.

use hermetic_store::{CertificateFilter, CertificateRecord, CertificateState, NameFilter, Order, Store};

use crate::exit::Failure;

/// The bytes of a SHA-256 fingerprint.
const FINGERPRINT: usize = 32;

/// The certificate of a serial number or a fingerprint, or the newest that is used as this or has this name:
/// an issued one, if there is any.
pub async fn meant(store: &Store, text: &str) -> Result<CertificateRecord, Failure> {
    if let Some(digits) = digits(text) {
        if let Some(fingerprint) = fingerprint(&digits) {
            let by_it = CertificateFilter { fingerprint: Some(fingerprint), ..CertificateFilter::default() };
            return newest(store, by_it).await?.ok_or_else(|| unknown(text));
        }
        if let Some(found) = store.certificate(&digits).await? {
            return Ok(found);
        }
    }
    for state in [Some(CertificateState::Issued), None] {
        let by_use = CertificateFilter { subject: Some(text.to_owned()), ..CertificateFilter::default() };
        let name = Some(NameFilter::Exact(text.to_owned()));
        let by_name = CertificateFilter { name, ..CertificateFilter::default() };
        for filter in [by_use, by_name] {
            if let Some(found) = newest(store, CertificateFilter { state, ..filter }).await? {
                return Ok(found);
            }
        }
    }
    Err(unknown(text))
}

async fn newest(store: &Store, filter: CertificateFilter) -> Result<Option<CertificateRecord>, Failure> {
    let page = store.search(&filter, Order::Newest, None, 1).await?;
    Ok(page.certificates.into_iter().next())
}

/// The hexadecimal digits of it, without what tools write between them. Fewer than four are a name.
fn digits(text: &str) -> Option<String> {
    let digits = text.to_ascii_lowercase().replace(':', "");
    (digits.len() >= 4 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(digits)
}

fn fingerprint(digits: &str) -> Option<[u8; FINGERPRINT]> {
    if digits.len() != 2 * FINGERPRINT {
        return None;
    }
    let mut bytes = [0; FINGERPRINT];
    for (byte, at) in bytes.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

fn unknown(text: &str) -> Failure {
    Failure::wrong(format!(
        "no certificate has the serial number, the fingerprint or the name {text}, or is used as that"
    ))
    .remedy("`hermetic cert list` shows all of them")
}
