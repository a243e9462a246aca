//! Where the keys of authorities are: sealed in the store, or in tokens.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use hermetic_keys::{KeyAlgorithm, Keyring, LocalSigner, Owner, Signer, Token, TokenSigner};
use hermetic_store::{AuthorityKey, AuthorityRecord, Generation};
use hermetic_tls::RandomnessFailed;
use zeroize::Zeroizing;

use crate::error::AuthorityError;

/// Where the key of a new authority is made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum KeyPlace {
    /// Here, sealed in the store.
    #[default]
    Store,
    /// In the token of this name, which never gives it away.
    Token(String),
}

impl KeyPlace {
    /// Where a key is that is in a token under this name, as the store has it.
    pub(crate) fn of_token_key(name: &str) -> Self {
        Self::Token(TokenKey::read(name).token.to_owned())
    }
}

/// The name of a key in a token, as the store has it: `hsm/hermetic root 1 9f3a21bc`.
struct TokenKey<'a> {
    token: &'a str,
    label: &'a str,
}

impl<'a> TokenKey<'a> {
    fn read(name: &'a str) -> Self {
        let (token, label) = name.split_once('/').unwrap_or((name, ""));
        Self { token, label }
    }
}

/// Puts something around an authority's key, such as a signer that fails.
pub(crate) type Around = Box<dyn Fn(&Generation, Arc<dyn Signer>) -> Arc<dyn Signer> + Send + Sync>;

/// Opens and makes the keys of authorities.
pub(crate) struct KeyHolder {
    keyring: Keyring,
    tokens: BTreeMap<String, Token>,
    around: Around,
}

impl KeyHolder {
    pub(crate) fn new(keyring: Keyring, tokens: BTreeMap<String, Token>, around: Around) -> Self {
        Self { keyring, tokens, around }
    }

    /// What seals and opens everything else.
    pub(crate) fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// The key of an authority, to sign with.
    pub(crate) async fn open(&self, record: &AuthorityRecord) -> Result<Arc<dyn Signer>, AuthorityError> {
        let generation = &record.generation;
        let signer: Arc<dyn Signer> = match &record.key {
            AuthorityKey::Sealed(sealed) => {
                let key = self.keyring.open(owner(generation), sealed).await?;
                Arc::new(LocalSigner::from_pkcs8(&key)?)
            }
            AuthorityKey::Token(name) => {
                let TokenKey { token, label } = TokenKey::read(name);
                Arc::new(TokenSigner::find(self.token(token)?, label).await?)
            }
            AuthorityKey::Erased => return Err(AuthorityError::Erased(generation.clone())),
        };
        Ok((self.around)(generation, signer))
    }

    /// Makes the key of a generation.
    pub(crate) async fn make(
        &self,
        generation: &Generation,
        algorithm: KeyAlgorithm,
        place: &KeyPlace,
    ) -> Result<(Arc<dyn Signer>, AuthorityKey), AuthorityError> {
        match place {
            KeyPlace::Store => {
                let (signer, secret) = generate(algorithm).await?;
                let sealed = self.keyring.seal(owner(generation), &secret).await?;
                let signer = (self.around)(generation, Arc::new(signer));
                Ok((signer, AuthorityKey::Sealed(sealed)))
            }
            KeyPlace::Token(name) => {
                let token = self.token(name)?;
                // With chance in it: of an attempt that a crash ended, the key is still in the token.
                let mut chance = [0; 4];
                aws_lc_rs::rand::fill(&mut chance).map_err(|_| RandomnessFailed)?;
                let Generation { name: authority, generation } = generation;
                let label = format!("hermetic {authority} {generation} {:08x}", u32::from_be_bytes(chance));
                let signer = Arc::new(TokenSigner::generate(token, algorithm, &label).await?);
                Ok((signer, AuthorityKey::Token(format!("{name}/{label}"))))
            }
        }
    }

    fn token(&self, name: &str) -> Result<&Token, AuthorityError> {
        self.tokens.get(name).ok_or_else(|| AuthorityError::NoToken(name.to_owned()))
    }
}

/// A fresh key, with its PKCS#8 form, this once, to be sealed.
pub(crate) async fn generate(
    algorithm: KeyAlgorithm,
) -> Result<(LocalSigner, Zeroizing<Vec<u8>>), AuthorityError> {
    match algorithm {
        KeyAlgorithm::Rsa2048 | KeyAlgorithm::Rsa3072 | KeyAlgorithm::Rsa4096 => {
            // It takes up to seconds.
            let generated = tokio::task::spawn_blocking(move || LocalSigner::generate(algorithm)).await;
            let stopped = |error: tokio::task::JoinError| AuthorityError::Certificate(error.to_string());
            Ok(generated.map_err(stopped)??)
        }
        _ => Ok(LocalSigner::generate(algorithm)?),
    }
}

/// To whom the sealed key of a generation belongs.
pub(crate) fn owner(generation: &Generation) -> Owner<'_> {
    Owner::Authority { name: &generation.name, generation: generation.generation }
}

impl fmt::Debug for KeyHolder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("KeyHolder").field("keyring", &self.keyring).finish_non_exhaustive()
    }
}
