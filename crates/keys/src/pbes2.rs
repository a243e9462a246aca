//! Encryption under a passphrase, as PKCS#8 and PKCS#12 carry it: PBES2 (RFC 8018 section 6.2) with PBKDF2 and
//! AES in CBC mode, which is what OpenSSL and GnuTLS write.

#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::num::NonZeroU32;

use aws_lc_rs::cipher::{
    AES_128, AES_192, AES_256, Algorithm, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey,
    PaddedBlockEncryptingKey, UnboundCipherKey,
};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::pbkdf2;
use const_oid::ObjectIdentifier;
use der::asn1::{AnyRef, Null, OctetStringRef};
use der::{Decode, Encode, Sequence};
use spki::AlgorithmIdentifierRef;
use zeroize::Zeroizing;

/// How often PBKDF2 iterates in what is written here (OWASP's password storage cheat sheet, for SHA-256).
const ITERATIONS: u32 = 600_000;

/// How often it may in what is read: RFC 8018 section 4.2 names ten million for "especially critical keys".
/// Each million costs most of a second, and whoever made the file chose the number.
const MOST_ITERATIONS: u32 = 10_000_000;

/// The longest key of AES, and the length of its blocks.
const LONGEST_KEY: usize = 32;
const BLOCK: usize = 16;

// RFC 8018 appendix C.
const PBES2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.13");
const PBKDF2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.12");
const HMAC_SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.7");
const HMAC_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.9");
const HMAC_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.10");
const HMAC_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.11");
const AES_128_CBC: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.2");
const AES_192_CBC: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.22");
const AES_256_CBC: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.42");

/// PBES2-params (RFC 8018 appendix A.4).
#[derive(Sequence)]
struct Parameters<'a> {
    derivation: AlgorithmIdentifierRef<'a>,
    cipher: AlgorithmIdentifierRef<'a>,
}

/// PBKDF2-params (RFC 8018 appendix A.2). Another source of salt than these bytes was never defined.
#[derive(Sequence)]
struct Derivation<'a> {
    salt: &'a OctetStringRef,
    iterations: u32,
    #[asn1(optional = "true")]
    length: Option<u16>,
    #[asn1(optional = "true")]
    hash: Option<AlgorithmIdentifierRef<'a>>,
}

/// What was encrypted, and how.
#[derive(Clone, Debug)]
pub struct Encrypted {
    /// The DER of the AlgorithmIdentifier that says how.
    pub scheme: Vec<u8>,
    /// The ciphertext.
    pub data: Vec<u8>,
}

/// Why something can't be encrypted or decrypted under a passphrase.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Pbes2Error {
    /// The scheme can't be read.
    #[error("how it is encrypted can't be read: {0}")]
    Malformed(String),
    /// The scheme is another one.
    #[error(
        "it is encrypted with {0}, which is not supported; PBES2 with PBKDF2 and AES-CBC is, as \
         `openssl pkcs8 -topk8 -v2 aes-256-cbc` writes it"
    )]
    Unsupported(String),
    /// Deriving its key would take too long.
    #[error("its passphrase is iterated {0} times; up to {MOST_ITERATIONS} are done")]
    Iterations(u32),
    /// Nothing sensible came out.
    #[error("the passphrase is wrong, or it was altered")]
    WrongPassphrase,
    /// The cryptographic library failed.
    #[error("it can't be encrypted: the library refused")]
    Library,
}

/// Encrypts with AES-256 under a key from the passphrase: PBKDF2 with HMAC-SHA-256, 600,000 iterations and a
/// random salt. It takes half a second: not for a runtime's own threads.
pub fn encrypt(passphrase: &[u8], plain: &[u8]) -> Result<Encrypted, Pbes2Error> {
    let (mut salt, mut iv) = ([0; BLOCK], [0; BLOCK]);
    aws_lc_rs::rand::fill(&mut salt).map_err(library)?;
    aws_lc_rs::rand::fill(&mut iv).map_err(library)?;
    let scheme = scheme(&salt, ITERATIONS, &iv).map_err(|_| Pbes2Error::Library)?;

    let mut key = Zeroizing::new([0; LONGEST_KEY]);
    derive(pbkdf2::PBKDF2_HMAC_SHA256, ITERATIONS, &salt, passphrase, &mut *key)?;
    let key = UnboundCipherKey::new(&AES_256, &*key).map_err(library)?;
    let key = PaddedBlockEncryptingKey::cbc_pkcs7(key).map_err(library)?;
    // Encrypted where it lies, with room for the padding, so that no plain copy stays behind in memory.
    let mut data = Zeroizing::new(Vec::with_capacity(plain.len() + BLOCK));
    data.extend_from_slice(plain);
    key.less_safe_encrypt(&mut *data, EncryptionContext::Iv128(FixedLength::from(iv))).map_err(library)?;
    Ok(Encrypted { scheme, data: std::mem::take(&mut *data) })
}

