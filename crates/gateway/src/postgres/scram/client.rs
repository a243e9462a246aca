//! The client's end.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64ct::{Base64, Encoding};
use hermetic_tls::Certificate;
use zeroize::Zeroizing;

use super::server::BINDING;
use super::text::{attribute, base64, hash, nonce, text};
use super::{Keys, Nonce, SCRAM, SCRAM_PLUS, ScramError, auth_message, hmac, sha256, turned};
use crate::postgres::message::printable;

/// What a client can bind its login to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientBinding {
    /// Nothing: the connection is cleartext, or its certificate names no hash.
    Impossible,
    /// `tls-server-end-point` of the connection.
    EndPoint(Vec<u8>),
}

impl ClientBinding {
    /// What a login can be bound to over a connection that shows this certificate.
    pub fn of(certificate: Option<&Certificate>) -> Self {
        let end_point = certificate.and_then(Certificate::tls_server_end_point);
        end_point.map_or(Self::Impossible, Self::EndPoint)
    }
}

/// A client that has sent its first message.
#[derive(Debug)]
pub struct Client {
    first_bare: String,
    nonce: String,
    /// Header and data that the login is bound to.
    bound: Vec<u8>,
}

/// The server's challenge, read.
#[derive(Debug)]
pub struct Answered {
    client: Client,
    server_first: String,
    /// The nonce of both.
    nonce: String,
    /// The salt of the server's verifier.
    pub salt: Vec<u8>,
    /// How often the hash is repeated.
    pub iterations: u32,
}

/// A client that has sent its proof, and what the server must sign with.
#[derive(Debug)]
pub struct Proving {
    server_key: [u8; 32],
    signed: String,
}

impl Client {
    /// Chooses of the mechanisms that a server offers; gives the choice and the first message. Bound where
    /// both can.
    pub fn start(
        offered: &[&str],
        binding: ClientBinding,
        fresh: &Nonce,
    ) -> Result<(Self, &'static str, String), ScramError> {
        let (mechanism, header, data) = match binding {
            ClientBinding::EndPoint(data) if offered.contains(&SCRAM_PLUS) => {
                (SCRAM_PLUS, format!("p={BINDING},,"), data)
            }
            // We could, and tell a server that did offer it that its offer was taken out on the way.
            ClientBinding::EndPoint(_) => (SCRAM, "y,,".to_owned(), Vec::new()),
            ClientBinding::Impossible => (SCRAM, "n,,".to_owned(), Vec::new()),
        };
        if !offered.contains(&mechanism) {
            return Err(ScramError::Mechanism);
        }
        // PostgreSQL takes the user from the start-up packet.
        let first_bare = format!("n=,r={}", fresh.0);
        let first = format!("{header}{first_bare}");
        let bound = [header.as_bytes(), &data].concat();
        Ok((Self { first_bare, nonce: fresh.0.clone(), bound }, mechanism, first))
    }

    /// The same with a name in its first message.
    #[cfg(test)]
    pub(super) fn named(self, name: &str) -> Self {
        Self { first_bare: self.first_bare.replacen("n=", &format!("n={name}"), 1), ..self }
    }

    /// Reads the server's challenge.
    pub fn challenged(self, server_first: &[u8]) -> Result<Answered, ScramError> {
        let message = text(server_first)?;
        let mut attributes = Some(message);
        let both = nonce(attribute(&mut attributes, 'r')?)?.to_owned();
        if !both.starts_with(&self.nonce) || both.len() == self.nonce.len() {
            return Err(ScramError::Malformed("its nonce does not go on from ours"));
        }
        let salt = base64(attribute(&mut attributes, 's')?)?;
        let iterations = attribute(&mut attributes, 'i')?.parse().ok().filter(|count| *count > 0);
        let iterations = iterations.ok_or(ScramError::Malformed("its count is none"))?;
        Ok(Answered { client: self, server_first: message.to_owned(), nonce: both, salt, iterations })
    }
}

impl Answered {
    /// Proves that we have the keys; they must be for this salt and count.
    pub fn prove(self, keys: &Keys) -> Result<(Proving, String), ScramError> {
        if !keys.are_for(&self.salt, self.iterations) {
            return Err(ScramError::OtherVerifier);
        }
        let without_proof = format!("c={},r={}", Base64::encode_string(&self.client.bound), self.nonce);
        let signed = auth_message(&self.client.first_bare, &self.server_first, &without_proof);
        let stored_key = sha256(&*keys.client.0);
        let proof = Zeroizing::new(turned(&stored_key, &signed, &keys.client.0));
        let last = format!("{without_proof},p={}", Base64::encode_string(&*proof));
        Ok((Proving { server_key: keys.server, signed }, last))
    }
}

impl Proving {
    /// Takes the server's last message, by which it proves that it knows the verifier.
    pub fn finish(self, server_final: &[u8]) -> Result<(), ScramError> {
        let message = text(server_final)?;
        if let Some(error) = message.strip_prefix("e=") {
            return Err(ScramError::Refused(printable(error, 200)));
        }
        let signature = hash(attribute(&mut Some(message), 'v')?)?;
        let expected = hmac(&self.server_key, &[self.signed.as_bytes()]);
        verify_slices_are_equal(&expected, &signature).map_err(|_| ScramError::WrongSignature)
    }
}
