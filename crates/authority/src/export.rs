//! Certificates that leave the store with their keys: where the profile that they were made by allows it.

use hermetic_keys::PrivateKey;
use hermetic_store::CertificateRecord;
use hermetic_x509::{Certified, Material};
use serde_json::json;

use crate::Authority;
use crate::error::AuthorityError;

impl Authority {
    /// A certificate with its chain and its private key, which leaves the store by this. That it does is durable
    /// in the journal before it is given; what is refused stands there, too. To be written under a passphrase
    /// alone.
    pub async fn export(&self, certificate: &CertificateRecord) -> Result<Material, AuthorityError> {
        let exported = self.export_allowed(certificate).await;
        if let Err(error) = &exported
            && error.is_wrong_request()
        {
            let body = json!({
                "subject": certificate.subject,
                "serial": certificate.serial,
                "act": "export",
                "result": error.to_string(),
            });
            if let Err(error) = self.store.append(self.now(), "request.refused", body).await {
                tracing::error!(%error, "a refused export could not be written to the journal");
            }
        }
        exported
    }

    async fn export_allowed(&self, certificate: &CertificateRecord) -> Result<Material, AuthorityError> {
        if certificate.sealed_key.is_none() {
            return Err(AuthorityError::KeyElsewhere(certificate.serial.clone()));
        }
        if !certificate.exportable {
            let CertificateRecord { serial, profile, .. } = certificate.clone();
            return Err(AuthorityError::NotExportable { serial, profile });
        }
        let opened = self.chain_and_key(certificate).await?;
        let (chain, secret) =
            opened.ok_or_else(|| AuthorityError::KeyElsewhere(certificate.serial.clone()))?;
        let (leaf, behind) = (chain.leaf().clone(), chain.certificates().iter().skip(1).cloned().collect());
        let material = Material::new(Certified { leaf, chain: behind }, PrivateKey::from_pkcs8(&secret)?)?;
        // What it holds counts, should it have changed since it was read.
        self.store.export(certificate.id, self.now()).await?;
        Ok(material)
    }
}
