//! An AES key in a token that wraps data keys.

use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::aead::GcmParams;
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use zeroize::Zeroizing;

use super::Token;
use super::error::TokenError;
use super::login::{KeyName, Login};

/// How long the key is, in bytes: AES-256.
const LENGTH: u64 = 32;
/// How long the nonce and the tag of AES-GCM are.
const NONCE: usize = 12;
const TAG_BITS: u64 = 128;

/// An AES-256 key in a token. Data keys are encrypted with it by CKM_AES_GCM, which SoftHSM2 and the security
/// modules of today do; wrapping in the sense of PKCS#11 would ask for data keys that are objects of the token,
/// which many forbid to be read again. The plain data key is in this process for a moment either way: it is
/// what opens the secret here.
#[derive(Clone, Debug)]
pub(crate) struct WrappingKey {
    token: Token,
    label: String,
}

impl WrappingKey {
    /// The key of this label, or a fresh one where the token has none.
    pub(crate) async fn find_or_make(token: &Token, label: &str) -> Result<Self, TokenError> {
        match Self::find(token, label).await {
            Err(TokenError::NoKey { .. }) => {
                let name = KeyName::Label(label.to_owned());
                token.run(move |login| make(login, &name)).await?;
                Self::find(token, label).await
            }
            found => found,
        }
    }

    /// The key of this label.
    pub(crate) async fn find(token: &Token, label: &str) -> Result<Self, TokenError> {
        let name = KeyName::Label(label.to_owned());
        token
            .run(move |login| {
                let key = login.key(ObjectClass::SECRET_KEY, &name)?;
                check(login, key, &name)
            })
            .await?;
        Ok(Self { token: token.clone(), label: label.to_owned() })
    }

    /// Nonce, ciphertext and tag.
    pub(crate) async fn wrap(
        &self,
        binding: Vec<u8>,
        data_key: Zeroizing<Vec<u8>>,
    ) -> Result<Vec<u8>, TokenError> {
        let mut nonce = [0; NONCE];
        aws_lc_rs::rand::fill(&mut nonce).map_err(|_| TokenError::Refused {
            token: self.token.label().to_owned(),
            reason: "the system's source of randomness failed".to_owned(),
        })?;
        let name = self.name();
        self.token
            .run(move |login| {
                let key = login.key(ObjectClass::SECRET_KEY, &name)?;
                // Some modules take no nonce from others, and write theirs over it.
                let mut nonce = nonce;
                let parameters = GcmParams::new(&mut nonce, &binding, TAG_BITS.into());
                let mechanism = Mechanism::AesGcm(parameters.map_err(|error| login.failed(error))?);
                let sealed = login.session().encrypt(&mechanism, key, &data_key);
                let sealed = sealed.map_err(|error| login.failed(error))?;
                drop(mechanism);
                Ok([nonce.as_slice(), &sealed].concat())
            })
            .await
    }

    /// The data key again.
    pub(crate) async fn unwrap(
        &self,
        binding: Vec<u8>,
        wrapped: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, TokenError> {
        let Some((nonce, sealed)) = wrapped.split_first_chunk::<NONCE>() else {
            return Err(self.does_not_open());
        };
        let (nonce, sealed, name, failed) = (*nonce, sealed.to_vec(), self.name(), self.does_not_open());
        self.token
            .run(move |login| {
                let key = login.key(ObjectClass::SECRET_KEY, &name)?;
                let mut nonce = nonce;
                let parameters = GcmParams::new(&mut nonce, &binding, TAG_BITS.into());
                let mechanism = Mechanism::AesGcm(parameters.map_err(|error| login.failed(error))?);
                match login.session().decrypt(&mechanism, key, &sealed) {
                    Ok(data_key) => Ok(Zeroizing::new(data_key)),
                    // SoftHSM2 says only that something failed, as it does of a token that was pulled out; one
                    // that still finds the key is there.
                    Err(Error::Pkcs11(code, _)) if does_not_open(code) && is_there(login, &name) => {
                        Err(failed.clone())
                    }
                    Err(error) => Err(login.failed(error)),
                }
            })
            .await
    }

    fn name(&self) -> KeyName {
        KeyName::Label(self.label.clone())
    }

    fn does_not_open(&self) -> TokenError {
        TokenError::DoesNotOpen { token: self.token.label().to_owned(), key: self.label.clone() }
    }
}

fn make(login: &mut Login, name: &KeyName) -> Result<(), TokenError> {
    // The first time may have made it, and not have come to say so.
    if login.find(ObjectClass::SECRET_KEY, name)?.is_some() {
        return Ok(());
    }
    let template = [
        Attribute::Token(true),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Encrypt(true),
        Attribute::Decrypt(true),
        Attribute::Wrap(false),
        Attribute::Unwrap(false),
        Attribute::ValueLen(LENGTH.into()),
        name.attribute(),
    ];
    let made = login.session().generate_key(&Mechanism::AesKeyGen, &template);
    made.map(drop).map_err(|error| login.failed(error))
}

fn check(login: &Login, key: ObjectHandle, name: &KeyName) -> Result<(), TokenError> {
    login.check_secrecy(key, name)?;
    let told = login.attributes(key, &[AttributeType::KeyType, AttributeType::ValueLen])?;
    let other = |attribute: &Attribute| match attribute {
        Attribute::KeyType(kind) => *kind != KeyType::AES,
        Attribute::ValueLen(length) => **length != LENGTH,
        _ => false,
    };
    if told.iter().any(other) {
        let (token, key) = (login.token().to_owned(), name.to_string());
        return Err(TokenError::Unfit { token, key, reason: "it is no AES-256 key".to_owned() });
    }
    Ok(())
}

fn is_there(login: &Login, name: &KeyName) -> bool {
    matches!(login.find(ObjectClass::SECRET_KEY, name), Ok(Some(_)))
}

/// What modules say where the tag does not fit.
fn does_not_open(code: RvError) -> bool {
    matches!(
        code,
        RvError::DataInvalid
            | RvError::EncryptedDataInvalid
            | RvError::EncryptedDataLenRange
            | RvError::FunctionFailed
            | RvError::GeneralError
    )
}
