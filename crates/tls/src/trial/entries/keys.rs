//! The keys of a server's handshake under TLS 1.3 (RFC 8446 sections 5.3, 7.1 and 7.3).

use aws_lc_rs::aead::{
    self, AES_128_GCM, AES_256_GCM, Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey,
};
use aws_lc_rs::digest::{self, SHA256, SHA384};
use aws_lc_rs::hmac::{self, HMAC_SHA256, HMAC_SHA384};

use crate::CipherSuite;

/// How a suite hashes and seals.
#[derive(Clone, Copy, Debug)]
pub(super) struct Algorithms {
    mac: hmac::Algorithm,
    digest: &'static digest::Algorithm,
    seal: &'static aead::Algorithm,
}

impl Algorithms {
    /// Those of a suite; `None` of one that is not spoken here.
    pub(super) fn of(suite: CipherSuite) -> Option<Self> {
        match suite.0 {
            0x1301 => Some(Self { mac: HMAC_SHA256, digest: &SHA256, seal: &AES_128_GCM }),
            0x1302 => Some(Self { mac: HMAC_SHA384, digest: &SHA384, seal: &AES_256_GCM }),
            0x1303 => Some(Self { mac: HMAC_SHA256, digest: &SHA256, seal: &CHACHA20_POLY1305 }),
            _ => None,
        }
    }

    /// What opens the server's records, once both hellos are in the transcript; `None` where that can't be made.
    pub(super) fn opener(self, shared: &[u8], transcript: &[u8]) -> Option<Opener> {
        self.opener_of(&self.secret(shared, transcript)?)
    }

    /// The secret of the server's traffic up to the end of the handshake.
    pub(super) fn secret(self, shared: &[u8], transcript: &[u8]) -> Option<Vec<u8>> {
        let length = self.digest.output_len();
        let nothing = vec![0; length];
        let early = self.extract(&nothing, &nothing);
        let derived = self.expand(&early, b"derived", self.hash(&[]).as_ref(), length)?;
        let handshake = self.extract(&derived, shared);
        self.expand(&handshake, b"s hs traffic", self.hash(transcript).as_ref(), length)
    }

    pub(super) fn opener_of(self, secret: &[u8]) -> Option<Opener> {
        let key = self.expand(secret, b"key", &[], self.seal.key_len())?;
        let iv = self.expand(secret, b"iv", &[], aead::NONCE_LEN)?;
        let key = LessSafeKey::new(UnboundKey::new(self.seal, &key).ok()?);
        Some(Opener { key, iv, sequence: 0 })
    }

    fn hash(self, bytes: &[u8]) -> digest::Digest {
        digest::digest(self.digest, bytes)
    }

    /// HKDF-Extract (RFC 5869 section 2.2).
    fn extract(self, salt: &[u8], secret: &[u8]) -> Vec<u8> {
        hmac::sign(&hmac::Key::new(self.mac, salt), secret).as_ref().to_vec()
    }

    /// HKDF-Expand-Label. Nothing here is longer than one block of its hash, so that one round is enough.
    fn expand(self, secret: &[u8], label: &[u8], context: &[u8], length: usize) -> Option<Vec<u8>> {
        let label = [b"tls13 ", label].concat();
        let (label_length, context_length) =
            (u8::try_from(label.len()).ok()?, u8::try_from(context.len()).ok()?);
        let output = u16::try_from(length).ok()?.to_be_bytes();
        let information = [&output, &[label_length][..], &label, &[context_length], context, &[1]].concat();
        let block = hmac::sign(&hmac::Key::new(self.mac, secret), &information);
        block.as_ref().get(..length).map(<[u8]>::to_vec)
    }
}

/// What opens the records of one direction.
#[derive(Debug)]
pub(super) struct Opener {
    key: LessSafeKey,
    iv: Vec<u8>,
    sequence: u64,
}

impl Opener {
    /// Kind and content of a record, of which `header` are the first five bytes; `None` where it was not the peer
    /// who sealed it.
    pub(super) fn open(&mut self, header: [u8; 5], sealed: &[u8]) -> Option<(u8, Vec<u8>)> {
        let number = [&[0; 4], self.sequence.to_be_bytes().as_slice()].concat();
        let nonce: Vec<u8> = self.iv.iter().zip(number).map(|(iv, number)| iv ^ number).collect();
        let nonce = Nonce::try_assume_unique_for_key(&nonce).ok()?;
        let mut content = sealed.to_vec();
        let opened = self.key.open_in_place(nonce, Aad::from(header), &mut content).ok()?;
        self.sequence += 1;
        // The kind stands behind the content, and zeros behind it (section 5.2).
        let end = opened.iter().rposition(|byte| *byte != 0)?;
        let (kind, length) = (*opened.get(end)?, end);
        content.truncate(length);
        Some((kind, content))
    }
}
