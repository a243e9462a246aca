//! The server's end.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64ct::{Base64, Encoding};
use hermetic_config::ScramVerifier;
use zeroize::Zeroizing;

use super::text::{attribute, base64, hash, nonce, text};
use super::{ClientKey, Nonce, SCRAM, SCRAM_PLUS, ScramError, auth_message, hmac, sha256, turned};

/// The one channel binding that PostgreSQL knows.
pub(super) const BINDING: &str = "tls-server-end-point";

/// A server that awaits a client's first message.
#[derive(Debug)]
pub struct Server {
    verifier: ScramVerifier,
    /// Whether anybody has this verifier.
    known: bool,
    /// `tls-server-end-point` of the connection, where the client comes by TLS and it has one.
    end_point: Option<Vec<u8>>,
}

/// A server that has sent its challenge.
#[derive(Debug)]
pub struct Challenged {
    server: Server,
    client_first_bare: String,
    server_first: String,
    nonce: String,
    /// The header and the data that the client must bind to.
    bound: Vec<u8>,
}

/// A login that holds.
#[derive(Debug)]
pub struct Proven {
    /// What proved it.
    pub client_key: ClientKey,
    /// The last message, by which the server proves that it knows the verifier.
    pub server_final: String,
}

impl Server {
    /// A server for the user of this verifier; `known` is false where it stands for nobody.
    pub fn new(verifier: ScramVerifier, known: bool, end_point: Option<Vec<u8>>) -> Self {
        Self { verifier, known, end_point }
    }

    /// The mechanisms to offer, best first.
    pub fn mechanisms(&self) -> &'static [&'static str] {
        if self.end_point.is_some() { &[SCRAM_PLUS, SCRAM] } else { &[SCRAM] }
    }

    /// Takes the client's choice and first message; gives the challenge. Who the client says it is does
    /// not count, as in PostgreSQL: the start-up packet said so.
    pub fn challenge(
        self,
        mechanism: &str,
        client_first: &[u8],
        fresh: &Nonce,
    ) -> Result<(Challenged, String), ScramError> {
        let message = text(client_first)?;
        let malformed = || ScramError::Malformed("its header is none");
        let (flag, rest) = message.split_once(',').ok_or_else(malformed)?;
        let (authorization, bare) = rest.split_once(',').ok_or_else(malformed)?;
        if !authorization.is_empty() {
            return Err(ScramError::Malformed("it asks to act as somebody else"));
        }
        let data = self.binding_data(mechanism, flag)?;
        let mut attributes = Some(bare);
        attribute(&mut attributes, 'n')?;
        let client_nonce = nonce(attribute(&mut attributes, 'r')?)?;
        let nonce = format!("{client_nonce}{}", fresh.0);
        let ScramVerifier { salt, iterations, .. } = &self.verifier;
        let server_first = format!("r={nonce},s={},i={iterations}", Base64::encode_string(salt));
        let challenged = Challenged {
            bound: [flag.as_bytes(), b",,", data].concat(),
            client_first_bare: bare.to_owned(),
            server_first: server_first.clone(),
            nonce,
            server: self,
        };
        Ok((challenged, server_first))
    }

    /// The data that a login by this mechanism and flag is bound to (RFC 5802 section 6).
    fn binding_data(&self, mechanism: &str, flag: &str) -> Result<&[u8], ScramError> {
        match (mechanism, &self.end_point, flag.strip_prefix("p=")) {
            (SCRAM_PLUS, Some(end_point), Some(BINDING)) => Ok(end_point),
            (SCRAM_PLUS, Some(_), Some(_)) => Err(ScramError::Malformed("a binding that is not known")),
            (SCRAM_PLUS, Some(_), None) => Err(ScramError::Malformed("it binds to nothing")),
            (SCRAM, Some(_), None) if flag == "y" => Err(ScramError::Downgraded),
            (SCRAM, _, None) if flag == "y" || flag == "n" => Ok(&[]),
            (SCRAM, ..) => Err(ScramError::Malformed("its header is none")),
            _ => Err(ScramError::Mechanism),
        }
    }
}

impl Challenged {
    /// Takes the client's last message, with its proof.
    pub fn finish(self, client_final: &[u8]) -> Result<Proven, ScramError> {
        let message = text(client_final)?;
        let (without_proof, proof) =
            message.rsplit_once(",p=").ok_or(ScramError::Malformed("it has no proof"))?;
        let mut attributes = Some(without_proof);
        let bound = base64(attribute(&mut attributes, 'c')?)?;
        let nonce = attribute(&mut attributes, 'r')?;
        let proof = Zeroizing::new(hash(proof)?);
        if nonce != self.nonce {
            return Err(ScramError::Malformed("its nonce is not ours"));
        }
        if bound != self.bound {
            return Err(ScramError::OtherCertificate);
        }
        let Server { verifier, known, .. } = &self.server;
        let signed = auth_message(&self.client_first_bare, &self.server_first, without_proof);
        let client_key = Zeroizing::new(turned(&verifier.stored_key, &signed, &proof));
        let holds = verify_slices_are_equal(&sha256(&*client_key), &verifier.stored_key).is_ok();
        if !(holds && *known) {
            return Err(ScramError::WrongProof);
        }
        let signature = hmac(&verifier.server_key, &[signed.as_bytes()]);
        let server_final = format!("v={}", Base64::encode_string(&signature));
        Ok(Proven { client_key: ClientKey(client_key), server_final })
    }
}
