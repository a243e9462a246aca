//! What it is for (RFC 5280 sections 4.2.1.3, 4.2.1.9, 4.2.1.10 and 4.2.1.12).
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use hermetic_keys::KeyAlgorithm;
use x509_cert::ext::pkix::constraints::name::NameConstraints as WrittenConstraints;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages};

use super::intended::Intended;
use super::{Lint, Problem};
use crate::certificate::{AuthorityDraft, LeafDraft};
use crate::constraints::NameConstraints;

impl Lint<'_> {
    pub(super) fn usage(&mut self) {
        match self.intended {
            Intended::Leaf(draft) => self.usage_of_leaf(draft),
            Intended::Authority(draft) => self.usage_of_authority(draft),
        }
        self.path_lengths();
    }

    fn usage_of_leaf(&mut self, draft: &LeafDraft<'_>) {
        let kind = draft.profile.kind();
        let constraints = self.extension::<BasicConstraints>();
        let leaf = BasicConstraints { ca: false, path_len_constraint: None };
        self.add(constraints.is_some_and(|constraints| constraints != leaf), Problem::AuthorityInLeaf);
        if let Some(KeyUsage(usages)) = self.extension() {
            let can_encipher = is_rsa(draft.key.algorithm());
            if usages.contains(KeyUsages::KeyEncipherment) && !can_encipher {
                self.problems.push(Problem::KeyUsageOfKey);
            } else {
                self.add(usages != kind.key_usage(draft.key.algorithm()), Problem::KeyUsage);
            }
        }
        if let Some(ExtendedKeyUsage(purposes)) = self.extension() {
            self.add(purposes != kind.purposes().oids(), Problem::ExtendedKeyUsage);
        }
    }

    fn usage_of_authority(&mut self, draft: &AuthorityDraft<'_>) {
        if let Some(BasicConstraints { ca, path_len_constraint }) = self.extension() {
            self.add(!ca, Problem::NotAnAuthority);
            self.add(path_len_constraint != draft.path_length, Problem::PathLengthOther);
        }
        if let Some(KeyUsage(usages)) = self.extension() {
            let signs = KeyUsages::DigitalSignature | KeyUsages::KeyCertSign | KeyUsages::CRLSign;
            self.add(usages != signs, Problem::KeyUsage);
        }
        if let Some(written) = self.extension::<WrittenConstraints>() {
            let read = NameConstraints::read(&written).ok();
            self.add(read.as_ref() != draft.name_constraints, Problem::ConstraintsOther);
        }
    }

    /// Each authority above allows so many others between itself and a leaf. One that would allow itself
    /// more than is left is refused, too: it could not keep what it says.
    fn path_lengths(&mut self) {
        let (own, promised) = match self.intended {
            Intended::Leaf(_) => (0, Some(0)),
            Intended::Authority(draft) => (1, draft.path_length),
        };
        let mut between = own;
        for issuer in self.issuers {
            if let Some(allowed) = issuer.path_length().map(usize::from) {
                let wanted = promised.map(|promised| between + usize::from(promised));
                let is_over = wanted.is_none_or(|wanted| wanted > allowed);
                self.add(is_over, Problem::PathLength(issuer.subject().to_string()));
            }
            between += usize::from(!issuer.is_self_issued());
        }
    }
}

fn is_rsa(algorithm: KeyAlgorithm) -> bool {
    matches!(algorithm, KeyAlgorithm::Rsa2048 | KeyAlgorithm::Rsa3072 | KeyAlgorithm::Rsa4096)
}
