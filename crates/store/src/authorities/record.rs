//! What the store keeps of authorities.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::engine::{Row, Taken};
use crate::error::Fault;
use crate::words::words;

/// The identity of a generation of an authority in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AuthorityId(pub i64);

/// One generation of an authority by name: a roll-over makes the next under the same name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Generation {
    /// The authority's name.
    pub name: String,
    /// From 1.
    pub generation: u32,
}

words! {
    /// Where a generation of an authority stands, as in AWS Private CA. That it has expired, its
    /// certificate's end says.
    pub enum AuthorityState {
        /// It has a key, and waits for its certificate.
        PendingCertificate = "pending_certificate",
        /// It may do what its stage allows.
        Active = "active",
        /// It issues nothing.
        Disabled = "disabled",
        /// It is gone, but for being restored until a date.
        Deleted = "deleted",
    }
}

words! {
    /// How far a generation is in the roll-over from one to the next.
    pub enum Stage {
        /// Its key and certificate are there; nobody trusts it yet.
        Prepared = "prepared",
        /// It was handed out, so that trust spreads; it does not sign yet.
        Published = "published",
        /// It signs. Of each name there is at most one.
        Signing = "signing",
        /// It tells the status of what it issued, and issues no more.
        Retired = "retired",
    }
}

/// Where the private key of an authority is.
#[derive(Clone, PartialEq, Eq)]
pub enum AuthorityKey {
    /// Here, sealed.
    Sealed(Vec<u8>),
    /// In a token, under this name.
    Token(String),
    /// Nowhere any more: the authority was deleted, and the time to restore it is over.
    Erased,
}

/// A generation of an authority as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorityRecord {
    /// Which one it is.
    pub id: AuthorityId,
    /// Its name and generation.
    pub generation: Generation,
    /// Where it stands.
    pub state: AuthorityState,
    /// How far it is in a roll-over.
    pub stage: Stage,
    /// Who signed it; `None` for a root, or where the signer is elsewhere.
    pub parent: Option<AuthorityId>,
    /// Its name in certificates, as RFC 4514 writes it.
    pub subject: String,
    /// The kind of its key.
    pub key_algorithm: String,
    /// Its private key.
    pub key: AuthorityKey,
    /// The request for a certificate from elsewhere, in DER.
    pub csr: Option<Vec<u8>>,
    /// Its chain as PEM, itself first; empty while its certificate is pending.
    pub chain_pem: String,
    /// Over how many revocation lists its certificates are spread.
    pub crl_shards: u32,
    /// What it may issue, and how; for the authority to read.
    pub policy: Value,
    /// Start of its certificate's validity.
    pub not_before: Option<Timestamp>,
    /// End of its certificate's validity.
    pub not_after: Option<Timestamp>,
    /// Until when it can be restored, where it is deleted.
    pub restorable_until: Option<Timestamp>,
    /// When it was made.
    pub at: Timestamp,
}

/// A generation that is to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAuthority {
    /// Its name and generation.
    pub generation: Generation,
    /// How far it is in a roll-over.
    pub stage: Stage,
    /// Who signed it, where that is one of ours; it may be among those that are kept with this one.
    pub parent: Option<Generation>,
    /// Its name in certificates, as RFC 4514 writes it.
    pub subject: String,
    /// The kind of its key.
    pub key_algorithm: String,
    /// Its private key.
    pub key: AuthorityKey,
    /// Its certificate, or what it asks for one with.
    pub standing: Standing,
    /// Over how many revocation lists its certificates are spread.
    pub crl_shards: u32,
    /// What it may issue, and how.
    pub policy: Value,
    /// When it was made.
    pub at: Timestamp,
}

/// Whether a new authority has its certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It has: it is active.
    Certified(AuthorityCertificate),
    /// It waits for one, for which it asks with this request, in DER.
    Pending(Vec<u8>),
}

/// The certificate of an authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorityCertificate {
    /// The chain as PEM, the authority's own first.
    pub chain_pem: String,
    /// Start of validity.
    pub not_before: Timestamp,
    /// End of validity.
    pub not_after: Timestamp,
}

impl Generation {
    /// The first of a name.
    pub fn first(name: &str) -> Self {
        Self { name: name.to_owned(), generation: 1 }
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "authority `{}` of generation {}", self.name, self.generation)
    }
}

impl AuthorityKey {
    /// The sealed key; `None` where it is in a token.
    pub fn sealed(&self) -> Option<&[u8]> {
        if let Self::Sealed(sealed) = self { Some(sealed) } else { None }
    }

    /// Its name in a token; `None` where it is here.
    pub fn token(&self) -> Option<&str> {
        if let Self::Token(name) = self { Some(name) } else { None }
    }
}

impl fmt::Debug for AuthorityKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sealed(_) => formatter.write_str("Sealed(…)"),
            Self::Token(name) => formatter.debug_tuple("Token").field(name).finish(),
            Self::Erased => formatter.write_str("Erased"),
        }
    }
}

impl From<AuthorityId> for crate::engine::Value {
    fn from(id: AuthorityId) -> Self {
        Self::Integer(id.0)
    }
}

impl Taken for AuthorityId {
    const KIND: &'static str = "authority";

    fn taken(value: crate::engine::Value) -> Option<Self> {
        i64::taken(value).map(Self)
    }
}

/// The columns of a record, as [`record`] reads them.
pub(super) const COLUMNS: &str = "id, name, generation, state, stage, parent_id, subject, key_algorithm,
    sealed_key, token_key, csr, chain_pem, crl_shards, policy, not_before, not_after, restorable_until, at";

/// Reads a row of [`COLUMNS`].
pub(super) fn record(mut row: Row) -> Result<AuthorityRecord, Fault> {
    Ok(AuthorityRecord {
        id: row.take()?,
        generation: Generation { name: row.take()?, generation: row.take()? },
        state: row.take()?,
        stage: row.take()?,
        parent: row.take()?,
        subject: row.take()?,
        key_algorithm: row.take()?,
        key: match (row.take()?, row.take()?) {
            (Some(sealed), _) => AuthorityKey::Sealed(sealed),
            (None, Some(name)) => AuthorityKey::Token(name),
            (None, None) => AuthorityKey::Erased,
        },
        csr: row.take()?,
        chain_pem: row.take()?,
        crl_shards: row.take()?,
        policy: serde_json::from_str(&row.take::<String>()?)?,
        not_before: row.take()?,
        not_after: row.take()?,
        restorable_until: row.take()?,
        at: row.take()?,
    })
}
