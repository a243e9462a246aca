//! Where a page ended, as text: for whoever asks for the next page later.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use super::record::CertificateId;
use super::search::Cursor;

/// Text that says of no page where it ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not where a page ended; give the `next` of the page before")]
pub struct CursorError(String);

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.not_after.as_microsecond(), self.id.0)
    }
}

impl FromStr for Cursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        let read = || {
            let (not_after, id) = text.split_once('.')?;
            let not_after = Timestamp::from_microsecond(not_after.parse().ok()?).ok()?;
            Some(Self { not_after, id: CertificateId(id.parse().ok()?) })
        };
        read().ok_or_else(|| CursorError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_page_ended_is_read_back_as_it_was_written() {
        let not_after = "2031-02-03T04:05:06.000007Z".parse().unwrap();
        let cursor = Cursor { not_after, id: CertificateId(42) };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for wrong in ["", "42", "soon.42", "1.2.3", "99999999999999999999.1"] {
            assert!(wrong.parse::<Cursor>().is_err(), "{wrong}");
        }
    }
}
