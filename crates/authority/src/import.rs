//! Certificates that were made elsewhere: judged, then kept with their keys sealed.

use hermetic_keys::{Owner, PublicKey};
use hermetic_store::{
    CertificateFilter, CertificateId, CertificateRecord, CertificateState, ImportedCertificate,
    KeyFingerprint, Order, Origin, Outside,
};
use hermetic_tls::Certificate;
use hermetic_x509::import::{self, Importable, Note, ReimportError};
use hermetic_x509::{Contents, Material};
use serde_json::json;

use crate::Authority;
use crate::error::AuthorityError;

/// What stands in the place of a profile in the record of what was imported.
const PROFILE: &str = "imported";

/// A certificate that was imported.
#[derive(Clone, Debug)]
pub struct Imported {
    /// Its identity in the store.
    pub id: CertificateId,
    /// The certificate.
    pub certificate: Certificate,
    /// The serial number in hex of the one in whose place it comes.
    pub replaces: Option<String>,
    /// What is worth knowing before it is used.
    pub notes: Vec<Note>,
}

impl Authority {
    /// Keeps a certificate that was made elsewhere, with its chain and its key, as what is used under this name.
    /// Where one of this name was imported before, it takes its place, and must keep one of its names, its kind of
    /// key and its usages. What is refused stands in the journal, and leaves nothing else behind. Its key leaves
    /// the store no more.
    pub async fn import(&self, name: &str, contents: Contents) -> Result<Imported, AuthorityError> {
        let imported = self.import_judged(name, contents).await;
        if let Err(error) = &imported
            && error.is_wrong_request()
        {
            self.import_refused(name, &error.to_string()).await;
        }
        imported
    }

    /// Keeps in the journal that what should be imported under this name was not even read, such as for a wrong
    /// passphrase.
    pub async fn import_refused(&self, name: &str, reason: &str) {
        let body = json!({ "subject": name, "origin": "imported", "result": reason });
        if let Err(error) = self.store.append(self.now(), "request.refused", body).await {
            tracing::error!(%error, "a refused import could not be written to the journal");
        }
    }

    async fn import_judged(&self, name: &str, contents: Contents) -> Result<Imported, AuthorityError> {
        let before = self.imported_before(name).await?;
        let Importable { material, notes } = self.judge(contents.material()?, before.as_ref())?;
        let leaf = material.leaf().clone();
        let id = self.store.import(self.kept(name, &material, before.as_ref()).await?).await?;
        Ok(Imported { id, certificate: leaf, replaces: before.map(|before| before.serial), notes })
    }

    /// The newest certificate that was imported under this name.
    async fn imported_before(&self, name: &str) -> Result<Option<CertificateRecord>, AuthorityError> {
        let filter = CertificateFilter {
            subject: Some(name.to_owned()),
            origin: Some(Origin::Imported),
            state: Some(CertificateState::Issued),
            ..CertificateFilter::default()
        };
        let mut page = self.store.search(&filter, Order::Newest, None, 1).await?;
        Ok(page.certificates.pop())
    }

    fn judge(
        &self,
        material: Material,
        before: Option<&CertificateRecord>,
    ) -> Result<Importable, AuthorityError> {
        let now = self.now();
        match before.and_then(|before| before.certificate.as_deref()) {
            None => Ok(import::judge(material, now).map_err(ReimportError::from)?),
            Some(before) => Ok(import::judge_renewed(material, &Certificate::from_der(before)?, now)?),
        }
    }

    /// The material as the store keeps it.
    async fn kept(
        &self,
        name: &str,
        material: &Material,
        before: Option<&CertificateRecord>,
    ) -> Result<ImportedCertificate, AuthorityError> {
        let leaf = material.leaf();
        let serial = leaf.serial.to_string();
        let sealed =
            self.inner.keys.keyring().seal(Owner::Certificate(&serial), material.key().pkcs8()).await?;
        let key: &PublicKey = material.key().public_key();
        Ok(ImportedCertificate {
            origin: Outside::Imported,
            profile: PROFILE.to_owned(),
            subject: name.to_owned(),
            names: leaf.identities.iter().map(ToString::to_string).collect(),
            key_algorithm: key.algorithm().name().to_owned(),
            key_fingerprint: KeyFingerprint::of(&key.to_der()),
            certificate: leaf.der.to_vec(),
            issuers_pem: material.chain().iter().map(Certificate::to_pem).collect(),
            sealed_key: Some(sealed),
            exportable: false,
            replaces: before.map(|before| before.id),
            requester: String::new(),
            not_before: leaf.not_before,
            not_after: leaf.not_after,
            at: self.now(),
            serial,
        })
    }
}
