//! Instants as OpenSSL writes them: `Jan  1 00:00:00 2026 GMT`.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use der::asn1::GeneralizedTime;
use der::{DateTime, Decode};
use x509_cert::time::Time;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// An instant.
pub(super) fn instant(time: &Time) -> String {
    with_fraction(time.to_date_time(), "")
}

/// The content of a GeneralizedTime.
pub(super) fn generalized(content: &[u8]) -> Option<String> {
    let length = u8::try_from(content.len()).ok()?;
    let time = GeneralizedTime::from_der(&[&[0x18, length][..], content].concat()).ok()?;
    Some(with_fraction(time.to_date_time(), ""))
}

/// An instant with a fraction of its second.
pub(super) fn with_fraction(at: DateTime, fraction: &str) -> String {
    let month = MONTHS.get(usize::from(at.month()).wrapping_sub(1)).copied().unwrap_or("Bad");
    let (day, hour, minute, second) = (at.day(), at.hour(), at.minutes(), at.seconds());
    format!("{month} {day:2} {hour:02}:{minute:02}:{second:02}{fraction} {} GMT", at.year())
}
