//! Keys and how they are pointed at (RFC 5280 sections 4.1.1.2, 4.1.2.7, 4.2.1.1 and 4.2.1.2).
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use hermetic_keys::SignatureAlgorithm;
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, SubjectKeyIdentifier};

use super::intended::Intended;
use super::{Lint, Problem};
use crate::weak_key::weakness;

impl Lint<'_> {
    pub(super) fn keys(&mut self) {
        let key = self.intended.key();
        self.add(self.certificate.subject_public_key_info != *key.info(), Problem::KeyOther);
        self.problems.extend(weakness(key).map(Problem::WeakKey));
        if let Intended::Leaf(draft) = self.intended {
            let profile = draft.profile.name().to_owned();
            let breach = draft.profile.breach_of_key(key.algorithm());
            self.problems.extend(breach.map(|breach| Problem::Profile { profile, breach }));
        }
        self.key_identifiers();
        let algorithm = SignatureAlgorithm::of_identifier(&self.certificate.signature);
        let signer = self.issuers.first().map_or(key, |issuer| issuer.key());
        let is_the_signers = algorithm.is_some_and(|algorithm| signer.signs(algorithm));
        self.add(!is_the_signers, Problem::SignatureAlgorithm);
    }

    fn key_identifiers(&mut self) {
        if let Some(SubjectKeyIdentifier(id)) = self.extension() {
            self.add(id.as_bytes() != self.intended.key().id(), Problem::SubjectKeyIdentifier);
        }
        let Some(issuer) = self.issuers.first() else { return };
        if let Some(written) = self.extension::<AuthorityKeyIdentifier>() {
            let is_issuers = written.key_identifier.is_some_and(|id| id.as_bytes() == issuer.key_id());
            // Issuer and serial would pin one certificate of the issuer, and break when it is renewed.
            let has_more =
                written.authority_cert_issuer.is_some() || written.authority_cert_serial_number.is_some();
            self.add(!is_issuers || has_more, Problem::AuthorityKeyIdentifier);
        }
    }
}
