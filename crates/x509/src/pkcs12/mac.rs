//! The code over the contents of a file that shows that passphrase and bytes are right.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use aws_lc_rs::digest::{self, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512};
use aws_lc_rs::hmac::{self, HMAC_SHA1_FOR_LEGACY_USE_ONLY, HMAC_SHA256, HMAC_SHA384, HMAC_SHA512};
use aws_lc_rs::pbkdf2::{self, PBKDF2_HMAC_SHA1, PBKDF2_HMAC_SHA256, PBKDF2_HMAC_SHA384, PBKDF2_HMAC_SHA512};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5753::{ID_HMAC_WITH_SHA_256, ID_HMAC_WITH_SHA_384, ID_HMAC_WITH_SHA_512};
use const_oid::db::rfc5912::{ID_SHA_1, ID_SHA_256, ID_SHA_384, ID_SHA_512};
use spki::AlgorithmIdentifierRef;
use zeroize::Zeroizing;

use super::asn1::{DigestInfo, MacData, Pbkdf2, Pbmac1, parameters_of};
use super::broken;
use super::derivation::{Purpose, derive};
use super::passphrase::{PassphraseForm, Rounds};
use crate::material::MaterialError;

/// PBMAC1 (RFC 8018 section 7.1), which RFC 9579 brings to PKCS#12.
const PBMAC1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.14");
const HMAC_WITH_SHA_1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.7");

/// The code of a file, and how it was made.
pub(super) struct Mac<'a> {
    derivation: Derivation<'a>,
    hmac: hmac::Algorithm,
    code: &'a [u8],
}

enum Derivation<'a> {
    Pkcs12 { hash: &'static digest::Algorithm, salt: &'a [u8], rounds: u64 },
    Pbkdf2(Pbkdf2<'a>),
}

impl<'a> Mac<'a> {
    pub(super) fn read(mac: &MacData<'a>) -> Result<Self, MaterialError> {
        let MacData { digest: DigestInfo { algorithm, code }, salt, rounds } = mac;
        let (hash, hmac): (&digest::Algorithm, _) = match algorithm.oid {
            ID_SHA_1 => (&SHA1_FOR_LEGACY_USE_ONLY, HMAC_SHA1_FOR_LEGACY_USE_ONLY),
            ID_SHA_256 => (&SHA256, HMAC_SHA256),
            ID_SHA_384 => (&SHA384, HMAC_SHA384),
            ID_SHA_512 => (&SHA512, HMAC_SHA512),
            PBMAC1 => return Self::read_pbmac1(algorithm, code.as_bytes()),
            other => return Err(MaterialError::Unsupported(format!("a code with the hash {other}"))),
        };
        let derivation = Derivation::Pkcs12 { hash, salt: salt.as_bytes(), rounds: *rounds };
        Ok(Self { derivation, hmac, code: code.as_bytes() })
    }

    fn read_pbmac1(algorithm: &AlgorithmIdentifierRef<'a>, code: &'a [u8]) -> Result<Self, MaterialError> {
        let Pbmac1 { derivation, hmac } = parameters_of(algorithm)?;
        let (_, hmac) = keyed_hash(hmac.oid)?;
        Ok(Self { derivation: Derivation::Pbkdf2(parameters_of(&derivation)?), hmac, code })
    }

    /// Whether this passphrase makes the code over these contents.
    pub(super) fn verifies(
        &self,
        contents: &[u8],
        passphrase: &PassphraseForm<'_>,
        rounds: &mut Rounds,
    ) -> Result<bool, MaterialError> {
        let key = match &self.derivation {
            Derivation::Pkcs12 { hash, salt, rounds: asked } => {
                let rounds = rounds.spend(*asked)?;
                let secret = passphrase.utf16();
                derive(hash, Purpose::Authentication, secret, salt, rounds, hash.output_len())
            }
            Derivation::Pbkdf2(parameters) => pbkdf2_key(parameters, passphrase.bytes(), rounds)?,
        };
        Ok(hmac::verify(&hmac::Key::new(self.hmac, &key), contents, self.code).is_ok())
    }
}

fn pbkdf2_key(
    parameters: &Pbkdf2<'_>,
    passphrase: &[u8],
    rounds: &mut Rounds,
) -> Result<Zeroizing<Vec<u8>>, MaterialError> {
    let (hash, _) = keyed_hash(parameters.hash.map_or(HMAC_WITH_SHA_1, |hash| hash.oid))?;
    // RFC 9579 section 5: the length must be written, since no cipher says it; 20 bytes at least.
    let length = parameters.length.map_or(0, usize::from);
    if !(20..=64).contains(&length) {
        return Err(broken(format!("the key of its code has {length} bytes")));
    }
    let rounds = rounds.spend(parameters.rounds)?;
    let mut key = Zeroizing::new(vec![0; length]);
    pbkdf2::derive(hash, rounds, parameters.salt.as_bytes(), passphrase, &mut key);
    Ok(key)
}

fn keyed_hash(oid: ObjectIdentifier) -> Result<(pbkdf2::Algorithm, hmac::Algorithm), MaterialError> {
    match oid {
        HMAC_WITH_SHA_1 => Ok((PBKDF2_HMAC_SHA1, HMAC_SHA1_FOR_LEGACY_USE_ONLY)),
        ID_HMAC_WITH_SHA_256 => Ok((PBKDF2_HMAC_SHA256, HMAC_SHA256)),
        ID_HMAC_WITH_SHA_384 => Ok((PBKDF2_HMAC_SHA384, HMAC_SHA384)),
        ID_HMAC_WITH_SHA_512 => Ok((PBKDF2_HMAC_SHA512, HMAC_SHA512)),
        other => Err(MaterialError::Unsupported(format!("a code with {other}"))),
    }
}
