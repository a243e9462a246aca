//! OCSP answers: signed when a certificate is asked for first, kept, and from then on signed ahead. A million
//! certificates that nobody asks for cost no signature.

use std::collections::BTreeMap;
use std::sync::Arc;

use hermetic_store::{CertificateRecord, CertificateState, Generation, OcspAnswerRecord, SignedOcspAnswer};
use hermetic_x509::Revocation;
use hermetic_x509::ocsp::{
    AnswerDraft, CertificateId, HashAlgorithm, IssuerHashes, Nonce, SingleAnswer, Status, assemble,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{reason_of, serial_of};
use crate::Authority;
use crate::authorities::{Act, CertificateAuthority};
use crate::error::AuthorityError;

/// How many answers are signed ahead in one round.
const A_ROUND: usize = 512;

/// How many are kept in one transaction, and stand in one journal entry.
const KEPT_AT_ONCE: usize = 64;

/// How often an answer is signed for a certificate that changes meanwhile, before that is an error.
const TRIES: usize = 4;

impl Authority {
    /// Signs anew the answers that are past half of their time, of certificates that have not run out. Failures
    /// are logged, and tried again when this is called next; what one authority can't sign keeps no other's.
    pub async fn sign_due_answers(&self) {
        self.tell_of_single_answers().await;
        let now = self.now();
        let half = SignedDuration::try_from(self.terms().ocsp_lifetime / 2).unwrap_or(SignedDuration::MAX);
        let due =
            self.store.stale_ocsp_answers(now.checked_add(half).unwrap_or(Timestamp::MAX), A_ROUND).await;
        let outcome = match due {
            Ok(due) => self.sign_again(&due, now).await,
            Err(error) => Err(error.into()),
        };
        if let Err(error) = outcome {
            tracing::error!(%error, "OCSP answers can't be signed ahead; tried again");
        }
    }

    async fn sign_again(&self, due: &[OcspAnswerRecord], now: Timestamp) -> Result<(), AuthorityError> {
        let (mut signed, mut failures) = (Vec::new(), BTreeMap::<_, (AuthorityError, usize)>::new());
        for answer in due {
            let Some((authority, record)) = self.still_about(answer, now).await? else { continue };
            // What keeps one from being signed keeps the others, such as a token that is gone.
            if let Some((_, unsigned)) = failures.get_mut(&authority.generation().to_string()) {
                *unsigned += 1;
                continue;
            }
            match self.signed_ahead(&authority, &record).await {
                Ok(answer) => signed.push(answer),
                Err(error) => drop(failures.insert(authority.generation().to_string(), (error, 1))),
            }
            if signed.len() == KEPT_AT_ONCE {
                self.store.put_ocsp_answers(std::mem::take(&mut signed), self.now()).await?;
            }
        }
        // An answer whose certificate changed meanwhile is gone, and signed when it is asked for.
        self.store.put_ocsp_answers(signed, self.now()).await?;
        for (authority, (error, unsigned)) in failures {
            tracing::error!(authority, unsigned, %error, "OCSP answers can't be signed ahead; tried again");
        }
        Ok(())
    }

    /// The certificate that an answer is about and its issuer, where it is worth another answer. Asked for, one
    /// that has run out gets it; till then nobody keeps an answer about it.
    async fn still_about(
        &self,
        answer: &OcspAnswerRecord,
        now: Timestamp,
    ) -> Result<Option<(Arc<CertificateAuthority>, CertificateRecord)>, AuthorityError> {
        let Some(record) = self.store.certificate_by_id(answer.certificate).await? else { return Ok(None) };
        let authorities = self.authorities_now();
        let issuer = record.authority.as_ref().and_then(|issuer| authorities.by_id(issuer.id)).cloned();
        let Some(authority) = issuer else { return Ok(None) };
        let is_over = record.not_after <= now || !authority.state(now).allows(Act::AnswerOcsp);
        if is_over || answer.next_update >= authority.not_after().unwrap_or(Timestamp::MAX) {
            if answer.next_update <= now {
                self.store.drop_ocsp_answer(answer.certificate).await?;
            }
            return Ok(None);
        }
        Ok(Some((authority, record)))
    }

    /// Enters in the journal how many answers were signed for single requests since it was asked last. An entry
    /// for each would let strangers fill the disk.
    pub(super) async fn tell_of_single_answers(&self) {
        let signed = std::mem::take(&mut *self.inner.single_answers.lock().await);
        for (authority, answers) in signed {
            let Some(authority) = self.authorities_now().by_id(authority).cloned() else { continue };
            let Generation { name, generation } = authority.generation();
            let key = json!({ "generation": generation });
            let body = json!({ "authority": name, "key": key, "answers": answers });
            if let Err(error) = self.store.append(self.now(), "ocsp.signed", body).await {
                tracing::error!(%error, "that OCSP answers were signed can't be written to the journal; tried again");
                *self.inner.single_answers.lock().await.entry(authority.id()).or_default() += answers;
            }
        }
    }

    /// The answer about a certificate, as it is kept or signed now.
    pub(super) async fn answer_ahead(
        &self,
        authority: &CertificateAuthority,
        record: &CertificateRecord,
    ) -> Result<OcspAnswerRecord, AuthorityError> {
        // One from before a revocation is not kept: the same transaction ends it.
        let kept = self.store.ocsp_answer(record.id).await?;
        let now = self.now();
        if let Some(kept) = kept.filter(|kept| kept.next_update > now) {
            return Ok(kept);
        }
        for _ in 0..TRIES {
            let signed = self.signed_ahead(authority, record).await?;
            let answer = signed.answer.clone();
            if self.store.put_ocsp_answers(vec![signed], self.now()).await?.is_empty() {
                return Ok(answer);
            }
        }
        Err(AuthorityError::Certificate(format!("{} changes all the time", record.serial)))
    }

    async fn signed_ahead(
        &self,
        authority: &CertificateAuthority,
        record: &CertificateRecord,
    ) -> Result<SignedOcspAnswer, AuthorityError> {
        let damaged = || AuthorityError::Certificate(format!("the serial number {} is none", record.serial));
        let serial = serial_of(&record.serial).ok_or_else(damaged)?;
        let hashes = IssuerHashes::of(authority.certificate_to_sign_by()?)?;
        // The one that RFC 5019 has everybody ask by.
        let id = CertificateId::new(&hashes, HashAlgorithm::Sha1, &serial)?;
        let this_update = self.now();
        let looked = self.store.certificate_by_id(record.id).await?;
        let state = looked.as_ref().map_or(record.state, |looked| looked.state);
        let status = looked.as_ref().map_or(Status::Unknown, status);
        let (der, next_update) = self.answer(authority, &[(&id, status)], this_update, None).await?;
        let answer = OcspAnswerRecord { certificate: record.id, this_update, next_update, der };
        Ok(SignedOcspAnswer { answer, state })
    }

    /// A signed answer, and until when it is good.
    pub(super) async fn answer(
        &self,
        authority: &CertificateAuthority,
        about: &[(&CertificateId, Status)],
        this_update: Timestamp,
        nonce: Option<&Nonce>,
    ) -> Result<(Vec<u8>, Timestamp), AuthorityError> {
        let end = this_update.checked_add(self.terms().ocsp_lifetime).unwrap_or(Timestamp::MAX);
        let next_update = authority.not_after().map_or(end, |not_after| not_after.min(end));
        let single =
            |&(certificate, status): &(_, _)| SingleAnswer { certificate, status, this_update, next_update };
        let answers: Vec<_> = about.iter().map(single).collect();
        let signer = authority.signer(&self.inner.keys).await?;
        let responder = signer.public_key();
        let draft = AnswerDraft { responder, produced_at: this_update, answers: &answers, nonce };
        let to_be_signed = draft.to_der()?;
        let signature = signer.sign(&to_be_signed).await?;
        let der = assemble(&to_be_signed, signer.algorithm(), &signature, responder, &[])?;
        Ok((der, next_update))
    }
}

/// How a certificate stands. What is only intended is nobody's yet, and not known.
pub(super) fn status(record: &CertificateRecord) -> Status {
    match (&record.revocation, record.state) {
        (Some(revoked), _) => {
            Status::Revoked(Revocation { at: revoked.at, reason: reason_of(revoked.reason) })
        }
        (None, CertificateState::Issued | CertificateState::PresumedIssued) => Status::Good,
        (None, _) => Status::Unknown,
    }
}
