//! Writing ClientHellos that no TLS library would send: with any version, suite and extension, in any order.
//!
//! What is written here is meant for the answer to it. No handshake is ever completed by it, so that no key is
//! behind a key share but those that a caller puts there.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod extension;
mod ssl2;

#[cfg(test)]
mod tests;

use bytes::Bytes;

use crate::{CipherSuite, ProtocolVersion};

pub use extension::Extension;
pub use ssl2::ssl2_hello;

/// A ClientHello of our own making.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The best version, as it was written before TLS 1.3; that and what is newer go into
    /// [`Extension::Versions`].
    pub version: ProtocolVersion,
    /// The suites, best first, signals among them.
    pub suites: Vec<CipherSuite>,
    /// The compression methods; 0 is none, 1 DEFLATE.
    pub compression: Vec<u8>,
    /// The id of a session, 32 bytes at most.
    pub session_id: Bytes,
    /// The extensions in order. Without any, the hello ends before them: SSL 3.0 knew none.
    pub extensions: Vec<Extension>,
}

/// The most content of one record (RFC 8446 section 5.1).
const FRAGMENT: usize = 1 << 14;

impl Offer {
    /// A hello of these, without extensions, compression or session.
    pub fn new(version: ProtocolVersion, suites: Vec<CipherSuite>) -> Self {
        Self { version, suites, compression: vec![0], session_id: Bytes::new(), extensions: Vec::new() }
    }

    /// The same with this extension behind the others.
    #[must_use]
    pub fn with(mut self, extension: Extension) -> Self {
        self.extensions.push(extension);
        self
    }

    /// The hello with these 32 random bytes, in records that are ready to be sent.
    pub fn records(&self, random: [u8; 32]) -> Vec<u8> {
        // What servers take for a hello (RFC 8446 section 5.1); those of SSL 3.0 want their own version.
        let version = self.version.min(ProtocolVersion::TLS1_0).0.to_be_bytes();
        let mut records = Vec::new();
        for fragment in self.message(random).chunks(FRAGMENT) {
            records.push(22);
            records.extend(version);
            records.extend(vector16(fragment));
        }
        records
    }

    fn message(&self, random: [u8; 32]) -> Vec<u8> {
        let mut body = self.version.0.to_be_bytes().to_vec();
        body.extend(random);
        body.extend(vector8(&self.session_id));
        body.extend(vector16(&numbers(self.suites.iter().map(|suite| suite.0))));
        body.extend(vector8(&self.compression));
        if !self.extensions.is_empty() {
            let block: Vec<u8> = self.extensions.iter().flat_map(Extension::bytes).collect();
            body.extend(vector16(&block));
        }
        let [_, length @ ..] = u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes();
        [&[1], length.as_slice(), &body].concat()
    }
}

fn numbers(numbers: impl IntoIterator<Item = u16>) -> Vec<u8> {
    numbers.into_iter().flat_map(u16::to_be_bytes).collect()
}

/// With a length of one byte; what it can't tell is cut off.
fn vector8(bytes: &[u8]) -> Vec<u8> {
    let length = u8::try_from(bytes.len()).unwrap_or(u8::MAX);
    [&[length], bytes.get(..length.into()).unwrap_or_default()].concat()
}

/// With a length of two bytes; what it can't tell is cut off.
fn vector16(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    [length.to_be_bytes().as_slice(), bytes.get(..length.into()).unwrap_or_default()].concat()
}
