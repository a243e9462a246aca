//! Signatures by keys in a token.

use std::sync::Arc;

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912::{SECP_256_R_1, SECP_384_R_1};
use const_oid::db::rfc8410::ID_ED_25519;
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use der::Encode;

use super::Token;
use super::error::TokenError;
use super::login::{KeyName, Login};
use super::public_key;
use super::signature::Asked;
use crate::algorithm::KeyAlgorithm;
use crate::public_key::PublicKey;
use crate::signer::{Signer, SignerError, Signing};

/// A key pair in a token. Each signature is verified before it is given away: a token that signs with another
/// key, or is failing, is found out here and not by whoever relies on a certificate.
#[derive(Clone, Debug)]
pub struct TokenSigner {
    token: Token,
    name: KeyName,
    public_key: PublicKey,
}

impl TokenSigner {
    /// Makes a key pair in the token, under a label that it has not yet. The private key is sensitive and can't
    /// be extracted. RSA takes long in a token, up to minutes.
    pub async fn generate(token: &Token, algorithm: KeyAlgorithm, label: &str) -> Result<Self, TokenError> {
        let name = KeyName::Label(label.to_owned());
        let template = Template::new(token, algorithm, label)?;
        let public_key = token.run(move |login| template.generate(login)).await?;
        Ok(Self { token: token.clone(), name, public_key })
    }

    /// The key pair of this label (`CKA_LABEL`).
    pub async fn find(token: &Token, label: &str) -> Result<Self, TokenError> {
        Self::named(token, KeyName::Label(label.to_owned())).await
    }

    /// The key pair of this id (`CKA_ID`).
    pub async fn find_by_id(token: &Token, id: &[u8]) -> Result<Self, TokenError> {
        Self::named(token, KeyName::Id(id.to_vec())).await
    }

    async fn named(token: &Token, name: KeyName) -> Result<Self, TokenError> {
        let wanted = name.clone();
        let public_key = token.run(move |login| find(login, &wanted)).await?;
        Ok(Self { token: token.clone(), name, public_key })
    }

    async fn signature(&self, message: &[u8]) -> Result<Vec<u8>, TokenError> {
        let (token, key) = (self.token.label().to_owned(), self.name.to_string());
        let wrong = TokenError::WrongSignature { token, key };
        let Some(asked) = Asked::new(self.algorithm(), message).map(Arc::new) else { return Err(wrong) };
        let raw = self.token.run(sign(self.name.clone(), Arc::clone(&asked))).await?;
        match asked.answered(raw) {
            Some(signature) if self.public_key.verifies(self.algorithm(), message, &signature) => {
                Ok(signature)
            }
            _ => Err(wrong),
        }
    }
}

impl Signer for TokenSigner {
    fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    fn sign<'a>(&'a self, message: &'a [u8]) -> Signing<'a> {
        Box::pin(async { self.signature(message).await.map_err(SignerError::from) })
    }
}

fn sign(
    name: KeyName,
    asked: Arc<Asked>,
) -> impl FnMut(&mut Login) -> Result<Vec<u8>, TokenError> + Send + 'static {
    move |login| {
        let key = login.key(ObjectClass::PRIVATE_KEY, &name)?;
        let signed = login.session().sign(&asked.mechanism(), key, &asked.data);
        signed.map_err(|error| login.failed(error))
    }
}

fn find(login: &mut Login, name: &KeyName) -> Result<PublicKey, TokenError> {
    let private = login.key(ObjectClass::PRIVATE_KEY, name)?;
    login.check_secrecy(private, name)?;
    // Some tokens keep no public halves, but of RSA keys the private one tells enough.
    let public = public_half(login, private, name)?.unwrap_or(private);
    public_key::read(login, public, name)
}

/// The public half of a private key: both have one id (PKCS#11 2.40, section 4.7), while smart cards give them
/// different labels; some programs give them a label only.
fn public_half(
    login: &Login,
    private: ObjectHandle,
    name: &KeyName,
) -> Result<Option<ObjectHandle>, TokenError> {
    for attribute in login.attributes(private, &[AttributeType::Id])? {
        if let Attribute::Id(id) = attribute
            && !id.is_empty()
            && let Some(public) = login.find(ObjectClass::PUBLIC_KEY, &KeyName::Id(id))?
        {
            return Ok(Some(public));
        }
    }
    login.find(ObjectClass::PUBLIC_KEY, name)
}