/// Decrypts what somebody encrypted in the way that `scheme`, the DER of an AlgorithmIdentifier, says. A wrong
/// passphrase is found out nearly always, not always: there is no authentication in CBC, so parse what comes
/// out. It may take seconds: not for a runtime's own threads.
pub fn decrypt(scheme: &[u8], passphrase: &[u8], data: &[u8]) -> Result<Zeroizing<Vec<u8>>, Pbes2Error> {
    let scheme = AlgorithmIdentifierRef::from_der(scheme).map_err(malformed)?;
    let parameters: Parameters<'_> = parameters_of(scheme, PBES2)?;
    let derivation: Derivation<'_> = parameters_of(parameters.derivation, PBKDF2)?;
    let (algorithm, length) = cipher(parameters.cipher)?;
    let iv: &OctetStringRef = parameters_of(parameters.cipher, parameters.cipher.oid)?;
    let iv = <[u8; BLOCK]>::try_from(iv.as_bytes())
        .map_err(|_| Pbes2Error::Malformed("its vector is no block".to_owned()))?;
    if derivation.length.is_some_and(|written| usize::from(written) != length) {
        return Err(Pbes2Error::Malformed("the length of its key is another cipher's".to_owned()));
    }

    let mut key = Zeroizing::new([0; LONGEST_KEY]);
    let (key, _) = key.split_at_mut_checked(length).ok_or(Pbes2Error::Library)?;
    derive(hash(derivation.hash)?, derivation.iterations, derivation.salt.as_bytes(), passphrase, key)?;
    let key = UnboundCipherKey::new(algorithm, key).map_err(library)?;
    let key = PaddedBlockDecryptingKey::cbc_pkcs7(key).map_err(library)?;
    let mut plain = Zeroizing::new(data.to_vec());
    let length = key
        .decrypt(&mut plain, DecryptionContext::Iv128(FixedLength::from(iv)))
        .map_err(|Unspecified| Pbes2Error::WrongPassphrase)?
        .len();
    plain.truncate(length);
    Ok(plain)
}

/// The AlgorithmIdentifier of what is encrypted here.
fn scheme(salt: &[u8], iterations: u32, iv: &[u8]) -> der::Result<Vec<u8>> {
    let hash = AlgorithmIdentifierRef { oid: HMAC_SHA256, parameters: Some(AnyRef::from(Null)) };
    let salt = OctetStringRef::new(salt)?;
    let derivation = Derivation { salt, iterations, length: None, hash: Some(hash) }.to_der()?;
    let derivation = AlgorithmIdentifierRef { oid: PBKDF2, parameters: Some(AnyRef::from_der(&derivation)?) };
    let iv = OctetStringRef::new(iv)?;
    let cipher = AlgorithmIdentifierRef { oid: AES_256_CBC, parameters: Some(iv.into()) };
    let parameters = Parameters { derivation, cipher }.to_der()?;
    AlgorithmIdentifierRef { oid: PBES2, parameters: Some(AnyRef::from_der(&parameters)?) }.to_der()
}

/// The parameters of an algorithm, which must be this one.
fn parameters_of<'a, T>(
    identifier: AlgorithmIdentifierRef<'a>,
    oid: ObjectIdentifier,
) -> Result<T, Pbes2Error>
where
    T: der::Choice<'a, Error = der::Error> + der::DecodeValue<'a, Error = der::Error>,
{
    if identifier.oid != oid {
        return Err(unsupported(identifier.oid));
    }
    let missing = || Pbes2Error::Malformed(format!("{oid} has no parameters"));
    identifier.parameters.ok_or_else(missing)?.decode_as().map_err(malformed)
}

