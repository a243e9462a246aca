//! The forms that private keys have in DER, and what makes PKCS#8 of them.

#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912::{ID_EC_PUBLIC_KEY, RSA_ENCRYPTION};
use der::asn1::{AnyRef, BitStringRef, OctetStringRef, UintRef};
use der::{Decode, Encode, Reader, Sequence, SliceReader};
use spki::AlgorithmIdentifierRef;
use zeroize::Zeroizing;

use super::PrivateKeyError;
use crate::algorithm::KeyAlgorithm;
use crate::passphrase::Passphrase;
use crate::pbes2::{self, Encrypted};
use crate::public_key::{self, PublicKeyError};

/// EncryptedPrivateKeyInfo (RFC 5958 section 3).
#[derive(Sequence)]
struct EncryptedPrivateKeyInfo<'a> {
    scheme: AlgorithmIdentifierRef<'a>,
    data: &'a OctetStringRef,
}

/// PrivateKeyInfo (RFC 5208 section 5), as it is written here.
#[derive(Sequence)]
struct PrivateKeyInfo<'a> {
    version: u8,
    algorithm: AlgorithmIdentifierRef<'a>,
    key: &'a OctetStringRef,
}

/// ECPrivateKey (RFC 5915 section 3).
#[derive(Sequence)]
struct EcPrivateKey<'a> {
    version: u8,
    private_key: &'a OctetStringRef,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    parameters: Option<AnyRef<'a>>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    public_key: Option<BitStringRef<'a>>,
}

/// The kind of key in PKCS#8. Weak ones are refused before the library says only that it does not like them.
pub(crate) fn algorithm_of(pkcs8: &[u8]) -> Result<KeyAlgorithm, PrivateKeyError> {
    let (algorithm, key) = private_key_info(pkcs8).map_err(malformed)?;
    match algorithm.oid {
        RSA_ENCRYPTION => rsa_algorithm(key.as_bytes()),
        _ => Ok(public_key::algorithm_of(algorithm)?),
    }
}

/// PKCS#8 of whatever form of a private key this is.
pub(super) fn to_pkcs8(
    der: &[u8],
    passphrase: Option<&Passphrase>,
) -> Result<Zeroizing<Vec<u8>>, PrivateKeyError> {
    if let Ok(encrypted) = EncryptedPrivateKeyInfo::from_der(der) {
        let passphrase = passphrase.ok_or(PrivateKeyError::PassphraseNeeded)?;
        return decrypt(&encrypted, passphrase);
    }
    if let Ok(key) = EcPrivateKey::from_der(der) {
        return wrap(ID_EC_PUBLIC_KEY, key.parameters.ok_or_else(curve_missing)?, der);
    }
    if rsa_numbers(der).is_ok() {
        return wrap(RSA_ENCRYPTION, AnyRef::NULL, der);
    }
    // As the last, since its error is the one that helps.
    private_key_info(der).map_err(malformed)?;
    Ok(Zeroizing::new(der.to_vec()))
}

/// PKCS#8 under a passphrase.
pub(super) fn encrypt(pkcs8: &[u8], passphrase: &Passphrase) -> Result<Vec<u8>, PrivateKeyError> {
    let Encrypted { scheme, data } = pbes2::encrypt(passphrase.as_bytes(), pkcs8)?;
    let scheme = AlgorithmIdentifierRef::from_der(&scheme).map_err(malformed)?;
    let data = OctetStringRef::new(&data).map_err(malformed)?;
    EncryptedPrivateKeyInfo { scheme, data }.to_der().map_err(malformed)
}

fn decrypt(
    encrypted: &EncryptedPrivateKeyInfo<'_>,
    passphrase: &Passphrase,
) -> Result<Zeroizing<Vec<u8>>, PrivateKeyError> {
    let scheme = encrypted.scheme.to_der().map_err(malformed)?;
    let pkcs8 = pbes2::decrypt(&scheme, passphrase.as_bytes(), encrypted.data.as_bytes())?;
    // CBC has no authentication: one wrong passphrase of 256 has padding that looks right.
    match private_key_info(&pkcs8) {
        Ok(_) => Ok(pkcs8),
        Err(_) => Err(PrivateKeyError::WrongPassphrase),
    }
}

fn wrap(
    oid: ObjectIdentifier,
    parameters: AnyRef<'_>,
    key: &[u8],
) -> Result<Zeroizing<Vec<u8>>, PrivateKeyError> {
    let algorithm = AlgorithmIdentifierRef { oid, parameters: Some(parameters) };
    let key = OctetStringRef::new(key).map_err(malformed)?;
    PrivateKeyInfo { version: 0, algorithm, key }.to_der().map(Zeroizing::new).map_err(malformed)
}

fn rsa_algorithm(der: &[u8]) -> Result<KeyAlgorithm, PrivateKeyError> {
    let (modulus, exponent) = rsa_numbers(der).map_err(malformed)?;
    Ok(public_key::rsa_algorithm(modulus, exponent)?)
}

/// What stands first in PKCS#8 of either version (RFC 5958 section 2); attributes and the public key may follow.
fn private_key_info(der: &[u8]) -> der::Result<(AlgorithmIdentifierRef<'_>, &OctetStringRef)> {
    beginning(der, |fields| Ok((fields.decode()?, fields.decode()?)))
}

/// Modulus and public exponent of an RSAPrivateKey (RFC 8017 appendix A.1.2); the secret numbers behind them
/// are left to the library.
fn rsa_numbers(der: &[u8]) -> der::Result<(UintRef<'_>, UintRef<'_>)> {
    beginning(der, |fields| Ok((fields.decode()?, fields.decode()?)))
}

/// What `decode` takes from a SEQUENCE, behind its version; the rest is passed over.
fn beginning<'a, T>(
    der: &'a [u8],
    decode: impl FnOnce(&mut SliceReader<'a>) -> der::Result<T>,
) -> der::Result<T> {
    let mut reader = SliceReader::new(der)?;
    let taken = reader.sequence(|fields| {
        u8::decode(fields)?;
        let taken = decode(fields)?;
        while !fields.is_finished() {
            AnyRef::decode(fields)?;
        }
        Ok::<_, der::Error>(taken)
    })?;
    reader.finish()?;
    Ok(taken)
}

fn curve_missing() -> PrivateKeyError {
    PublicKeyError::Unsupported("EC without a named curve".to_owned()).into()
}

fn malformed(error: der::Error) -> PrivateKeyError {
    PrivateKeyError::Malformed(error.to_string())
}