/// What a new key pair is to be.
struct Template {
    algorithm: KeyAlgorithm,
    label: String,
    /// What other programs tell keys apart by.
    id: [u8; 16],
}

impl Template {
    fn new(token: &Token, algorithm: KeyAlgorithm, label: &str) -> Result<Self, TokenError> {
        let mut id = [0; 16];
        aws_lc_rs::rand::fill(&mut id).map_err(|_| TokenError::Refused {
            token: token.label().to_owned(),
            reason: "the system's source of randomness failed".to_owned(),
        })?;
        Ok(Self { algorithm, label: label.to_owned(), id })
    }

    fn generate(&self, login: &mut Login) -> Result<PublicKey, TokenError> {
        let name = KeyName::Label(self.label.clone());
        let (token, key) = (login.token().to_owned(), name.to_string());
        if login.find(ObjectClass::PRIVATE_KEY, &name)?.is_some() {
            return Err(TokenError::SameKey { token, key });
        }
        let algorithm = self.algorithm;
        let (mechanism, shape) = shape(algorithm).ok_or_else(|| TokenError::Algorithm {
            token: token.clone(),
            algorithm,
            reason: "PKCS#11 2.40 has none".to_owned(),
        })?;
        let public = [self.common(false), vec![Attribute::Verify(true)], shape].concat();
        let private = [
            self.common(true),
            vec![Attribute::Sensitive(true), Attribute::Extractable(false), Attribute::Sign(true)],
        ]
        .concat();
        let made = login.session().generate_key_pair(&mechanism, &public, &private);
        let (public, private) = made.map_err(|error| match error {
            Error::Pkcs11(code, _) if lacks_algorithm(code) => {
                TokenError::Algorithm { token, algorithm, reason: error.to_string() }
            }
            other => login.failed(other),
        })?;
        login.check_secrecy(private, &name)?;
        public_key::read(login, public, &name)
    }

    fn common(&self, private: bool) -> Vec<Attribute> {
        vec![
            Attribute::Token(true),
            Attribute::Private(private),
            Attribute::Label(self.label.clone().into_bytes()),
            Attribute::Id(self.id.to_vec()),
        ]
    }
}

/// How such keys are made, and the attributes that say which.
fn shape(algorithm: KeyAlgorithm) -> Option<(Mechanism<'static>, Vec<Attribute>)> {
    let curve = |oid: ObjectIdentifier| Some(vec![Attribute::EcParams(oid.to_der().ok()?)]);
    let rsa = |bits: u32| {
        let exponent = Attribute::PublicExponent(vec![0x01, 0x00, 0x01]);
        Some((Mechanism::RsaPkcsKeyPairGen, vec![Attribute::ModulusBits(u64::from(bits).into()), exponent]))
    };
    match algorithm {
        KeyAlgorithm::EcdsaP256 => Some((Mechanism::EccKeyPairGen, curve(SECP_256_R_1)?)),
        KeyAlgorithm::EcdsaP384 => Some((Mechanism::EccKeyPairGen, curve(SECP_384_R_1)?)),
        KeyAlgorithm::Ed25519 => Some((Mechanism::EccEdwardsKeyPairGen, curve(ID_ED_25519)?)),
        KeyAlgorithm::Rsa2048 => rsa(2048),
        KeyAlgorithm::Rsa3072 => rsa(3072),
        KeyAlgorithm::Rsa4096 => rsa(4096),
        KeyAlgorithm::MlDsa44 | KeyAlgorithm::MlDsa65 | KeyAlgorithm::MlDsa87 => None,
    }
}

/// What modules say of keys that they can't make.
fn lacks_algorithm(code: RvError) -> bool {
    matches!(
        code,
        RvError::AttributeValueInvalid
            | RvError::CurveNotSupported
            | RvError::DomainParamsInvalid
            | RvError::FunctionNotSupported
            | RvError::KeySizeRange
            | RvError::MechanismInvalid
    )
}
