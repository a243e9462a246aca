//! Issuance: recorded before it is signed, and again before it is answered.

mod acceptance;
mod issued;
mod party;
mod profiles;
mod publication;
mod refusal;
mod request;
pub(crate) mod serial;
mod wanted;

pub(crate) use acceptance::Accepted;
pub use issued::Issued;
pub(crate) use issued::behind;
pub(crate) use party::{IssuedCredential, Life};
pub use profiles::Profiles;
pub use refusal::Refusal;
pub use request::Request;
pub(crate) use wanted::Wanted;

use std::sync::Arc;

use hermetic_keys::{Owner, Signer};
use hermetic_store::{CertificateId, IssuedCertificate, StoreError};
use hermetic_tls::Serial;
use hermetic_x509::assemble;

use crate::Authority;
use crate::authorities::CertificateAuthority;
use crate::error::AuthorityError;

/// How many serial numbers are tried. With 159 random bits a second is never needed; a broken source of
/// chance must not keep us here for ever.
const SERIALS: usize = 3;

/// What is about to be signed, and recorded as such.
struct Intended {
    id: CertificateId,
    serial: Serial,
    to_be_signed: Vec<u8>,
}

impl Authority {
    /// Certifies what is wanted, by this issuer.
    ///
    /// Signing first and storing after is how certificates came to exist that no record knew
    /// (letsencrypt/boulder#1343, #5887, #6807); therefore the order of these steps. One that was intended
    /// is never signed twice: whatever fails after step 2 gives its serial number up.
    pub(crate) async fn certify(
        &self,
        issuer: &Arc<CertificateAuthority>,
        wanted: &Wanted<'_>,
    ) -> Result<Issued, AuthorityError> {
        let _open = self.inner.gate.read().await;
        let signer = issuer.signer(&self.inner.keys).await?;

        // Steps 1 and 2, again with another serial number where one was used already.
        let intended = self.intend(issuer, wanted).await?;

        // A crash in steps 3 to 5, or a caller who stops waiting, leaves the intent, and perhaps a certificate
        // that nobody has seen; a sweep presumes it issued once this process is gone.
        let IssuedCertificate { certificate, at, .. } = match self.fulfil(&intended, &**signer, wanted).await
        {
            Ok(record) => record,
            Err(error) => {
                self.give_up(&intended).await;
                return Err(error);
            }
        };

        // Step 6: answer. Whoever has it, the store knows it.
        let Intended { id, serial, .. } = intended;
        let (not_before, not_after) = (wanted.validity.begin(), wanted.validity.end());
        Ok(Issued { id, serial, certificate, issuer: issuer.clone(), not_before, not_after, at })
    }

    async fn intend(
        &self,
        issuer: &CertificateAuthority,
        wanted: &Wanted<'_>,
    ) -> Result<Intended, AuthorityError> {
        let mut tries = 1;
        loop {
            // Step 1: build the bytes and look at them. A crash leaves nothing.
            let serial = serial::draw(&*self.inner.world.randomness)?;
            let to_be_signed = (wanted.draft)(&serial)?;

            // Step 2: record the intent, if the issuer still issues. A crash leaves it, and a sweep presumes
            // it issued once this process is gone.
            let now = self.now();
            match self.store.intend(wanted.intent(issuer, &serial, to_be_signed.clone(), now)).await {
                Ok(id) => return Ok(Intended { id, serial, to_be_signed }),
                Err(StoreError::SerialTaken(_)) if tries < SERIALS => tries += 1,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Makes a certificate of an intent, and gives what was recorded of it.
    async fn fulfil(
        &self,
        Intended { id, serial, to_be_signed }: &Intended,
        signer: &dyn Signer,
        wanted: &Wanted<'_>,
    ) -> Result<IssuedCertificate, AuthorityError> {
        // Step 3: sign. It may be slow; no lock and no transaction waits with us.
        let signature = signer.sign(to_be_signed).await?;

        // Step 4: join and read back: the very bytes that were recorded, and a signature that verifies.
        let certificate = assemble(to_be_signed, signer.algorithm(), &signature, signer.public_key())?;
        let sealed_key = match wanted.secret {
            Some(secret) => {
                let owner = Owner::Certificate(&serial.to_string());
                Some(self.inner.keys.keyring().seal(owner, secret).await?)
            }
            None => None,
        };

        // Step 5: record the certificate and its sealed key.
        let record = IssuedCertificate { certificate, sealed_key, at: self.now() };
        self.store.issued(*id, record.clone()).await?;
        Ok(record)
    }

    /// Presumes issued what was intended and failed. Where step 5 failed only after it was recorded, it stays
    /// issued.
    async fn give_up(&self, Intended { id, serial, .. }: &Intended) {
        if let Err(error) = self.store.give_up(*id, self.now()).await {
            tracing::error!(%serial, %error, "a failed issuance can't be given up before this process is gone");
        }
    }
}