fn cipher(identifier: AlgorithmIdentifierRef<'_>) -> Result<(&'static Algorithm, usize), Pbes2Error> {
    match identifier.oid {
        AES_128_CBC => Ok((&AES_128, 16)),
        AES_192_CBC => Ok((&AES_192, 24)),
        AES_256_CBC => Ok((&AES_256, LONGEST_KEY)),
        other => Err(unsupported(other)),
    }
}

fn hash(identifier: Option<AlgorithmIdentifierRef<'_>>) -> Result<pbkdf2::Algorithm, Pbes2Error> {
    match identifier.map_or(HMAC_SHA1, |identifier| identifier.oid) {
        // HMAC doesn't suffer from SHA-1's collisions.
        HMAC_SHA1 => Ok(pbkdf2::PBKDF2_HMAC_SHA1),
        HMAC_SHA256 => Ok(pbkdf2::PBKDF2_HMAC_SHA256),
        HMAC_SHA384 => Ok(pbkdf2::PBKDF2_HMAC_SHA384),
        HMAC_SHA512 => Ok(pbkdf2::PBKDF2_HMAC_SHA512),
        other => Err(unsupported(other)),
    }
}

fn derive(
    hash: pbkdf2::Algorithm,
    iterations: u32,
    salt: &[u8],
    passphrase: &[u8],
    key: &mut [u8],
) -> Result<(), Pbes2Error> {
    let never = || Pbes2Error::Malformed("it is iterated zero times".to_owned());
    let iterations = NonZeroU32::new(iterations).ok_or_else(never)?;
    if iterations.get() > MOST_ITERATIONS {
        return Err(Pbes2Error::Iterations(iterations.get()));
    }
    pbkdf2::derive(hash, iterations, salt, passphrase, key);
    Ok(())
}

fn unsupported(oid: ObjectIdentifier) -> Pbes2Error {
    // What other programs write by default, or did.
    let name = match oid.to_string().as_str() {
        "1.3.6.1.4.1.11591.4.11" => "scrypt",
        "1.2.840.113549.3.7" => "Triple DES",
        "1.2.840.113549.1.12.1.3" => "SHA-1 and Triple DES (PBES1)",
        other => return Pbes2Error::Unsupported(other.to_owned()),
    };
    Pbes2Error::Unsupported(name.to_owned())
}

fn malformed(error: der::Error) -> Pbes2Error {
    Pbes2Error::Malformed(error.to_string())
}

fn library(_: Unspecified) -> Pbes2Error {
    Pbes2Error::Library
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scheme(iterations: u32) -> Vec<u8> {
        super::scheme(b"0123456789abcdef", iterations, &[0; 16]).unwrap()
    }

    #[test]
    fn a_passphrase_that_is_iterated_without_end_is_refused_at_once() {
        let refused = decrypt(&scheme(10_000_001), b"secret", &[0; 16]).unwrap_err();
        assert_eq!(refused, Pbes2Error::Iterations(10_000_001));
    }

    #[test]
    fn a_passphrase_that_is_never_iterated_is_refused() {
        assert!(matches!(decrypt(&scheme(0), b"secret", &[0; 16]), Err(Pbes2Error::Malformed(_))));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(data in prop::collection::vec(any::<u8>(), 0..64), at: prop::sample::Index, flip: u8) {
            let _ = decrypt(&data, b"secret", &data);
            let mut scheme = scheme(1);
            let at = at.index(scheme.len());
            // Up to ten million iterations are done; most changes of their number ask for many.
            prop_assume!(!scheme[..at + 1].ends_with(&[2, 1, 1]));
            scheme[at] ^= flip;
            let _ = decrypt(&scheme, b"secret", &data);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2))]
        #[test]
        fn what_is_encrypted_reads_back(plain in prop::collection::vec(any::<u8>(), 0..64)) {
            let encrypted = encrypt(b"secret", &plain).unwrap();
            prop_assert_eq!(&*decrypt(&encrypted.scheme, b"secret", &encrypted.data).unwrap(), &plain);
            prop_assert!(decrypt(&encrypted.scheme, b"Secret", &encrypted.data).as_deref() != Ok(&plain));
        }
    }
}
