//! Keys and records of a session of TLS 1.2 with AEAD suites (RFC 5246 sections 6.2.3.3, 6.3 and 8.1).

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::digest::{self, SHA256, SHA384};
use aws_lc_rs::hmac::{self, HMAC_SHA256, HMAC_SHA384};

use crate::CipherSuite;

/// How a suite hashes and seals.
#[derive(Clone, Copy, Debug)]
pub(super) struct Algorithms {
    mac: hmac::Algorithm,
    digest: &'static digest::Algorithm,
    seal: &'static aws_lc_rs::aead::Algorithm,
    /// Bytes of the nonce that each record carries: of AES-GCM 8 (RFC 5288 section 3), of ChaCha20 none (RFC 7905).
    carried: usize,
}

impl Algorithms {
    /// Those of a suite with ECDHE and AEAD; `None` of any other.
    pub(super) fn of(suite: CipherSuite) -> Option<Self> {
        match suite.0 {
            0xC02B | 0xC02F => {
                Some(Self { mac: HMAC_SHA256, digest: &SHA256, seal: &AES_128_GCM, carried: 8 })
            }
            0xC02C | 0xC030 => {
                Some(Self { mac: HMAC_SHA384, digest: &SHA384, seal: &AES_256_GCM, carried: 8 })
            }
            0xCCA8 | 0xCCA9 => {
                Some(Self { mac: HMAC_SHA256, digest: &SHA256, seal: &CHACHA20_POLY1305, carried: 0 })
            }
            _ => None,
        }
    }

    /// The suites that have such.
    pub(super) const SUITES: [CipherSuite; 6] = [
        CipherSuite(0xC02B),
        CipherSuite(0xC02F),
        CipherSuite(0xC02C),
        CipherSuite(0xC030),
        CipherSuite(0xCCA9),
        CipherSuite(0xCCA8),
    ];

    /// The pseudorandom function (RFC 5246 section 5).
    pub(super) fn prf(self, secret: &[u8], label: &[u8], seed: &[u8], length: usize) -> Vec<u8> {
        let key = hmac::Key::new(self.mac, secret);
        let seed = [label, seed].concat();
        let mut told = hmac::sign(&key, &seed);
        let mut output = Vec::new();
        while output.len() < length {
            output.extend(hmac::sign(&key, &[told.as_ref(), &seed].concat()).as_ref());
            told = hmac::sign(&key, told.as_ref());
        }
        output.truncate(length);
        output
    }

    /// The 12 bytes by which a side finishes (RFC 5246 section 7.4.9).
    pub(super) fn finished(self, master: &[u8], label: &[u8], transcript: &[u8]) -> Vec<u8> {
        self.prf(master, label, digest::digest(self.digest, transcript).as_ref(), 12)
    }

    /// What protects the client's records, and the server's.
    pub(super) fn protectors(
        self,
        master: &[u8],
        client_random: &[u8],
        server_random: &[u8],
    ) -> Option<(Protector, Protector)> {
        let (key, iv) = (self.seal.key_len(), 12 - self.carried);
        let seed = [server_random, client_random].concat();
        let block = self.prf(master, b"key expansion", &seed, 2 * (key + iv));
        let (client_key, rest) = block.split_at_checked(key)?;
        let (server_key, rest) = rest.split_at_checked(key)?;
        let (client_iv, server_iv) = rest.split_at_checked(iv)?;
        Some((self.protector(client_key, client_iv)?, self.protector(server_key, server_iv)?))
    }

    fn protector(self, key: &[u8], iv: &[u8]) -> Option<Protector> {
        let key = LessSafeKey::new(UnboundKey::new(self.seal, key).ok()?);
        Some(Protector { key, iv: iv.to_vec(), carried: self.carried, sequence: 0 })
    }
}

/// What protects the records of one direction.
#[derive(Debug)]
pub(super) struct Protector {
    key: LessSafeKey,
    iv: Vec<u8>,
    carried: usize,
    sequence: u64,
}

/// The version of every record.
const VERSION: [u8; 2] = [3, 3];

impl Protector {
    /// A record of this kind, ready to be sent; `None` where it can't be sealed.
    pub(super) fn seal(&mut self, kind: u8, content: &[u8]) -> Option<Vec<u8>> {
        let carried = self.sequence.to_be_bytes();
        let nonce = self.nonce(&carried)?;
        let mut sealed = content.to_vec();
        self.key.seal_in_place_append_tag(nonce, self.data(kind, content.len())?, &mut sealed).ok()?;
        self.sequence += 1;
        let carried = carried.get(..self.carried)?;
        let length = u16::try_from(carried.len() + sealed.len()).ok()?.to_be_bytes();
        Some([&[kind], VERSION.as_slice(), &length, carried, &sealed].concat())
    }

    /// The content of a record of this kind; `None` where it was not the peer who sealed it.
    pub(super) fn open(&mut self, kind: u8, fragment: &[u8]) -> Option<Vec<u8>> {
        let (carried, sealed) = fragment.split_at_checked(self.carried)?;
        let nonce = self.nonce(carried)?;
        let length = sealed.len().checked_sub(self.key.algorithm().tag_len())?;
        let mut content = sealed.to_vec();
        let opened = self.key.open_in_place(nonce, self.data(kind, length)?, &mut content).ok()?.len();
        content.truncate(opened);
        self.sequence += 1;
        Some(content)
    }

    /// The fixed part before the carried one; without that, both under the number of the record.
    fn nonce(&self, carried: &[u8]) -> Option<Nonce> {
        if self.carried > 0 {
            let nonce = [self.iv.as_slice(), carried.get(..self.carried)?].concat();
            return Nonce::try_assume_unique_for_key(&nonce).ok();
        }
        let number = [&[0; 4], self.sequence.to_be_bytes().as_slice()].concat();
        let nonce: Vec<u8> = self.iv.iter().zip(number).map(|(iv, number)| iv ^ number).collect();
        Nonce::try_assume_unique_for_key(&nonce).ok()
    }

    fn data(&self, kind: u8, length: usize) -> Option<Aad<Vec<u8>>> {
        let length = u16::try_from(length).ok()?.to_be_bytes();
        let data = [self.sequence.to_be_bytes().as_slice(), &[kind], &VERSION, &length].concat();
        Some(Aad::from(data))
    }
}
