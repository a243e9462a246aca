//! Keys in tokens (PKCS#11): hardware security modules, smart cards, and SoftHSM2.
//!
//! A key in a token never leaves it. Calls into a module block, so they run on threads of their own, each with
//! a session of its own. A token that was pulled out is an error of its own, and works again as soon as it is
//! back: see [`Token`].

mod error;
mod login;
mod module;
mod pin;
mod public_key;
mod signature;
mod signer;
#[cfg(test)]
mod tests;
mod workers;
mod wrapping;

use std::path::PathBuf;
use std::sync::Arc;

pub use error::TokenError;
pub use signer::TokenSigner;

pub(crate) use wrapping::WrappingKey;

use crate::passphrase::PassphraseSource;
use login::Login;
use workers::Workers;

/// Where a token is, and what opens it.
#[derive(Clone, Debug)]
pub struct TokenPlace {
    /// The PKCS#11 module that its maker gives, such as `/usr/lib/softhsm/libsofthsm2.so`.
    pub module: PathBuf,
    /// The label of the token. Slots have numbers, too, but those change.
    pub label: String,
    /// The PIN of its user.
    pub pin: PassphraseSource,
}

/// A token. Nothing is asked of it until a key is. Clones are the same; when the last is dropped, it is logged
/// out of, after what it is doing.
///
/// What happens when it is pulled out: calls that need it fail with an error that says so
/// ([`TokenError::is_away`]). Each call tries anew, with a fresh session and a fresh login, and where that
/// doesn't help with the module initialised anew, as SoftHSM2 and some others need it after a token was away.
///
/// A PIN that the token refused is not tried again before its source holds another one, for tokens lock
/// themselves after a few wrong ones; and the last try that a token gives is left to a person.
#[derive(Clone, Debug)]
pub struct Token {
    workers: Arc<Workers>,
}

impl Token {
    /// A token in this place, whether it is there or not.
    pub fn new(place: TokenPlace) -> Self {
        Self { workers: Arc::new(Workers::new(place)) }
    }

    /// Its label.
    pub fn label(&self) -> &str {
        &self.workers.place().label
    }

    /// Does something with the token once it is logged into, on a thread that may block. It may be done more
    /// than once, if the first time shows that the session is one of a token that was away.
    async fn run<T: Send + 'static>(
        &self,
        operation: impl FnMut(&mut Login) -> Result<T, TokenError> + Send + 'static,
    ) -> Result<T, TokenError> {
        self.workers.run(operation).await
    }
}
