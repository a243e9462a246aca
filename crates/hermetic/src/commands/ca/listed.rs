//! One generation of an authority, as lists and reports have it.

use hermetic_authority::{Authorities, CertificateAuthority, SignedBy, State};
use hermetic_store::{AuthorityKey, Stage};
use hermetic_x509::days_left;
use jiff::Timestamp;
use serde::Serialize;

/// One generation of an authority.
#[derive(Serialize)]
pub(super) struct Listed {
    pub(super) name: String,
    pub(super) generation: u32,
    pub(super) kind: Kind,
    pub(super) state: &'static str,
    pub(super) stage: Stage,
    pub(super) signed_by: Signer,
    pub(super) subject: String,
    pub(super) key: Key,
    pub(super) not_before: Option<Timestamp>,
    pub(super) not_after: Option<Timestamp>,
    pub(super) days_left: Option<i64>,
    pub(super) made_at: Timestamp,
    pub(super) restorable_until: Option<Timestamp>,
}

/// Whether an authority stands below another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Root,
    Subordinate,
}

/// Who signed an authority.
#[derive(Serialize)]
#[serde(rename_all = "snake_case", tag = "who")]
pub(super) enum Signer {
    Itself,
    Authority { name: String, generation: u32 },
    Elsewhere,
}

/// The key of an authority.
#[derive(Serialize)]
pub(super) struct Key {
    pub(super) algorithm: &'static str,
    #[serde(flatten)]
    pub(super) place: KeyPlace,
}

/// Where it is.
#[derive(Serialize)]
#[serde(rename_all = "snake_case", tag = "in")]
pub(super) enum KeyPlace {
    /// Sealed, in the store.
    Store,
    Token {
        token: String,
        label: String,
    },
    /// Nowhere any more.
    Erased,
}

impl Listed {
    pub(super) fn of(authority: &CertificateAuthority, among: &Authorities, now: Timestamp) -> Self {
        let signed_by = Signer::of(authority, among);
        Self {
            name: authority.name().to_string(),
            generation: authority.generation().generation,
            kind: if matches!(signed_by, Signer::Itself) { Kind::Root } else { Kind::Subordinate },
            state: authority.state(now).word(),
            stage: authority.stage(),
            signed_by,
            subject: authority.subject().to_owned(),
            key: Key { algorithm: authority.key_algorithm().name(), place: KeyPlace::of(authority.key()) },
            not_before: authority.not_before(),
            not_after: authority.not_after(),
            days_left: authority.not_after().map(|end| days_left(end, now)),
            made_at: authority.made_at(),
            restorable_until: authority.restorable_until(),
        }
    }
}

impl Kind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Subordinate => "subordinate",
        }
    }
}

impl Signer {
    fn of(authority: &CertificateAuthority, among: &Authorities) -> Self {
        match authority.signed_by() {
            SignedBy::Itself => Self::Itself,
            SignedBy::Elsewhere => Self::Elsewhere,
            SignedBy::Authority(id) => among.by_id(id).map_or(Self::Elsewhere, |above| {
                let above = above.generation();
                Self::Authority { name: above.name.clone(), generation: above.generation }
            }),
        }
    }

    /// In words.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Itself => "itself".to_owned(),
            Self::Elsewhere => "elsewhere".to_owned(),
            Self::Authority { name, generation } => format!("{name}, generation {generation}"),
        }
    }
}

impl KeyPlace {
    fn of(key: &AuthorityKey) -> Self {
        match key {
            AuthorityKey::Sealed(_) => Self::Store,
            AuthorityKey::Token(name) => {
                let (token, label) = name.split_once('/').unwrap_or((name, ""));
                Self::Token { token: token.to_owned(), label: label.to_owned() }
            }
            AuthorityKey::Erased => Self::Erased,
        }
    }

    /// In words.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Store => "store".to_owned(),
            Self::Token { token, .. } => format!("token {token}"),
            Self::Erased => "erased".to_owned(),
        }
    }
}

/// The words for a state.
pub(super) fn words(state: State) -> &'static str {
    match state {
        State::PendingCertificate => "pending certificate",
        other => other.word(),
    }
}
