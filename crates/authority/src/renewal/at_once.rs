//! A renewal that somebody asks for, before its time.

use std::time::Duration;

use hermetic_store::{CertificateRecord, CertificateState, Intent, Origin};
use hermetic_tls::Identity;
use hermetic_x509::{CertificateDetails, Validity};
use tokio::time::timeout;

use super::attempt::PATIENCE;
use crate::error::AuthorityError;
use crate::issuance::{Issued, Wanted};
use crate::{Authority, Request};

impl Authority {
    /// Issues a certificate in the place of this one, now: for the same names, by the same profile and
    /// authority, with a fresh key and the same lifetime. Where this process uses it, the new one is put into
    /// use; others that do find it in the store at their next look, within a minute.
    pub async fn renew(&self, certificate: &CertificateRecord) -> Result<Issued, AuthorityError> {
        renewable(certificate)?;
        let kept = self.inner.upkeep.request_of(certificate.id);
        let request = match &kept {
            Some(request) => request.clone(),
            None => self.accept(same_again(certificate)?).await?,
        };
        let subject = &certificate.subject;
        if !self.lease(subject).await? {
            return Err(AuthorityError::RenewedElsewhere { subject: subject.clone() });
        }
        let attempt = timeout(PATIENCE, self.issue_in_place_of(&request, certificate.id)).await;
        let attempt = attempt.unwrap_or_else(|_| {
            Err(AuthorityError::Certificate(format!("no answer within {} seconds", PATIENCE.as_secs())))
        });
        match attempt {
            Ok(renewed) => {
                let issued = renewed.issued.clone();
                self.put_renewed_into_use(&request, renewed);
                // What is served from the store finds it there.
                self.follow_stored().await;
                Ok(issued)
            }
            Err(error) => {
                self.failed_at_once(subject, &certificate.serial, &error).await;
                Err(error)
            }
        }
    }
}

/// Refuses what can't be renewed, with what can be done in place of it.
fn renewable(certificate: &CertificateRecord) -> Result<(), AuthorityError> {
    let refused = |reason: &str, remedy| {
        let (serial, reason) = (certificate.serial.clone(), reason.to_owned());
        Err(AuthorityError::NotRenewable { serial, reason, remedy })
    };
    if certificate.origin != Origin::Issued {
        return refused("it was not issued here", "import its successor with `hermetic cert import`");
    }
    match certificate.profile.as_str() {
        Wanted::OF_AUTHORITIES => {
            return refused("it is an authority's", "`hermetic ca rotate` makes the next generation");
        }
        Intent::OCSP => return refused("it answers OCSP", "it is renewed by itself"),
        _ => {}
    }
    match certificate.state {
        CertificateState::Issued if certificate.sealed_key.is_none() => {
            refused("its key is elsewhere", "issue from a new request with `hermetic cert issue --csr`")
        }
        CertificateState::Issued => Ok(()),
        CertificateState::Revoked => refused("it is revoked", "issue another with `hermetic cert issue`"),
        CertificateState::Intended | CertificateState::PresumedIssued => {
            refused("nobody has ever had it", "issue another with `hermetic cert issue`")
        }
    }
}

/// What was asked for when this certificate was issued.
pub(crate) fn same_again(certificate: &CertificateRecord) -> Result<Request, AuthorityError> {
    let unclear = |what: &dyn std::fmt::Display| AuthorityError::NotRenewable {
        serial: certificate.serial.clone(),
        reason: format!("what stands in its record is not understood: {what}"),
        remedy: "issue another with `hermetic cert issue`",
    };
    let names = certificate.names.iter().map(|name| name.parse::<Identity>());
    let identities = names.collect::<Result<_, _>>().map_err(|error| unclear(&error))?;
    let issuer = certificate.authority.as_ref().map(|by| by.generation.name.parse()).transpose();
    let validity = Validity::between(certificate.not_before, certificate.not_after)?;
    let lifetime = Duration::try_from(validity.asked_for(certificate.at)).map_err(|error| unclear(&error))?;
    let details = certificate.certificate.as_deref().map(CertificateDetails::read).transpose()?;
    let distinguished_name = details.map(|details| details.subject).filter(|name| !name.is_empty());
    Ok(Request {
        subject: certificate.subject.clone(),
        profile: certificate.profile.clone(),
        identities,
        distinguished_name,
        lifetime: Some(lifetime),
        issuer: issuer.map_err(|error| unclear(&error))?,
        key: certificate.key_algorithm.parse().map_err(|error| unclear(&error))?,
        replaces: None,
        requester: certificate.requester.clone(),
    })
}
