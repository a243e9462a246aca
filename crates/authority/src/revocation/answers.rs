//! OCSP answers: signed when a certificate is asked for first, kept, and from then on signed ahead. A million
//! certificates that nobody asks for cost no signature.

use hermetic_store::{CertificateRecord, CertificateState, OcspAnswerRecord};
use hermetic_x509::Revocation;
use hermetic_x509::ocsp::{
    AnswerDraft, CertificateId, HashAlgorithm, IssuerHashes, Nonce, SingleAnswer, Status, assemble,
};
use jiff::{SignedDuration, Timestamp};

use super::{reason_of, serial_of};
use crate::Authority;
use crate::authorities::{Act, CertificateAuthority};
use crate::error::AuthorityError;

/// How many answers are signed ahead in one round.
const A_ROUND: usize = 512;

impl Authority {
    /// Signs anew the answers that are past half of their time, of certificates that have not run out. Failures
    /// are logged, and tried again when this is called next.
    pub async fn sign_due_answers(&self) {
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
        for answer in due {
            let record = self.store.certificate_by_id(answer.certificate).await?;
            let issuer = record.as_ref().and_then(|record| record.authority.as_ref());
            let authorities = self.authorities_now();
            let authority = issuer.and_then(|issuer| authorities.by_id(issuer.id));
            let (Some(record), Some(authority)) = (&record, authority) else { continue };
            let is_over = record.not_after <= now || !authority.state(now).allows(Act::AnswerOcsp);
            // Asked for again, it is signed again; till then nobody keeps an answer about what has run out.
            if is_over || answer.next_update >= authority.not_after().unwrap_or(Timestamp::MAX) {
                if answer.next_update <= now {
                    self.store.drop_ocsp_answer(answer.certificate).await?;
                }
            } else {
                self.sign_and_keep(authority, record).await?;
            }
        }
        Ok(())
    }

    /// The answer about a certificate, as it is kept or signed now.
    pub(super) async fn answer_ahead(
        &self,
        authority: &CertificateAuthority,
        record: &CertificateRecord,
    ) -> Result<OcspAnswerRecord, AuthorityError> {
        let kept = self.store.ocsp_answer(record.id).await?;
        let now = self.now();
        // One from before the revocation is as good as none.
        let is_true = |kept: &OcspAnswerRecord| {
            let after = |revoked: &hermetic_store::Revocation| kept.this_update >= revoked.at;
            kept.next_update > now && record.revocation.as_ref().is_none_or(after)
        };
        match kept.filter(is_true) {
            Some(kept) => Ok(kept),
            None => self.sign_and_keep(authority, record).await,
        }
    }

    async fn sign_and_keep(
        &self,
        authority: &CertificateAuthority,
        record: &CertificateRecord,
    ) -> Result<OcspAnswerRecord, AuthorityError> {
        let damaged = || AuthorityError::Certificate(format!("the serial number {} is none", record.serial));
        let serial = serial_of(&record.serial).ok_or_else(damaged)?;
        let hashes = IssuerHashes::of(authority.certificate_to_sign_by()?)?;
        // The one that RFC 5019 has everybody ask by.
        let id = CertificateId::new(&hashes, HashAlgorithm::Sha1, &serial)?;
        // The time before the look: a revocation after it has a later answer.
        let this_update = self.now();
        let looked = self.store.certificate_by_id(record.id).await?;
        let status = looked.as_ref().map_or(Status::Unknown, status);
        let (der, next_update) = self.answer(authority, &[(&id, status)], this_update, None).await?;
        let answer = OcspAnswerRecord { certificate: record.id, this_update, next_update, der };
        self.store.put_ocsp_answers(vec![answer.clone()]).await?;
        Ok(answer)
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
