//! The blocks of a PEM text, read as laxly as people treat it (RFC 7468 section 2).
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use base64ct::{Base64Unpadded, Encoding};
use hermetic_keys::{Passphrase, PrivateKeyError};
use zeroize::Zeroizing;

use super::document::{self, Kind};
use super::{Contents, MaterialError};

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// What stands between a beginning and its end.
pub(super) struct Block<'a> {
    label: &'a str,
    /// The line of its beginning, from 1.
    line: usize,
    body: &'a str,
}

/// A file as text. PowerShell's `>` and Notepad write UTF-16; of what is no text at all, nothing is left.
pub(super) fn text(file: &[u8]) -> Zeroizing<String> {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Zeroizing<Vec<u16>> =
            Zeroizing::new(bytes.as_chunks().0.iter().map(|pair| unit(*pair)).collect());
        String::from_utf16_lossy(&units)
    };
    Zeroizing::new(match file {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => String::from_utf8_lossy(file).into_owned(),
    })
}

/// All blocks of a text; none where it is no PEM. Marks are sought anywhere in a line: a text that went
/// through an environment variable often has one line only.
pub(super) fn blocks(text: &str) -> Result<Vec<Block<'_>>, MaterialError> {
    let mut blocks = Vec::new();
    let mut rest = text;
    let mut passed = LineBreaks::default();
    while let Some((before, after)) = rest.split_once(BEGIN) {
        passed.add(before);
        let line = 1 + passed.count();
        let broken = |label: &str, why: &str| MaterialError::Block {
            label: label.to_owned(),
            line,
            why: why.to_owned(),
        };
        let (label, body) = after.split_once(DASHES).ok_or_else(|| broken("?", "it is cut off"))?;
        if !label.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b' ') {
            return Err(broken("?", "its label is none"));
        }
        let (body, behind) = body.split_once(END).ok_or_else(|| broken(label, "it has no end"))?;
        if body.contains(BEGIN) {
            return Err(broken(label, "it has no end before the next begins"));
        }
        let behind = behind.strip_prefix(label).and_then(|behind| behind.strip_prefix(DASHES));
        rest = behind.ok_or_else(|| broken(label, "its end has another label"))?;
        passed.add(body);
        blocks.push(Block { label, line, body });
    }
    Ok(blocks)
}

/// The line ends that were passed. Each byte is looked at once, however many blocks there are.
#[derive(Default)]
struct LineBreaks {
    feeds: usize,
    returns: usize,
}

impl LineBreaks {
    fn add(&mut self, text: &str) {
        let count = |end| text.bytes().filter(|byte| *byte == end).count();
        self.feeds += count(b'\n');
        self.returns += count(b'\r');
    }

    /// With the line ends of Unix, Windows or old Macs.
    fn count(&self) -> usize {
        self.feeds.max(self.returns)
    }
}

impl Block<'_> {
    /// Adds what it holds.
    pub(super) fn read(
        &self,
        passphrase: Option<&Passphrase>,
        contents: &mut Contents,
    ) -> Result<(), MaterialError> {
        let kind = match self.label {
            "CERTIFICATE" | "X509 CERTIFICATE" => Kind::Certificate,
            "TRUSTED CERTIFICATE" => Kind::TrustedCertificate,
            "PRIVATE KEY" | "RSA PRIVATE KEY" | "EC PRIVATE KEY" => Kind::Key,
            "ENCRYPTED PRIVATE KEY" => Kind::EncryptedKey,
            "PKCS12" => Kind::Pkcs12,
            "PKCS7" | "CMS" => return Err(MaterialError::Unsupported("PKCS#7".to_owned())),
            other if other.ends_with("PRIVATE KEY") => {
                return Err(MaterialError::Unsupported(format!("`{other}`")));
            }
            // Parameters, requests, CRLs and public keys lie beside certificates.
            _ => return Ok(()),
        };
        document::add(kind, &self.decoded()?, passphrase, contents).map_err(|error| self.place(error))
    }

    fn decoded(&self) -> Result<Zeroizing<Vec<u8>>, MaterialError> {
        let mut encoded = Zeroizing::new(Vec::with_capacity(self.body.len()));
        // Line ends that were escaped on the way, as in JSON, are line ends.
        for line in self.body.split(['\n', '\r']).flat_map(|line| line.split("\\n")) {
            // RFC 1421 section 4.6.1.1: what follows is encrypted under MD5 of the passphrase.
            if line.trim_start().starts_with("Proc-Type:") {
                return Err(PrivateKeyError::OldEncryption.into());
            }
            encoded.extend(line.bytes().filter(|byte| !byte.is_ascii_whitespace()));
        }
        let unpadded = encoded.iter().rposition(|byte| *byte != b'=').map_or(0, |last| last + 1);
        encoded.truncate(unpadded);
        let mut der = Zeroizing::new(vec![0; encoded.len()]);
        let decoded = Base64Unpadded::decode(&*encoded, &mut der);
        let length = decoded.map_err(|_| self.broken("it is no base64".to_owned()))?.len();
        der.truncate(length);
        Ok(der)
    }

    fn place(&self, error: MaterialError) -> MaterialError {
        match error {
            MaterialError::Certificate(why) => self.broken(why),
            MaterialError::Key(PrivateKeyError::Malformed(why)) => self.broken(why),
            other => other,
        }
    }

    fn broken(&self, why: String) -> MaterialError {
        MaterialError::Block { label: self.label.to_owned(), line: self.line, why }
    }
}
