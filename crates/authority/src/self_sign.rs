//! Certificates that vouch for themselves: for tests only, marked so, and in the inventory like all others.

use hermetic_keys::{Owner, Signer};
use hermetic_store::{ImportedCertificate, KeyFingerprint, Outside};
use hermetic_tls::{Chain, Credential, PrivateKey};
use hermetic_x509::{SelfSignedDraft, Validity, assemble};

use crate::authorities::generate;
use crate::error::AuthorityError;
use crate::issuance::{Accepted, Refusal, serial};
use crate::{Authority, Request};

impl Authority {
    /// Makes a certificate with a fresh key that signs for itself: for tests only. The mark in its subject tells
    /// so wherever it is shown, and a hop that rests on it is `weak`. The names, the key and the lifetime are
    /// those that the profile allows.
    pub async fn self_sign(&self, request: Request) -> Result<Credential, AuthorityError> {
        let accepted = self.accept(request).await?;
        let now = self.now();
        let (signer, secret) = generate(accepted.request().key).await?;
        let serial = serial::draw(&*self.inner.world.randomness)?;
        let lifetime = accepted.approved().lifetime;
        let draft = SelfSignedDraft {
            serial: &serial,
            profile: accepted.profile(),
            names: &accepted.approved().names,
            key: signer.public_key(),
            validity: Validity::ahead(now, lifetime, None).map_err(Refusal::Validity)?,
        };
        let to_be_signed = draft.to_be_signed(signer.algorithm())?.to_der()?;
        draft.lint(&to_be_signed, now)?;
        let signature = signer.sign(&to_be_signed).await?;
        let der = assemble(&to_be_signed, signer.algorithm(), &signature, signer.public_key())?;
        let chain = Chain::from_ders([&*der])?;
        let credential = Credential::new(chain, PrivateKey::from_pkcs8(secret.to_vec())?)?;
        self.store.import(self.kept_self_signed(&accepted, &credential, &signer, &secret).await?).await?;
        Ok(credential)
    }

    async fn kept_self_signed(
        &self,
        accepted: &Accepted,
        credential: &Credential,
        signer: &impl Signer,
        secret: &[u8],
    ) -> Result<ImportedCertificate, AuthorityError> {
        let leaf = credential.leaf();
        let (serial, key) = (leaf.serial.to_string(), signer.public_key());
        let sealed = self.inner.keys.keyring().seal(Owner::Certificate(&serial), secret).await?;
        Ok(ImportedCertificate {
            origin: Outside::SelfSigned,
            profile: accepted.profile().name().to_owned(),
            subject: accepted.request().subject.clone(),
            names: accepted.names_as_text(),
            key_algorithm: key.algorithm().name().to_owned(),
            key_fingerprint: KeyFingerprint::of(&key.to_der()),
            certificate: leaf.der.to_vec(),
            issuers_pem: String::new(),
            sealed_key: Some(sealed),
            exportable: accepted.profile().is_exportable(),
            replaces: None,
            requester: accepted.request().requester.clone(),
            not_before: leaf.not_before,
            not_after: leaf.not_after,
            at: self.now(),
            serial,
        })
    }
}
