//! What the gateway says itself: an `ErrorResponse`, then the end. It tells what to do, and nothing of what
//! stands behind the gateway.

use std::borrow::Cow;

use super::message::Message;
use super::startup::StartupError;

/// A last word to a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// SQLSTATE (PostgreSQL's manual, appendix A).
    code: &'static str,
    message: Cow<'static, str>,
    hint: Option<&'static str>,
}

impl Refusal {
    /// To one that logs in over cleartext. It has told user and database by then, and no password.
    pub const CLEARTEXT: Self = Self {
        code: "28000",
        message: Cow::Borrowed("this server takes no connection without TLS"),
        hint: Some(
            "Connect with sslmode=verify-full, and sslrootcert=<the root certificate that vouches for it>.",
        ),
    };

    /// To one that sent more behind a request for encryption, which was not encrypted: whoever is on the
    /// way could have put it there (CVE-2021-23214, CVE-2021-23222).
    pub const QUEUED: Self = Self {
        code: "08P01",
        message: Cow::Borrowed("received unencrypted data after a request for encryption"),
        hint: Some(
            "This could be either a client-software bug or evidence of an attempted man-in-the-middle attack.",
        ),
    };

    /// To one whose certificate is not on the listener's list.
    pub const NOT_ADMITTED: Self = Self::plain("28000", "this client certificate is not let in here");

    /// To one that asks for a server name that no route takes.
    pub const NO_ROUTE: Self =
        Self::plain("08004", "nothing is reached here by the server name that was asked for");

    /// To one that bound its login to our certificate, which the database does not have.
    pub const BOUND: Self = Self {
        code: "28000",
        message: Cow::Borrowed("a login that is bound to this gateway's certificate can't pass it"),
        hint: Some(
            "Connect with channel_binding=disable, or have the gateway's operator set `users` or `auth_query`.",
        ),
    };

    /// To one that was too slow.
    pub const SLOW: Self = Self::plain("08P01", "canceling authentication due to timeout");

    const fn plain(code: &'static str, message: &'static str) -> Self {
        Self { code, message: Cow::Borrowed(message), hint: None }
    }

    /// To one that sent what is no start-up packet.
    pub fn startup(error: &StartupError) -> Self {
        let code = match error {
            StartupError::Version { .. } => "0A000",
            StartupError::NoUser => "28000",
            StartupError::Length(_) | StartupError::Layout(_) | StartupError::CancelKey => "08P01",
        };
        Self { code, message: error.to_string().into(), hint: None }
    }

    /// To one that broke the protocol in another way.
    pub fn protocol(message: impl Into<Cow<'static, str>>) -> Self {
        Self { code: "08P01", message: message.into(), hint: None }
    }

    /// To one whose password is wrong, or who is not known: nobody learns which.
    pub fn password(user: &str) -> Self {
        let message = format!("password authentication failed for user \"{user}\"");
        Self { code: "28P01", message: message.into(), hint: None }
    }

    /// To one whose login the database wants in a way that can't pass.
    pub fn method(name: &str) -> Self {
        let message = format!("the database asks for a login by {name}, which can't pass this gateway");
        let hint = "Have the database's operator give this user a SCRAM verifier (password_encryption = 'scram-sha-256').";
        Self { code: "28000", message: message.into(), hint: Some(hint) }
    }

    /// To one whose database can't be had. The reason is in the log, beside the reference.
    pub fn upstream(reference: &str) -> Self {
        let message = format!("the database can't be reached securely (reference {reference})");
        Self {
            code: "08006",
            message: message.into(),
            hint: Some("The gateway's log tells why, beside the same reference."),
        }
    }

    /// As it travels.
    pub fn bytes(&self) -> Vec<u8> {
        let fields = [('S', "FATAL"), ('V', "FATAL"), ('C', self.code), ('M', &self.message)];
        let mut body = String::new();
        for (letter, text) in fields.into_iter().chain(self.hint.map(|hint| ('H', hint))) {
            body.push(letter);
            // A zero byte would end the field.
            body.extend(text.chars().filter(|character| *character != '\0'));
            body.push('\0');
        }
        body.push('\0');
        Message::new(b'E', body).bytes()
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (SQLSTATE {})", self.message, self.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_are_those_of_the_manual() {
        let bytes = Refusal::NO_ROUTE.bytes();
        let message = Message::new(b'E', bytes.get(5..).unwrap());
        let fields: Vec<(u8, String)> = message.error_fields().collect();
        let letters: String = fields.iter().map(|(letter, _)| char::from(*letter)).collect();
        assert_eq!(letters, "SVCM");
        assert_eq!(fields[2].1, "08004");
        assert_eq!(bytes.len(), 1 + u32::from_be_bytes(*bytes[1..].first_chunk().unwrap()) as usize);
    }
}
