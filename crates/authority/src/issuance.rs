//! Issuance: recorded before it is signed, and again before it is answered.

use der::Encode;
use hermetic_store::{CertificateId, CertificateRecord, CertificateState, Intent, Store, StoreError};
use hermetic_tls::{Chain, Credential, PrivateKey};
use zeroize::Zeroizing;

use crate::World;
use crate::error::AuthorityError;
use crate::issuer::Issuer;
use crate::keyring::{Keyring, Owner};
use crate::lint::{self, Purpose};
use crate::public_key::PublicKey;
use crate::request::Accepted;
use crate::signer::{LocalSigner, Signer};
use crate::validity::{self, Life, instant};
use crate::{profile, serial};

/// How many serial numbers are tried. With 159 random bits a second is never needed; a broken source of
/// chance must not keep us here for ever.
const SERIALS: usize = 3;

/// What issuance works with.
#[derive(Debug)]
pub(crate) struct Issuance {
    pub(crate) store: Store,
    pub(crate) world: World,
    pub(crate) keyring: Keyring,
    pub(crate) issuer: Issuer,
}

/// A certificate that was issued, as it is used and as it is recorded.
#[derive(Debug)]
pub(crate) struct Issued {
    pub(crate) credential: Credential,
    pub(crate) record: CertificateRecord,
}

/// A certificate before its signature.
struct Draft {
    to_be_signed: Vec<u8>,
    record: CertificateRecord,
}

impl Issuance {
    /// Issues a certificate with a fresh key.
    ///
    /// Signing first and storing after is how certificates came to exist that no record knew
    /// (letsencrypt/boulder#1343, #5887, #6807); therefore the order of these steps. One that was intended
    /// is never signed twice: whatever fails after step 2 gives its serial number up.
    pub(crate) async fn issue(&self, request: &Accepted) -> Result<Issued, AuthorityError> {
        self.issue_for(request, Life::Ahead).await
    }

    /// The same for a life that may be over already.
    pub(crate) async fn issue_for(&self, request: &Accepted, life: Life) -> Result<Issued, AuthorityError> {
        let (key, secret) = LocalSigner::generate()?;
        let key = PublicKey::from_der(key.public_key())?;

        // Steps 1 and 2, again with another serial number where one was used already.
        let (draft, id) = self.intend(request, life, &key).await?;

        // Step 3: sign. It may be slow; no lock and no transaction waits with us. A crash, or a caller who
        // stops waiting, leaves the intent, and perhaps a certificate that nobody has seen.
        let signature = self.issuer.sign(&draft.to_be_signed).await?;

        // Step 4: join and read back. Leaves the same as step 3.
        let leaf = self.issuer.certify(&draft.to_be_signed, &signature)?;
        let issued = self.finish(draft, &leaf, secret)?;

        // Step 5: record the certificate and its sealed key. A crash leaves it for the next start to find.
        self.store.issued(id, issued.record.clone()).await?;

        // Step 6: answer. Whoever has it, the store knows it.
        Ok(issued)
    }

    async fn intend(
        &self,
        request: &Accepted,
        life: Life,
        key: &PublicKey,
    ) -> Result<(Draft, CertificateId), AuthorityError> {
        let mut tries = 1;
        loop {
            // Step 1: build the bytes and look at them. A crash leaves nothing.
            let draft = self.draft(request, life, key)?;

            // Step 2: record the intent. A crash leaves it, and the next start presumes it issued.
            match self.store.intend(draft.intent()).await {
                Ok(id) => return Ok((draft, id)),
                Err(StoreError::SerialTaken(_)) if tries < SERIALS => tries += 1,
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn draft(&self, request: &Accepted, life: Life, key: &PublicKey) -> Result<Draft, AuthorityError> {
        let now = self.world.clock.now();
        let identities = request.identities_as_text();
        let request = request.request();
        let serial = serial::draw(&*self.world.randomness)?;
        let record_serial = serial::hex(&serial);
        let validity = match life {
            Life::Ahead => validity::of_leaf(now, request.lifetime, self.issuer.certificate())?,
            Life::Over { ago } => validity::over(now, request.lifetime, ago)?,
        };
        let leaf = profile::leaf(&self.issuer, key, serial, validity, &request.identities, request.usage)?;
        let to_be_signed = leaf.to_der()?;
        let purpose = match life {
            Life::Ahead => Purpose::Leaf(&request.identities, request.usage),
            Life::Over { .. } => Purpose::ExpiredLeaf(&request.identities, request.usage, now),
        };
        lint::check(&to_be_signed, purpose, Some(&self.issuer))?;
        let record = CertificateRecord {
            serial: record_serial,
            state: CertificateState::Intended,
            authority: self.issuer.name().to_owned(),
            subject: request.subject.clone(),
            identities,
            chain_pem: String::new(),
            sealed_key: None,
            not_before: instant(validity.not_before)?,
            not_after: instant(validity.not_after)?,
            at: now,
        };
        Ok(Draft { to_be_signed, record })
    }

    fn finish(
        &self,
        draft: Draft,
        leaf: &[u8],
        secret: Zeroizing<Vec<u8>>,
    ) -> Result<Issued, AuthorityError> {
        let ders = [leaf].into_iter().chain(self.issuer.chain().certificates().iter().map(|c| &*c.der));
        let chain = Chain::from_ders(ders)?;
        let record = CertificateRecord {
            state: CertificateState::Issued,
            chain_pem: chain.to_pem(),
            sealed_key: Some(self.keyring.seal(Owner::Certificate(&draft.record.serial), &secret)?),
            ..draft.record
        };
        let credential = Credential::new(chain, PrivateKey::from_pkcs8(secret.to_vec())?)?;
        Ok(Issued { credential, record })
    }
}

impl Draft {
    fn intent(&self) -> Intent {
        let record = self.record.clone();
        Intent {
            serial: record.serial,
            authority: record.authority,
            to_be_signed: self.to_be_signed.clone(),
            subject: record.subject,
            identities: record.identities,
            not_before: record.not_before,
            not_after: record.not_after,
            at: record.at,
        }
    }
}
