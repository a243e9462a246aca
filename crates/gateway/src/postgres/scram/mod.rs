//! SCRAM-SHA-256 (RFC 5802, RFC 7677), from both ends and without a socket.
//!
//! A server that knows a verifier learns the ClientKey from a proof that holds, and whoever has that key can
//! prove the same elsewhere, where the verifier is the same. So a gateway ends a login and does it anew
//! without ever knowing a password.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod client;
mod server;
mod text;

#[cfg(test)]
mod laws;

use std::num::NonZeroU32;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac::{self, HMAC_SHA256};
use aws_lc_rs::pbkdf2;
use base64ct::{Base64, Encoding};
use hermetic_config::ScramVerifier;
use hermetic_tls::{Randomness, RandomnessFailed};
use zeroize::Zeroizing;

pub use client::{Answered, Client, ClientBinding};
pub use server::{Challenged, Proven, Server};

/// The mechanism without a channel binding.
pub const SCRAM: &str = "SCRAM-SHA-256";

/// The mechanism that is bound to a channel.
pub const SCRAM_PLUS: &str = "SCRAM-SHA-256-PLUS";

/// The bytes of chance in a nonce, as PostgreSQL has it.
const NONCE: usize = 18;

/// The most repetitions of the hash that we make of a password of our own: a far end may not keep a
/// processor busy for minutes. PostgreSQL's default is 4096.
const MOST_ITERATIONS: u32 = 1_000_000;

/// Why a login under SCRAM fails.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScramError {
    /// A message that is not as RFC 5802 section 7 has it.
    #[error("malformed SCRAM message: {0}")]
    Malformed(&'static str),
    /// A mechanism that was not offered.
    #[error("a mechanism that was not offered")]
    Mechanism,
    /// The client could bind, and believes that we can't: somebody took the offer away.
    #[error(
        "the client could bind its login and was not shown our offer to: somebody on the way took it out"
    )]
    Downgraded,
    /// The client bound its login to another certificate than ours.
    #[error("the login is bound to another certificate than the one that this connection shows")]
    OtherCertificate,
    /// The proof does not hold.
    #[error("the password is wrong")]
    WrongProof,
    /// The far end's salt or iterations are not those of our verifier.
    #[error(
        "the verifier here is not the one there: salt or iterations differ; copy `rolpassword` from pg_authid anew"
    )]
    OtherVerifier,
    /// The far end wants more work than is reasonable.
    #[error("{0} iterations, where at most {MOST_ITERATIONS} are done")]
    Iterations(u32),
    /// The far end did not prove that it knows the verifier.
    #[error("the far end does not know the verifier: its signature is wrong")]
    WrongSignature,
    /// The far end says that it failed.
    #[error("the far end refuses: {0}")]
    Refused(String),
}

/// What proves a login. Whoever has it can log in where the verifier is the same.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientKey(Zeroizing<[u8; 32]>);

/// A client's and a server's key, of one password, salt and count of iterations.
#[derive(Clone)]
pub struct Keys {
    client: ClientKey,
    server: [u8; 32],
    salt: Vec<u8>,
    iterations: u32,
}

/// A fresh nonce, printable (RFC 5802 section 5.1).
#[derive(Clone, Debug)]
pub struct Nonce(String);

impl Nonce {
    /// A nonce by chance.
    pub fn new(randomness: &dyn Randomness) -> Result<Self, RandomnessFailed> {
        let mut bytes = [0; NONCE];
        randomness.fill(&mut bytes)?;
        Ok(Self(Base64::encode_string(&bytes)))
    }
}

impl Keys {
    /// The keys of a password, prepared as PostgreSQL does: by SASLprep (RFC 4013) where that takes it, and
    /// as it is where not.
    ///
    /// Repeats a hash up to a million times, so it belongs on a thread that may wait.
    pub fn of_password(password: &str, salt: &[u8], iterations: u32) -> Result<Self, ScramError> {
        let count = NonZeroU32::new(iterations).filter(|_| iterations <= MOST_ITERATIONS);
        let count = count.ok_or(ScramError::Iterations(iterations))?;
        let prepared = stringprep::saslprep(password);
        let prepared = prepared.as_deref().unwrap_or(password);
        let mut salted = Zeroizing::new([0; 32]);
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, count, salt, prepared.as_bytes(), &mut *salted);
        let client = ClientKey(Zeroizing::new(hmac(&*salted, &[b"Client Key"])));
        let server = hmac(&*salted, &[b"Server Key"]);
        Ok(Self { client, server, salt: salt.to_vec(), iterations })
    }

    /// The key that a proof yielded, with the verifier that it held against.
    pub fn proven(client: ClientKey, verifier: &ScramVerifier) -> Self {
        let ScramVerifier { iterations, salt, server_key, .. } = verifier;
        Self { client, server: *server_key, salt: salt.clone(), iterations: *iterations }
    }

    /// Whether they are for this salt and count.
    pub fn are_for(&self, salt: &[u8], iterations: u32) -> bool {
        self.salt == salt && self.iterations == iterations
    }

    /// What a server keeps of them.
    pub fn verifier(&self) -> ScramVerifier {
        ScramVerifier {
            iterations: self.iterations,
            salt: self.salt.clone(),
            stored_key: sha256(&*self.client.0),
            server_key: self.server,
        }
    }
}

/// The verifier that is shown of a user who is not known: the same each time, and none that a password
/// fits, so that nobody learns who is known (PostgreSQL does so, `mock_scram_secret`).
pub fn mock_verifier(secret: &[u8; 32], user: &str) -> ScramVerifier {
    let salt = hmac(secret, &[b"salt", user.as_bytes()]);
    ScramVerifier {
        iterations: 4096,
        salt: salt.iter().copied().take(16).collect(),
        stored_key: hmac(secret, &[b"key", user.as_bytes()]),
        server_key: hmac(secret, &[b"server", user.as_bytes()]),
    }
}

/// What both ends sign (RFC 5802 section 3).
fn auth_message(client_first_bare: &str, server_first: &str, without_proof: &str) -> String {
    [client_first_bare, server_first, without_proof].join(",")
}

/// The client's proof turned into its key, or its key into a proof: one is the other, exclusive or the
/// signature.
fn turned(stored_key: &[u8; 32], auth_message: &str, other: &[u8; 32]) -> [u8; 32] {
    let mut turned = hmac(stored_key, &[auth_message.as_bytes()]);
    turned.iter_mut().zip(other).for_each(|(byte, other)| *byte ^= other);
    turned
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(&hmac::Key::new(HMAC_SHA256, key));
    parts.iter().for_each(|part| context.update(part));
    let mut bytes = [0; 32];
    bytes.copy_from_slice(context.sign().as_ref());
    bytes
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
    hash
}

impl std::fmt::Debug for ClientKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ClientKey(…)")
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("iterations", &self.iterations).finish_non_exhaustive()
    }
}
