//! How parts of a PKCS#12 file are encrypted under its passphrase.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::num::NonZeroU32;

use aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockCipherDecrypt, BlockModeDecrypt, BlockModeEncrypt, KeyInit, KeyIvInit};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5911::ID_PBKDF_2;
use der::asn1::{Any, OctetString};
use der::{Encode, Sequence};
use des::{TdesEde2, TdesEde3};
use hermetic_keys::pbes2::{self, Encrypted, Pbes2Error};
use rc2::Rc2;
use spki::{AlgorithmIdentifierOwned, AlgorithmIdentifierRef};
use zeroize::Zeroizing;

use super::asn1::{Pbes2, Pbkdf2, parameters_of};
use super::ber;
use super::derivation::{Purpose, derive};
use super::passphrase::{PassphraseForm, Rounds};
use crate::material::MaterialError;

const ID_PBES_2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.13");
/// Triple DES with a key of 24 bytes, SHA-1 (RFC 7292 appendix C).
const TRIPLE_DES: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.3");
const TRIPLE_DES_TWO_KEYS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.4");
const RC2_128: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.5");
const RC2_40: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.6");

/// The length of a block of the old ciphers, and of their vector, in bytes.
const BLOCK: usize = 8;

/// A way of encrypting under a passphrase, with all its parameters.
#[derive(Clone, Debug)]
pub(super) enum Encryption {
    /// What is written today: AES under PBKDF2. The DER of its identifier, and its rounds.
    Pbes2 { scheme: Vec<u8>, rounds: u64 },
    /// What Windows, macOS and Java wrote for twenty years.
    Old(OldCipher, OldParameters),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OldCipher {
    TripleDes,
    TripleDesTwoKeys,
    Rc2,
    Rc2Weak,
}

/// pkcs-12PbeParams (RFC 7292 appendix C).
#[derive(Clone, Debug, Sequence)]
pub(super) struct OldParameters {
    pub(super) salt: OctetString,
    pub(super) rounds: u64,
}

impl Encryption {
    /// Reads which it is.
    pub(super) fn read(identifier: &AlgorithmIdentifierRef<'_>) -> Result<Self, MaterialError> {
        let cipher = match identifier.oid {
            ID_PBES_2 => return Self::read_pbes2(identifier),
            TRIPLE_DES => OldCipher::TripleDes,
            TRIPLE_DES_TWO_KEYS => OldCipher::TripleDesTwoKeys,
            RC2_128 => OldCipher::Rc2,
            RC2_40 => OldCipher::Rc2Weak,
            other => return Err(MaterialError::Unsupported(format!("the encryption {other}"))),
        };
        Ok(Self::Old(cipher, parameters_of(identifier)?))
    }

    fn read_pbes2(identifier: &AlgorithmIdentifierRef<'_>) -> Result<Self, MaterialError> {
        let Pbes2 { derivation, .. } = parameters_of(identifier)?;
        if derivation.oid != ID_PBKDF_2 {
            return Err(MaterialError::Unsupported(format!("PBES2 with {}", derivation.oid)));
        }
        let Pbkdf2 { rounds, .. } = parameters_of(&derivation)?;
        Ok(Self::Pbes2 { scheme: identifier.to_der()?, rounds })
    }

    /// Decrypts; `None` where the passphrase is another, or the bytes are not those that were written.
    /// What comes out is one whole sequence of DER or BER: padding alone fits by chance once in 256 times.
    pub(super) fn decrypt(
        &self,
        passphrase: &PassphraseForm<'_>,
        ciphertext: &[u8],
        rounds: &mut Rounds,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, MaterialError> {
        let plain = match self {
            Self::Pbes2 { scheme, rounds: asked } => {
                rounds.spend(*asked)?;
                match pbes2::decrypt(scheme, passphrase.bytes(), ciphertext) {
                    Err(Pbes2Error::WrongPassphrase) => None,
                    decrypted => Some(decrypted?),
                }
            }
            Self::Old(cipher, parameters) => {
                let rounds = rounds.spend(parameters.rounds)?;
                cipher.decrypt(&parameters.keys(*cipher, passphrase, rounds), ciphertext)
            }
        };
        Ok(plain.filter(|plain| is_one_sequence(plain)))
    }
}

impl OldParameters {
    /// A key, and a vector behind it.
    fn keys(
        &self,
        cipher: OldCipher,
        passphrase: &PassphraseForm<'_>,
        rounds: NonZeroU32,
    ) -> Zeroizing<Vec<u8>> {
        let derived = |purpose, length| {
            let salt = self.salt.as_bytes();
            derive(&SHA1_FOR_LEGACY_USE_ONLY, purpose, passphrase.utf16(), salt, rounds, length)
        };
        let mut keys = derived(Purpose::Encryption, cipher.key_length());
        keys.extend_from_slice(&derived(Purpose::Vector, BLOCK));
        keys
    }
}

impl OldCipher {
    fn key_length(self) -> usize {
        match self {
            Self::TripleDes => 24,
            Self::TripleDesTwoKeys | Self::Rc2 => 16,
            Self::Rc2Weak => 5,
        }
    }

    fn decrypt(self, keys: &[u8], ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let keys = keys.split_at_checked(self.key_length())?;
        let mut buffer = Zeroizing::new(ciphertext.to_vec());
        let length = match self {
            Self::TripleDes => decrypted::<TdesEde3>(keys, &mut buffer),
            Self::TripleDesTwoKeys => decrypted::<TdesEde2>(keys, &mut buffer),
            // The effective length of its key is the length of its key.
            Self::Rc2 | Self::Rc2Weak => decrypted::<Rc2>(keys, &mut buffer),
        }?;
        buffer.truncate(length);
        Some(buffer)
    }
}

fn decrypted<C: BlockCipherDecrypt + KeyInit>(
    (key, vector): (&[u8], &[u8]),
    buffer: &mut [u8],
) -> Option<usize> {
    let cipher = cbc::Decryptor::<C>::new_from_slices(key, vector).ok()?;
    Some(cipher.decrypt_padded::<Pkcs7>(buffer).ok()?.len())
}

/// Encrypts with triple DES and SHA-1, for importers that know nothing newer.
pub(super) fn encrypt_old(
    parameters: &OldParameters,
    rounds: NonZeroU32,
    passphrase: &PassphraseForm<'_>,
    plain: &[u8],
) -> Option<Encrypted> {
    let keys = parameters.keys(OldCipher::TripleDes, passphrase, rounds);
    let (key, vector) = keys.split_at_checked(OldCipher::TripleDes.key_length())?;
    let cipher = cbc::Encryptor::<TdesEde3>::new_from_slices(key, vector).ok()?;
    let mut data = Zeroizing::new(vec![0; plain.len() + BLOCK]);
    data.get_mut(..plain.len())?.copy_from_slice(plain);
    let length = cipher.encrypt_padded::<Pkcs7>(&mut data, plain.len()).ok()?.len();
    data.truncate(length);
    let identifier =
        AlgorithmIdentifierOwned { oid: TRIPLE_DES, parameters: Some(Any::encode_from(parameters).ok()?) };
    Some(Encrypted { scheme: identifier.to_der().ok()?, data: std::mem::take(&mut data) })
}

fn is_one_sequence(plain: &[u8]) -> bool {
    plain.first() == Some(&0x30) && ber::to_der(plain).is_some_and(|(_, rest)| rest.is_empty())
}
