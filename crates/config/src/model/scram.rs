//! What a server knows of a password under SCRAM-SHA-256 (RFC 5802 section 2.2, RFC 7677).

use std::fmt;
use std::str::FromStr;

use base64ct::{Base64, Encoding};

/// A verifier as PostgreSQL keeps it: `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`.
///
/// It checks a login and proves the server. Nobody can log in with it, but passwords can be guessed
/// against it, so it is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct ScramVerifier {
    /// How often the hash is repeated; never 0.
    pub iterations: u32,
    /// The salt; never empty.
    pub salt: Vec<u8>,
    /// H(ClientKey).
    pub stored_key: [u8; 32],
    /// ServerKey.
    pub server_key: [u8; 32],
}

/// Why a text is no verifier. It does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScramVerifierError {
    /// An MD5 hash.
    #[error(
        "this is an MD5 hash, which proves nothing under SCRAM; set the password anew with `password_encryption = 'scram-sha-256'`"
    )]
    Md5,
    /// Something else, maybe a password.
    #[error("this is no SCRAM verifier; copy `SCRAM-SHA-256$…` from `rolpassword` in pg_authid")]
    Other,
    /// It begins as one and isn't one.
    #[error("this verifier is cut off or altered; copy it whole from `rolpassword` in pg_authid")]
    Broken,
}

/// The mechanism's name, which a verifier begins with.
const MECHANISM: &str = "SCRAM-SHA-256$";

/// The longest salt that is taken, in bytes; PostgreSQL's own are 16.
const SALT: usize = 256;

impl FromStr for ScramVerifier {
    type Err = ScramVerifierError;

    fn from_str(text: &str) -> Result<Self, ScramVerifierError> {
        let Some(rest) = text.strip_prefix(MECHANISM) else {
            let hash = text.strip_prefix("md5").is_some_and(|hash| hash.len() == 32);
            return Err(if hash { ScramVerifierError::Md5 } else { ScramVerifierError::Other });
        };
        parse(rest).ok_or(ScramVerifierError::Broken)
    }
}

fn parse(rest: &str) -> Option<ScramVerifier> {
    let (cost, keys) = rest.split_once('$')?;
    let (iterations, salt) = cost.split_once(':')?;
    let (stored_key, server_key) = keys.split_once(':')?;
    let iterations = iterations.parse().ok().filter(|count| *count > 0)?;
    let salt = Base64::decode_vec(salt).ok().filter(|salt| !salt.is_empty() && salt.len() <= SALT)?;
    Some(ScramVerifier { iterations, salt, stored_key: key(stored_key)?, server_key: key(server_key)? })
}

fn key(text: &str) -> Option<[u8; 32]> {
    Base64::decode_vec(text).ok()?.try_into().ok()
}

impl fmt::Debug for ScramVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScramVerifier").field("iterations", &self.iterations).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// PostgreSQL 15's of a password `pencil`.
    const PENCIL: &str = "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

    #[test]
    fn what_postgresql_keeps_is_read() {
        let verifier: ScramVerifier = PENCIL.parse().unwrap();
        assert_eq!((verifier.iterations, verifier.salt.len()), (4096, 16));
        assert!(!format!("{verifier:?}").contains("W22Z"));
    }

    #[test]
    fn anything_else_is_refused_and_not_repeated() {
        let told = |text: &str| text.parse::<ScramVerifier>().unwrap_err();
        assert_eq!(told("md5e01ae1cb17dfc0143ffb8dacc27d3c95"), ScramVerifierError::Md5);
        assert_eq!(told("hunter2"), ScramVerifierError::Other);
        for cut in MECHANISM.len()..PENCIL.len() {
            assert_eq!(told(&PENCIL[..cut]), ScramVerifierError::Broken, "{cut}");
        }
        assert_eq!(told(&PENCIL.replace("4096", "0")), ScramVerifierError::Broken);
        assert!(!told("hunter2").to_string().contains("hunter2"));
    }
}
