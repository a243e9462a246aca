//! A session with a token, logged into.

use std::fmt;

use cryptoki::context::Pkcs11;
use cryptoki::error::Error;
use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use cryptoki::slot::{Slot, TokenInfo};

use super::TokenPlace;
use super::error::TokenError;
use super::pin::Pin;

/// A key in a token, by what people call it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum KeyName {
    /// `CKA_LABEL`.
    Label(String),
    /// `CKA_ID`.
    Id(Vec<u8>),
}

/// A session with a token, logged into.
pub(super) struct Login {
    token: String,
    life: u64,
    session: Session,
    /// The keys that were found. They are few.
    handles: Vec<(ObjectClass, KeyName, ObjectHandle)>,
}

impl Login {
    /// Finds the token and logs in.
    pub(super) fn new(
        library: &Pkcs11,
        life: u64,
        place: &TokenPlace,
        pin: &Pin,
    ) -> Result<Self, TokenError> {
        let token = place.label.clone();
        let failed = |error: Error| TokenError::of(&token, &error);
        let (slot, info) = find(library, &token)?;
        // It does not close itself: in another life of the module its number may be another's. Keys are made in
        // sessions that may write only.
        let session = library.open_rw_session_no_drop(slot).map_err(failed)?;
        let login = Self { token, life, session, handles: Vec::new() };
        match pin.log_in(&login.session, &info, &place.pin) {
            Ok(()) => Ok(login),
            Err(error) => {
                login.close();
                Err(error)
            }
        }
    }

    /// The life of the module that it belongs to.
    pub(super) fn life(&self) -> u64 {
        self.life
    }

    /// Ends the session. Only in the life of the module that it belongs to.
    pub(super) fn close(self) {
        // One that is gone already needs no end.
        let _ = self.session.close();
    }

    pub(super) fn session(&self) -> &Session {
        &self.session
    }

    /// The token's label.
    pub(super) fn token(&self) -> &str {
        &self.token
    }

    /// What the module said.
    pub(super) fn failed(&self, error: Error) -> TokenError {
        TokenError::of(&self.token, &error)
    }

    /// The one key of this class and name.
    pub(super) fn key(&mut self, class: ObjectClass, name: &KeyName) -> Result<ObjectHandle, TokenError> {
        let known = self.handles.iter().find(|(of, called, _)| (of, called) == (&class, name));
        if let Some((_, _, handle)) = known {
            return Ok(*handle);
        }
        let handle = self.find(class, name)?.ok_or_else(|| {
            let (token, key) = (self.token.clone(), name.to_string());
            TokenError::NoKey { token, key }
        })?;
        self.handles.push((class, name.clone(), handle));
        Ok(handle)
    }

    /// The one key of this class and name, looked for anew; `None` where there is none.
    pub(super) fn find(
        &self,
        class: ObjectClass,
        name: &KeyName,
    ) -> Result<Option<ObjectHandle>, TokenError> {
        let template = [Attribute::Class(class), Attribute::Token(true), name.attribute()];
        let found = self.session.find_objects(&template).map_err(|error| self.failed(error))?;
        match found.as_slice() {
            [] => Ok(None),
            [handle] => Ok(Some(*handle)),
            _ => Err(TokenError::SameKey { token: self.token.clone(), key: name.to_string() }),
        }
    }

    /// Those of the attributes that the key has.
    pub(super) fn attributes(
        &self,
        key: ObjectHandle,
        which: &[AttributeType],
    ) -> Result<Vec<Attribute>, TokenError> {
        self.session.get_attributes(key, which).map_err(|error| self.failed(error))
    }

    /// Refuses a key that could leave the token, or that asks a person for each use.
    pub(super) fn check_secrecy(&self, key: ObjectHandle, name: &KeyName) -> Result<(), TokenError> {
        let which = [AttributeType::Sensitive, AttributeType::Extractable, AttributeType::AlwaysAuthenticate];
        let attributes = self.attributes(key, &which)?;
        let reason = if attributes.contains(&Attribute::Extractable(true)) {
            "it is extractable; make one with CKA_EXTRACTABLE false"
        } else if attributes.contains(&Attribute::Sensitive(false)) {
            "it is not sensitive; make one with CKA_SENSITIVE true"
        } else if attributes.contains(&Attribute::AlwaysAuthenticate(true)) {
            "it asks for the PIN at each use; make one with CKA_ALWAYS_AUTHENTICATE false"
        } else {
            return Ok(());
        };
        let (token, key) = (self.token.clone(), name.to_string());
        Err(TokenError::Unfit { token, key, reason: reason.to_owned() })
    }
}

impl KeyName {
    pub(super) fn attribute(&self) -> Attribute {
        match self {
            Self::Label(label) => Attribute::Label(label.clone().into_bytes()),
            Self::Id(id) => Attribute::Id(id.clone()),
        }
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Label(label) => formatter.write_str(label),
            Self::Id(id) => id.iter().try_for_each(|byte| write!(formatter, "{byte:02x}")),
        }
    }
}

fn find(library: &Pkcs11, token: &str) -> Result<(Slot, TokenInfo), TokenError> {
    let slots = library.get_slots_with_token().map_err(|error| TokenError::of(token, &error))?;
    // A slot that tells nothing has a token that is just being pulled out.
    let mut found = slots
        .into_iter()
        .filter_map(|slot| Some((slot, library.get_token_info(slot).ok()?)))
        .filter(|(_, info)| info.token_initialized() && info.label() == token);
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err(TokenError::NotPresent(token.to_owned())),
        (Some(_), Some(_)) => Err(TokenError::SameLabel(token.to_owned())),
    }
}
