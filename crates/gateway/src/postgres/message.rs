//! Messages: a type, a length, a body. Only those that a login consists of are read here; what follows it
//! passes as bytes.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::fmt;

/// The most bytes of a message's body during a login. PostgreSQL takes 65,535 of a client's answer
/// (`PG_MAX_AUTH_TOKEN_LENGTH`), which is the most that Kerberos needs.
pub const LONGEST: usize = 65_535;

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its type.
    pub kind: u8,
    /// What follows the length.
    pub body: Vec<u8>,
}

/// The head of a message: its type, and how long its body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its type.
    pub kind: u8,
    /// The bytes of its body.
    pub length: usize,
}

/// What a server asks of a client, or tells it, during a login (`R`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authentication<'m> {
    /// The login is over.
    Ok,
    /// The password as it is.
    CleartextPassword,
    /// The password's MD5 hash.
    Md5Password,
    /// A token of Kerberos or SSPI; what it is called.
    Token(&'static str),
    /// A mechanism of these, and its first message.
    Sasl(Vec<&'m str>),
    /// The next message of the mechanism.
    SaslContinue(&'m [u8]),
    /// The last message of the mechanism.
    SaslFinal(&'m [u8]),
}

/// Why bytes are no message that may stand here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// A length that can't be.
    #[error("a message of type {} that claims {length} bytes", shown(*.kind))]
    Length {
        /// Its type.
        kind: u8,
        /// The length that it claims.
        length: u32,
    },
    /// A message that does not belong here.
    #[error("a message of type {} where none of it may be", shown(*.0))]
    Unexpected(u8),
    /// A body that is not what its type says.
    #[error("a message of type {} that is not whole", shown(*.0))]
    Malformed(u8),
}

impl Head {
    /// The bytes of a head.
    pub const LENGTH: usize = 5;

    /// Reads it.
    pub fn read([kind, length @ ..]: [u8; Self::LENGTH]) -> Result<Self, MessageError> {
        let length = u32::from_be_bytes(length);
        let body = usize::try_from(length).ok().and_then(|length| length.checked_sub(4));
        match body {
            Some(body) if body <= LONGEST => Ok(Self { kind, length: body }),
            _ => Err(MessageError::Length { kind, length }),
        }
    }
}

impl Message {
    /// A message of this type.
    pub fn new(kind: u8, body: impl Into<Vec<u8>>) -> Self {
        Self { kind, body: body.into() }
    }

    /// As it travels.
    pub fn bytes(&self) -> Vec<u8> {
        let length = u32::try_from(self.body.len() + 4).unwrap_or(u32::MAX).to_be_bytes();
        [&[self.kind], &length[..], &self.body].concat()
    }

    /// What it asks or tells, where it is of the type `R`.
    pub fn authentication(&self) -> Result<Authentication<'_>, MessageError> {
        if self.kind != b'R' {
            return Err(MessageError::Unexpected(self.kind));
        }
        let malformed = MessageError::Malformed(self.kind);
        let (code, rest) = self.body.split_first_chunk().ok_or(malformed.clone())?;
        Ok(match u32::from_be_bytes(*code) {
            0 => Authentication::Ok,
            3 => Authentication::CleartextPassword,
            5 => Authentication::Md5Password,
            7 | 8 => Authentication::Token("GSSAPI"),
            9 => Authentication::Token("SSPI"),
            10 => Authentication::Sasl(mechanisms(rest).ok_or(malformed)?),
            11 => Authentication::SaslContinue(rest),
            12 => Authentication::SaslFinal(rest),
            _ => return Err(malformed),
        })
    }

    /// The choice of a mechanism with its first message (`SASLInitialResponse`).
    pub fn sasl_initial(&self) -> Result<(&str, &[u8]), MessageError> {
        let malformed = || MessageError::Malformed(self.kind);
        if self.kind != b'p' {
            return Err(MessageError::Unexpected(self.kind));
        }
        let end = memchr::memchr(0, &self.body).ok_or_else(malformed)?;
        let (mechanism, rest) = self.body.split_at_checked(end).ok_or_else(malformed)?;
        let (length, first) =
            rest.get(1..).and_then(|rest| rest.split_first_chunk()).ok_or_else(malformed)?;
        if u32::from_be_bytes(*length) as usize != first.len() {
            return Err(malformed());
        }
        Ok((std::str::from_utf8(mechanism).map_err(|_| malformed())?, first))
    }

    /// The fields of an `ErrorResponse`, each by its letter.
    pub fn error_fields(&self) -> impl Iterator<Item = (u8, String)> {
        let fields = self.body.split(|byte| *byte == 0);
        fields.filter_map(|field| {
            let (letter, text) = field.split_first()?;
            Some((*letter, String::from_utf8_lossy(text).into_owned()))
        })
    }
}

/// The names of a list, each of which ends with a zero byte, as the list does.
fn mechanisms(list: &[u8]) -> Option<Vec<&str>> {
    let names = list.strip_suffix(&[0, 0])?;
    names.split(|byte| *byte == 0).map(|name| std::str::from_utf8(name).ok()).collect()
}

/// `AuthenticationSASL` with these mechanisms.
pub fn sasl(mechanisms: &[&str]) -> Message {
    let names = mechanisms.iter().flat_map(|name| name.bytes().chain([0]));
    Message::new(b'R', 10_u32.to_be_bytes().into_iter().chain(names).chain([0]).collect::<Vec<_>>())
}

/// `AuthenticationSASLContinue` with the mechanism's next message.
pub fn sasl_continue(text: &str) -> Message {
    Message::new(b'R', [&11_u32.to_be_bytes()[..], text.as_bytes()].concat())
}

/// `AuthenticationSASLFinal` with the mechanism's last message.
pub fn sasl_final(text: &str) -> Message {
    Message::new(b'R', [&12_u32.to_be_bytes()[..], text.as_bytes()].concat())
}

/// `SASLInitialResponse`.
pub fn sasl_initial(mechanism: &str, text: &str) -> Message {
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes();
    Message::new(b'p', [mechanism.as_bytes(), &[0], &length, text.as_bytes()].concat())
}

/// The beginning of a far end's text, fit for a log.
pub(super) fn printable(text: &str, most: usize) -> String {
    let shown =
        |character: char| if character.is_control() { char::REPLACEMENT_CHARACTER } else { character };
    text.chars().map(shown).take(most).collect()
}

fn shown(kind: u8) -> impl fmt::Display {
    kind.escape_ascii()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_offer_of_mechanisms_reads_back() {
        let offer = sasl(&["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"]);
        let both = Authentication::Sasl(vec!["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"]);
        assert_eq!(offer.authentication(), Ok(both));
        assert_eq!(sasl_initial("SCRAM-SHA-256", "n,,").sasl_initial(), Ok(("SCRAM-SHA-256", &b"n,,"[..])));
    }

    #[test]
    fn a_length_that_can_not_be_is_refused_before_anything_is_read() {
        for length in [0, 3, 65_540, u32::MAX] {
            let [a, b, c, d] = length.to_be_bytes();
            assert_eq!(Head::read([b'p', a, b, c, d]), Err(MessageError::Length { kind: b'p', length }));
        }
        assert_eq!(Head::read([b'R', 0, 0, 0, 8]), Ok(Head { kind: b'R', length: 4 }));
    }

    #[test]
    fn a_choice_whose_length_lies_is_no_choice() {
        let mut message = sasl_initial("SCRAM-SHA-256", "n,,n=,r=x");
        message.body.pop();
        assert_eq!(message.sasl_initial(), Err(MessageError::Malformed(b'p')));
    }

    proptest! {
        #[test]
        fn no_body_panics(kind in prop::sample::select(b"RpE".to_vec()), body in prop::collection::vec(any::<u8>(), 0..40)) {
            let message = Message::new(kind, body);
            let _ = (message.authentication(), message.sasl_initial(), message.error_fields().count());
            let bytes = message.bytes();
            let head = Head::read(*bytes.first_chunk().unwrap()).unwrap();
            prop_assert_eq!((head.kind, head.length), (kind, message.body.len()));
        }
    }
}
