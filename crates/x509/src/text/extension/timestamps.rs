//! The timestamps of Certificate Transparency logs (RFC 6962 section 3.3).
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use der::DateTime;
use std::time::Duration;

use super::super::time;

/// SignedCertificateTimestampList.
pub(super) fn list(mut bytes: &[u8], indent: usize) -> Option<String> {
    let mut list = vector(&mut bytes)?;
    let mut timestamps = Vec::new();
    while !list.is_empty() {
        timestamps.push(timestamp(vector(&mut list)?, indent)?);
    }
    Some(timestamps.join("\n"))
}

fn timestamp(mut bytes: &[u8], indent: usize) -> Option<String> {
    let (title, field, value) =
        (format!("{:indent$}Signed Certificate Timestamp:\n", ""), " ".repeat(indent + 4), indent + 16);
    let [0, ..] = bytes else {
        return Some(format!("{title}{field}Version   : unknown\n{:value$}{}", "", rows(bytes, value)));
    };
    taken(&mut bytes, 1)?;
    let log = rows(taken(&mut bytes, 32)?, value);
    let at = instant(taken(&mut bytes, 8)?)?;
    let extensions = vector(&mut bytes)?;
    let extensions = if extensions.is_empty() { "none".to_owned() } else { rows(extensions, value) };
    let algorithm = match taken(&mut bytes, 2)? {
        [4, 3] => "ecdsa-with-SHA256".to_owned(),
        [4, 1] => "sha256WithRSAEncryption".to_owned(),
        other => super::hex::upper(other, ""),
    };
    let signature = rows(vector(&mut bytes)?, value);
    Some(format!(
        "{title}{field}Version   : v1 (0x0)\n{field}Log ID    : {log}\n{field}Timestamp : {at}\n\
         {field}Extensions: {extensions}\n{field}Signature : {algorithm}\n{:value$}{signature}",
        ""
    ))
}

/// Milliseconds since 1970.
fn instant(bytes: &[u8]) -> Option<String> {
    let milliseconds = bytes.iter().fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
    let at = DateTime::from_unix_duration(Duration::from_secs(milliseconds / 1000)).ok()?;
    Some(time::with_fraction(at, &format!(".{:03}", milliseconds % 1000)))
}

/// Sixteen bytes a row; the first row is not indented.
fn rows(bytes: &[u8], indent: usize) -> String {
    let rows: Vec<_> = bytes.chunks(16).map(|row| super::hex::upper(row, ":")).collect();
    rows.join(&format!(":\n{:indent$}", ""))
}

/// A vector with its length in two bytes before it.
fn vector<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = taken(bytes, 2)?;
    taken(bytes, length.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte)))
}

fn taken<'a>(bytes: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken)
}
