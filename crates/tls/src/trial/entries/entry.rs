//! The Certificate message of TLS 1.3 (RFC 8446 section 4.4.2).

use bytes::Bytes;

use crate::answer::AnswerError;
use crate::cursor::Cursor;

/// A certificate, and what stands beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The certificate in DER.
    pub certificate: Bytes,
    /// The OCSP response, in DER.
    pub stapled: Option<Bytes>,
    /// The list of log timestamps, as RFC 6962 has it.
    pub timestamps: Option<Bytes>,
}

const STATUS_REQUEST: u16 = 5;
const LOG_TIMESTAMPS: u16 = 18;

/// A status that is an OCSP response (RFC 6066 section 8).
const OCSP: u8 = 1;

impl Entry {
    /// Reads all of a message, without its header.
    pub(super) fn all(body: Bytes) -> Result<Vec<Self>, AnswerError> {
        let mut body = Cursor::new(body, "Certificate");
        // It answers no request.
        body.vector8("certificate_request_context")?;
        let mut list = body.vector24("certificate_list")?;
        body.end()?;
        let mut entries = Vec::new();
        while !list.is_empty() {
            let mut entry =
                Self { certificate: list.vector24("a certificate")?.into_bytes(), ..Self::default() };
            let mut extensions = list.vector16("extensions of a certificate")?;
            while !extensions.is_empty() {
                let number = extensions.number()?;
                entry.take(number, extensions.vector16("an extension of a certificate")?)?;
            }
            entries.push(entry);
        }
        Ok(entries)
    }

    fn take(&mut self, number: u16, content: Cursor) -> Result<(), AnswerError> {
        match number {
            STATUS_REQUEST => self.stapled = response(content)?,
            LOG_TIMESTAMPS => self.timestamps = Some(content.into_bytes()),
            _ => {}
        }
        Ok(())
    }
}

/// The OCSP response; `None` of another kind of status.
fn response(mut status: Cursor) -> Result<Option<Bytes>, AnswerError> {
    if status.byte()? != OCSP {
        return Ok(None);
    }
    let response = status.vector24("an OCSP response")?.into_bytes();
    status.end()?;
    Ok(Some(response))
}
