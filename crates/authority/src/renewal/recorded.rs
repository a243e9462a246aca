//! Certificates of the record that are used again, or that another node issued.

use hermetic_keys::Owner;
use hermetic_store::{CertificateId, CertificateRecord, Origin};
use hermetic_tls::{Certificate, Chain, Credential, PrivateKey};
use jiff::Timestamp;
use zeroize::Zeroizing;

use super::{InUse, schedule};
use crate::Authority;
use crate::authorities::State;
use crate::error::AuthorityError;
use crate::issuance::{Accepted, behind};

impl Authority {
    /// The newest recorded certificate that serves this request, and came after `than`.
    pub(super) async fn recorded(
        &self,
        request: &Accepted,
        than: Option<CertificateId>,
    ) -> Result<Option<InUse>, AuthorityError> {
        let now = self.now();
        let records = self.store.unexpired(&request.request().subject, now).await?;
        self.newest_of(&records, request, than, now).await
    }

    /// The same of records that were read already, the newest first.
    pub(super) async fn newest_of(
        &self,
        records: &[CertificateRecord],
        request: &Accepted,
        than: Option<CertificateId>,
        now: Timestamp,
    ) -> Result<Option<InUse>, AuthorityError> {
        for record in records {
            if than.is_some_and(|than| record.id <= than) {
                break;
            }
            if !self.serves(record, request, now) {
                continue;
            }
            match self.reopen(record).await {
                Ok(Some(in_use)) => return Ok(Some(in_use)),
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(serial = record.serial, %error, "a recorded certificate can't be used");
                }
            }
        }
        Ok(None)
    }

    fn serves(&self, record: &CertificateRecord, request: &Accepted, now: Timestamp) -> bool {
        // One that would outlive what is asked for now was made under longer terms.
        let longest = now.checked_add(request.approved().lifetime).unwrap_or(Timestamp::MAX);
        let terms = self.terms();
        let issuer = request.request().issuer.as_ref().unwrap_or(&terms.issuer);
        record.names == request.names_as_text()
            && record.profile == request.profile().name()
            && record.key_algorithm == request.request().key.name()
            && record.authority.as_ref().is_some_and(|by| by.generation.name == issuer.as_str())
            && record.not_before <= now
            && record.not_after <= longest
            && schedule::worth_keeping(record.at, record.not_after, terms.renew_at, now)
    }

    /// What a record holds, whoever made it; `None` where nobody here can use it.
    pub(crate) async fn reopen(&self, record: &CertificateRecord) -> Result<Option<InUse>, AuthorityError> {
        let Some((chain, key)) = self.chain_and_key(record).await? else { return Ok(None) };
        let credential = Credential::new(chain, PrivateKey::from_pkcs8(key.to_vec())?)?;
        let (id, made_at, not_after) = (record.id, record.at, record.not_after);
        Ok(Some(InUse { credential, id, made_at, not_after }))
    }

    /// The certificate of a record with those above it, and its private key in PKCS#8.
    pub(crate) async fn chain_and_key(
        &self,
        record: &CertificateRecord,
    ) -> Result<Option<(Chain, Zeroizing<Vec<u8>>)>, AuthorityError> {
        let (Some(certificate), Some(sealed)) = (&record.certificate, &record.sealed_key) else {
            return Ok(None);
        };
        let Some(chain) = self.chain_behind(certificate, record)? else { return Ok(None) };
        let key = self.inner.keys.keyring().open(Owner::Certificate(&record.serial), sealed).await?;
        Ok(Some((chain, key)))
    }

    /// A certificate with those above it, as they are handed out.
    fn chain_behind(
        &self,
        certificate: &[u8],
        record: &CertificateRecord,
    ) -> Result<Option<Chain>, AuthorityError> {
        if record.origin != Origin::Issued {
            let leaf = Certificate::from_der(certificate)?.to_pem();
            return Ok(Some(Chain::from_pem(&(leaf + &record.issuers_pem))?));
        }
        let authorities = self.authorities_now();
        let now = self.now();
        let issuer = record.authority.as_ref().and_then(|by| authorities.by_id(by.id));
        // What a deleted authority signed is believed by nobody who has heard of it.
        let Some(issuer) = issuer.filter(|issuer| issuer.state(now) != State::Deleted) else {
            return Ok(None);
        };
        behind(certificate, issuer, now).map(Some)
    }
}
