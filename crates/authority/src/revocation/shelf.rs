//! What is published, as it is looked up for whoever asks over HTTP.

use std::sync::Arc;

use hermetic_store::{CertificateRecord, CertificateState};
use hermetic_x509::crl::Shard;
use hermetic_x509::ocsp::{CertificateId, IssuerHashes, Refusal, Request};
use hermetic_x509::publication::{Dates, Document, Publisher, Shelf, StatusAnswer, Unavailable};

use super::answers::status;
use crate::Authority;
use crate::authorities::{Act, CertificateAuthority};
use crate::error::AuthorityError;

impl Shelf for Authority {
    async fn revocation_list(&self, of: &Publisher, shard: Shard) -> Result<Option<Document>, Unavailable> {
        let Some(authority) = self.publishing(of) else { return Ok(None) };
        let kept = self.store.revocation_list(authority.id(), shard.number().into()).await;
        let kept = kept.map_err(|error| unavailable(&error.into()))?;
        Ok(kept.map(|list| {
            let dates = Dates { this_update: list.this_update, next_update: list.next_update };
            Document::dated(list.der, dates)
        }))
    }

    async fn status(&self, of: &Publisher, request: &Request) -> Result<StatusAnswer, Refusal> {
        let authority = self.publishing(of).ok_or(Refusal::Unauthorized)?;
        if !authority.state(self.now()).allows(Act::AnswerOcsp) {
            return Err(Refusal::Unauthorized);
        }
        let (mut records, failed) = (Vec::new(), |error: AuthorityError| {
            unavailable(&error);
            Refusal::TryLater
        });
        for id in request.certificates() {
            records
                .push((id, self.asked(&authority, id).await.map_err(failed)?.ok_or(Refusal::Unauthorized)?));
        }
        match (request.lightweight(), records.as_slice()) {
            // As RFC 5019 has it, a nonce changes nothing: a signature for each request would be a weapon.
            (Some(_), [(_, record)]) => {
                let answer = self.answer_ahead(&authority, record).await.map_err(failed)?;
                let dates = Dates { this_update: answer.this_update, next_update: answer.next_update };
                Ok(StatusAnswer::Ahead(Document::dated(answer.der, dates)))
            }
            _ => self.signed_for(&authority, request, &records).await,
        }
    }

    async fn certificate(&self, of: &Publisher) -> Result<Option<Document>, Unavailable> {
        let authority = self.publishing(of);
        let chain = authority.as_ref().and_then(|authority| authority.chain());
        Ok(chain.map(|chain| Document::undated(chain.leaf().der.to_vec())))
    }
}

impl Authority {
    fn publishing(&self, of: &Publisher) -> Option<Arc<CertificateAuthority>> {
        self.authorities_now().all().iter().find(|authority| authority.publisher() == of).cloned()
    }

    /// What is known of a certificate that somebody asks for; `None` where it is not this authority's.
    async fn asked(
        &self,
        authority: &CertificateAuthority,
        id: &CertificateId,
    ) -> Result<Option<CertificateRecord>, AuthorityError> {
        if !id.is_of(&IssuerHashes::of(authority.certificate_to_sign_by()?)?) {
            return Ok(None);
        }
        let found = self.store.certificate_of(authority.id(), &id.serial().to_string()).await?;
        Ok(found.filter(|record| record.state != CertificateState::Intended))
    }

    /// An answer for this request alone: about several certificates, or by SHA-256. Few are signed at once.
    async fn signed_for(
        &self,
        authority: &CertificateAuthority,
        request: &Request,
        records: &[(&CertificateId, CertificateRecord)],
    ) -> Result<StatusAnswer, Refusal> {
        let _turn = self.inner.answering.try_acquire().map_err(|_| Refusal::TryLater)?;
        let about: Vec<_> = records.iter().map(|(id, record)| (*id, status(record))).collect();
        let this_update = self.now();
        let signed = self.answer(authority, &about, this_update, request.nonce()).await;
        let (der, next_update) = signed.map_err(|error| {
            unavailable(&error);
            Refusal::TryLater
        })?;
        *self.inner.single_answers.lock().await.entry(authority.id()).or_default() += 1;
        Ok(StatusAnswer::Fresh(Document::dated(der, Dates { this_update, next_update })))
    }
}

fn unavailable(error: &AuthorityError) -> Unavailable {
    tracing::error!(%error, "what is published can't be looked up or signed");
    Unavailable
}
