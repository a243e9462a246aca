//! The PIN of a token, which is not tried once too often.

use std::sync::{Mutex, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use cryptoki::error::{Error, RvError};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::TokenInfo;
use cryptoki::types::RawAuthPin;

use super::error::TokenError;
use crate::passphrase::PassphraseSource;

/// Remembers the PIN that the token refused, by its hash.
#[derive(Debug, Default)]
pub(super) struct Pin {
    /// Held while the token is asked: of four threads with the same wrong PIN, one asks.
    refused: Mutex<Option<Vec<u8>>>,
}

impl Pin {
    /// Logs in. All sessions of the process with the token are logged in then.
    pub(super) fn log_in(
        &self,
        session: &Session,
        info: &TokenInfo,
        source: &PassphraseSource,
    ) -> Result<(), TokenError> {
        if !info.login_required() {
            return Ok(());
        }
        let token = info.label();
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let pin = source.read().map_err(|reason| TokenError::NoPin { token: token.to_owned(), reason })?;
        let hash = digest(&SHA256, pin.as_bytes()).as_ref().to_vec();
        if refused.as_ref() == Some(&hash) {
            return Err(TokenError::WrongPin(token.to_owned()));
        }
        Tries::of(info).check(token)?;
        // Wiped when dropped, as the PIN itself.
        let pin = RawAuthPin::new(Box::new(pin.as_bytes().to_vec()));
        match session.login_with_raw(UserType::User, &pin) {
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {
                *refused = None;
                Ok(())
            }
            Err(Error::Pkcs11(code, _)) if refuses_pin(code) => {
                *refused = Some(hash);
                Err(TokenError::WrongPin(token.to_owned()))
            }
            Err(Error::Pkcs11(RvError::PinLocked, _)) => Err(TokenError::Locked(token.to_owned())),
            Err(error) => Err(TokenError::of(token, &error)),
        }
    }
}

/// How many PINs the token takes until it is locked.
#[derive(Clone, Copy, Debug)]
pub(super) enum Tries {
    Some,
    One,
    None,
}

impl Tries {
    fn of(info: &TokenInfo) -> Self {
        match (info.user_pin_locked(), info.user_pin_final_try()) {
            (true, _) => Self::None,
            (false, true) => Self::One,
            (false, false) => Self::Some,
        }
    }

    /// A service that is started again and again must not take the last try from whoever knows the PIN.
    pub(super) fn check(self, token: &str) -> Result<(), TokenError> {
        match self {
            Self::Some => Ok(()),
            Self::One => Err(TokenError::LastTry(token.to_owned())),
            Self::None => Err(TokenError::Locked(token.to_owned())),
        }
    }
}

fn refuses_pin(code: RvError) -> bool {
    matches!(code, RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange | RvError::PinExpired)
}
