//! What a certificate should be.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use hermetic_keys::PublicKey;
use hermetic_tls::Serial;

use crate::certificate::{AuthorityDraft, LeafDraft, Publication};
use crate::distinguished_name::DistinguishedName;
use crate::validity::Validity;

/// What a certificate should be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Intended<'a> {
    Leaf(&'a LeafDraft<'a>),
    Authority(&'a AuthorityDraft<'a>),
}

impl<'a> Intended<'a> {
    pub(super) fn serial(self) -> &'a Serial {
        match self {
            Self::Leaf(draft) => draft.serial,
            Self::Authority(draft) => draft.serial,
        }
    }

    pub(super) fn subject(self) -> &'a DistinguishedName {
        match self {
            Self::Leaf(draft) => draft.subject,
            Self::Authority(draft) => draft.subject,
        }
    }

    pub(super) fn key(self) -> &'a PublicKey {
        match self {
            Self::Leaf(draft) => draft.key,
            Self::Authority(draft) => draft.key,
        }
    }

    pub(super) fn validity(self) -> Validity {
        match self {
            Self::Leaf(draft) => draft.validity,
            Self::Authority(draft) => draft.validity,
        }
    }

    pub(super) fn publication(self) -> &'a Publication {
        match self {
            Self::Leaf(draft) => draft.publication,
            Self::Authority(draft) => draft.publication,
        }
    }

    /// Whether it can be revoked, so that it says where to ask.
    pub(super) fn is_revocable(self) -> bool {
        match self {
            Self::Leaf(draft) => draft.profile.kind().is_revocable(),
            Self::Authority(_) => true,
        }
    }

    /// Whether it was made to be refused: its life lies behind.
    pub(super) fn is_over(self) -> bool {
        matches!(self, Self::Leaf(draft) if draft.is_over)
    }
}
