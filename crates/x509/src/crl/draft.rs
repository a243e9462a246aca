//! A list before it is signed.

use std::collections::BTreeMap;

use der::{Encode, Header, Length, Tag};
use hermetic_keys::SignatureAlgorithm;
use hermetic_tls::Serial;
use jiff::Timestamp;
use x509_cert::ext::pkix::crl::CrlNumber;

use super::{ListNumber, Scope};
use crate::certificate::AuthorityCertificate;
use crate::error::EncodingError;
use crate::extension::{authority_key_identifier, extension};
use crate::revocation::{Revocation, RevocationReason};
use crate::time::time;

/// The version of lists with extensions: it is called 2 and written as 1.
const VERSION_2: &[u8] = &[0x02, 0x01, 0x01];

/// `[0]`, in which the extensions stand.
const EXTENSIONS: Tag = Tag::ContextSpecific { constructed: true, number: der::TagNumber(0) };

/// What an entry takes: a serial number of 20 bytes, a time and a reason.
const ENTRY: usize = 56;

/// What a list says, before it is signed (RFC 5280 section 5.1).
#[derive(Clone, Debug)]
pub struct RevocationListDraft<'a> {
    /// Who will sign.
    pub issuer: &'a AuthorityCertificate,
    /// How.
    pub signature: SignatureAlgorithm,
    /// Which certificates it speaks for.
    pub scope: Scope,
    /// Its number.
    pub number: ListNumber,
    /// When it was made.
    pub this_update: Timestamp,
    /// When the next one is there at the latest. From then on this one says nothing any more.
    pub next_update: Timestamp,
    /// What is revoked.
    pub revoked: &'a BTreeMap<Serial, Revocation>,
}

impl RevocationListDraft<'_> {
    /// The bytes that a key signs. Written entry by entry into one buffer: a list may have 100,000.
    pub fn to_der(&self) -> Result<Vec<u8>, EncodingError> {
        let mut list = VERSION_2.to_vec();
        self.signature.identifier().encode_to_vec(&mut list)?;
        self.issuer.subject().encode_to_vec(&mut list)?;
        time(self.this_update)?.encode_to_vec(&mut list)?;
        time(self.next_update)?.encode_to_vec(&mut list)?;
        // An empty list must not be there at all (section 5.1.2.6).
        if !self.revoked.is_empty() {
            write(&mut list, Tag::Sequence, &self.entries()?)?;
        }
        let mut extensions =
            vec![authority_key_identifier(self.issuer.key_id())?, extension(false, &self.number()?)?];
        extensions.extend(self.scope.extension()?);
        write(&mut list, EXTENSIONS, &extensions.to_der()?)?;

        let mut whole = Vec::with_capacity(list.len() + 8);
        write(&mut whole, Tag::Sequence, &list)?;
        Ok(whole)
    }

    fn number(&self) -> Result<CrlNumber, EncodingError> {
        Ok(CrlNumber::try_from(self.number.value())?)
    }

    /// The entries, by their serials.
    fn entries(&self) -> Result<Vec<u8>, EncodingError> {
        let mut entries = Vec::with_capacity(self.revoked.len() * ENTRY);
        let mut entry = Vec::with_capacity(ENTRY);
        for (serial, revocation) in self.revoked {
            entry.clear();
            write_serial(&mut entry, serial)?;
            time(revocation.at)?.encode_to_vec(&mut entry)?;
            write_reason(&mut entry, revocation.reason);
            write(&mut entries, Tag::Sequence, &entry)?;
        }
        Ok(entries)
    }
}

/// An INTEGER, which is positive: its highest bit is no sign.
fn write_serial(entry: &mut Vec<u8>, serial: &Serial) -> Result<(), EncodingError> {
    let bytes = serial.as_bytes();
    match bytes.first() {
        Some(high) if high & 0x80 == 0 => write(entry, Tag::Integer, bytes),
        _ => write(entry, Tag::Integer, &[&[0], bytes].concat()),
    }
}

/// The extensions of an entry with this reason: `reasonCode` (2.5.29.21), or none where no reason is given
/// (section 5.3.1).
fn write_reason(entry: &mut Vec<u8>, reason: RevocationReason) {
    const EXTENSION: [u8; 13] =
        [0x30, 0x0c, 0x30, 0x0a, 0x06, 0x03, 0x55, 0x1d, 0x15, 0x04, 0x03, 0x0a, 0x01];
    if reason != RevocationReason::Unspecified {
        entry.extend_from_slice(&EXTENSION);
        entry.push(reason.code());
    }
}

fn write(to: &mut Vec<u8>, tag: Tag, content: &[u8]) -> Result<(), EncodingError> {
    Header::new(tag, Length::try_from(content.len())?).encode_to_vec(to)?;
    to.extend_from_slice(content);
    Ok(())
}
