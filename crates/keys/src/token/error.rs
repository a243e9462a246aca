//! What can go wrong with tokens.

use cryptoki::error::{Error, RvError};

use crate::algorithm::KeyAlgorithm;
use crate::passphrase::PassphraseError;
use crate::public_key::PublicKeyError;

/// What can go wrong with tokens.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// The module can't be loaded or initialised.
    #[error("the PKCS#11 module {path} can't be used: {reason}")]
    Module {
        /// The module.
        path: String,
        /// Why.
        reason: String,
    },
    /// No slot of the module has the token in it.
    #[error("the token `{0}` is not there; put it in, or look for its label with `pkcs11-tool --list-slots`")]
    NotPresent(String),
    /// The token was pulled out, or no longer answers.
    #[error("the token `{token}` was pulled out, or does not answer: {reason}")]
    Gone {
        /// Its label.
        token: String,
        /// What the module said.
        reason: String,
    },
    /// Two tokens have this label.
    #[error("more than one token is called `{0}`; give them different labels")]
    SameLabel(String),
    /// There is no PIN.
    #[error("the PIN of the token `{token}`: {reason}")]
    NoPin {
        /// Its label.
        token: String,
        /// Why.
        reason: PassphraseError,
    },
    /// The token refused the PIN, now or before.
    #[error("the token `{0}` refused the PIN; it is not tried again before its source holds another one")]
    WrongPin(String),
    /// The token is locked after too many wrong PINs.
    #[error("the token `{0}` is locked after too many wrong PINs; its security officer can unlock it")]
    Locked(String),
    /// One more wrong PIN would lock the token.
    #[error(
        "the token `{0}` would be locked by one more wrong PIN; log into it once with the right one by hand, \
         as with `pkcs11-tool --login --list-objects`"
    )]
    LastTry(String),
    /// The token has no such key.
    #[error("the token `{token}` has no key `{key}`")]
    NoKey {
        /// The token's label.
        token: String,
        /// The key's label or id.
        key: String,
    },
    /// The token has more than one such key, or has one where a new one was asked for.
    #[error("the token `{token}` has a key `{key}` already, or more than one; labels must differ")]
    SameKey {
        /// The token's label.
        token: String,
        /// The key's label or id.
        key: String,
    },
    /// The key could be taken out of the token, or needs a PIN for each use.
    #[error("the key `{key}` in the token `{token}` is not taken: {reason}")]
    Unfit {
        /// The token's label.
        token: String,
        /// The key's label or id.
        key: String,
        /// Why.
        reason: String,
    },
    /// The public half of the key is none that is accepted.
    #[error("the key `{key}` in the token `{token}`: {reason}")]
    PublicKey {
        /// The token's label.
        token: String,
        /// The key's label or id.
        key: String,
        /// Why.
        reason: PublicKeyError,
    },
    /// The token can't make such keys.
    #[error("the token `{token}` makes no {algorithm} keys: {reason}")]
    Algorithm {
        /// The token's label.
        token: String,
        /// The kind of key.
        algorithm: KeyAlgorithm,
        /// What the module said.
        reason: String,
    },
    /// What the token signed does not verify, or is no signature.
    #[error("the token `{token}` signed with the key `{key}`, but its public key does not verify it")]
    WrongSignature {
        /// The token's label.
        token: String,
        /// The key's label or id.
        key: String,
    },
    /// What was wrapped does not open with the token's key.
    #[error("what is to be opened was not wrapped by the key `{key}` in the token `{token}`, or was altered")]
    DoesNotOpen {
        /// The token's label.
        token: String,
        /// The key's label.
        key: String,
    },
    /// The token refused for another reason.
    #[error("the token `{token}` refused: {reason}")]
    Refused {
        /// Its label.
        token: String,
        /// What the module said.
        reason: String,
    },
}

impl TokenError {
    /// Whether the token is not there now: what failed may work once it is back.
    pub fn is_away(&self) -> bool {
        matches!(self, Self::NotPresent(_) | Self::Gone { .. })
    }

    /// What the module said, about the token of this label.
    pub(super) fn of(token: &str, error: &Error) -> Self {
        let (token, reason) = (token.to_owned(), error.to_string());
        match error {
            Error::Pkcs11(code, _) if says_away(*code) => Self::Gone { token, reason },
            _ => Self::Refused { token, reason },
        }
    }

    /// Whether another session may tell otherwise. A key that is missing may be one of a token that was away:
    /// SoftHSM2 forgets its objects until it is initialised anew.
    pub(super) fn may_be_stale(&self) -> bool {
        self.is_away() || matches!(self, Self::NoKey { .. })
    }
}

/// What modules say when a token was pulled out, was reset, or lost our session.
fn says_away(code: RvError) -> bool {
    matches!(
        code,
        RvError::CryptokiNotInitialized
            | RvError::DeviceError
            | RvError::DeviceRemoved
            | RvError::FunctionFailed
            | RvError::GeneralError
            | RvError::KeyHandleInvalid
            | RvError::ObjectHandleInvalid
            | RvError::SessionClosed
            | RvError::SessionHandleInvalid
            | RvError::SlotIdInvalid
            | RvError::TokenNotPresent
            | RvError::TokenNotRecognized
            | RvError::UserNotLoggedIn
    )
}
