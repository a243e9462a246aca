//! What a running instance is asked to issue, and what is asked where none runs: the same.

use std::time::Duration;

use base64ct::{Base64, Encoding};
use hermetic_authority::{Authority, Request};
use hermetic_keys::KeyAlgorithm;
use hermetic_tls::Identity;
use hermetic_x509::{DistinguishedName, ProfileKind};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::exit::Failure;

/// What is to be issued.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// What it is used as.
    pub subject: String,
    /// The names in it, beside those of the request.
    pub names: Vec<Identity>,
    /// Its subject, as RFC 4514 writes it.
    pub distinguished_name: Option<String>,
    /// The name of its profile.
    pub profile: String,
    /// Who signs.
    pub issuer: Option<String>,
    /// The kind of its key, where that is made here; the first that its profile takes, where nothing is said.
    pub key: Option<String>,
    /// How long it lives.
    pub lifetime_seconds: Option<u64>,
    /// The certification request in base64, whatever is in it.
    pub csr: Option<String>,
}

/// What was issued. May hold a key, so it can't be shown.
#[derive(Deserialize, Serialize)]
pub struct Issued {
    /// The certificate and those above it.
    pub chain_pem: String,
    /// Its key, where that was made here.
    pub key_pem: Option<String>,
    /// Its serial number.
    pub serial: String,
    /// The names in it.
    pub identities: Vec<Identity>,
    /// The end of its validity.
    pub not_after: Timestamp,
}

impl Order {
    /// Has an authority issue it.
    pub async fn issued_by(self, authority: &Authority) -> Result<Issued, Failure> {
        let Some(csr) = self.csr.clone() else {
            let credential = authority.issue(self.request(authority)?).await?;
            let leaf = credential.leaf();
            return Ok(Issued {
                chain_pem: credential.chain().to_pem(),
                key_pem: Some(credential.key().expose_pem().to_string()),
                serial: leaf.serial.to_string(),
                identities: leaf.identities.clone(),
                not_after: leaf.not_after,
            });
        };
        let csr = Base64::decode_vec(&csr)
            .map_err(|error| Failure::wrong(format!("the order's request: {error}")))?;
        let issued = authority.issue_request(&csr, self.request(authority)?).await?;
        let chain = issued.chain()?;
        Ok(Issued {
            chain_pem: chain.to_pem(),
            key_pem: None,
            serial: issued.serial().to_string(),
            identities: chain.leaf().identities.clone(),
            not_after: issued.not_after(),
        })
    }

    fn request(self, authority: &Authority) -> Result<Request, Failure> {
        let terms = authority.terms();
        let usual = || terms.profiles.named(&self.profile).ok()?.key_algorithms().first().copied();
        let wrong = |error: &dyn std::fmt::Display| Failure::wrong(error.to_string());
        let distinguished_name = self.distinguished_name.map(|name| name.parse::<DistinguishedName>());
        let issuer = self.issuer.map(|name| name.parse());
        let key = self.key.map(|kind| kind.parse()).transpose().map_err(|error| wrong(&error))?;
        Ok(Request {
            key: key.or_else(usual).unwrap_or(KeyAlgorithm::EcdsaP256),
            profile: self.profile,
            distinguished_name: distinguished_name.transpose().map_err(|error| wrong(&error))?,
            lifetime: self.lifetime_seconds.map(Duration::from_secs),
            issuer: issuer.transpose().map_err(|error| wrong(&error))?,
            ..Request::new(self.subject, ProfileKind::default(), self.names)
        })
    }
}

/// A request's bytes as an order has them.
pub fn encoded(csr: &[u8]) -> String {
    Base64::encode_string(csr)
}
